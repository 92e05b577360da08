using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Sift.Web.Tests.Testing;

namespace Sift.Web.Tests.Hosting;

[Collection(SiftServerCollection.Name)]
public sealed class OpenApiTests(SiftServer server)
{
    /// <summary>To renew the committed document: SIFT_UPDATE_OPENAPI=1 dotnet test --filter OpenApiTests.</summary>
    [Fact]
    public async Task The_committed_document_is_what_the_server_says()
    {
        var path = Path.Combine(Root(), "docs", "api", "openapi.json");
        var served = JsonNode.Parse(await server.Anonymous.GetStringAsync("/openapi.json"))!;
        if (Environment.GetEnvironmentVariable("SIFT_UPDATE_OPENAPI") == "1")
        {
            await File.WriteAllTextAsync(path, served.ToJsonString(new() { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }) + "\n");
        }

        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(await File.ReadAllTextAsync(path)), served), "docs/api/openapi.json is not what the server serves; see the remark of this test");
    }

    [Fact]
    public async Task Every_operation_is_described_and_says_how_it_fails()
    {
        var document = JsonNode.Parse(await server.Anonymous.GetStringAsync("/openapi.json"))!;
        var operations = document["paths"]!.AsObject().SelectMany(path => path.Value!.AsObject().Select(operation => (Name: $"{operation.Key} {path.Key}", Value: operation.Value!))).ToList();
        Assert.True(operations.Count >= 20);
        foreach (var (name, operation) in operations)
        {
            Assert.False(string.IsNullOrEmpty(operation["summary"]?.GetValue<string>()), name);
            Assert.NotNull(operation["responses"]!["401"]);
            // Definitions are JSON documents, and what only changes a state has no body.
            var takesForms = !name.Contains("/v0/workflows", StringComparison.Ordinal) && !name.EndsWith("/cancel", StringComparison.Ordinal) && !name.EndsWith("/retry", StringComparison.Ordinal);
            if (takesForms && !HasNoBody(name) && (name.StartsWith("post", StringComparison.Ordinal) || name.StartsWith("patch", StringComparison.Ordinal) || name.StartsWith("put", StringComparison.Ordinal)))
            {
                Assert.NotNull(operation["requestBody"]!["content"]!["application/x-www-form-urlencoded"]);
            }
        }
    }

    // What is done to one thing, where there is nothing more to say.
    private static bool HasNoBody(string name)
        => name is "post /v0/webhooksecrets" || name.EndsWith("/pause", StringComparison.Ordinal) || name.EndsWith("/resume", StringComparison.Ordinal) || name.EndsWith("}/redeliver", StringComparison.Ordinal);

    [Fact]
    public async Task The_page_asks_nothing_of_other_servers()
    {
        var page = await server.Anonymous.GetStringAsync("/docs/index.html");
        Assert.DoesNotContain("src=\"http", page, StringComparison.Ordinal);
        Assert.DoesNotContain("href=\"http", page, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await server.Anonymous.GetAsync("/docs/swagger-ui-bundle.js")).StatusCode);
        Assert.Contains("/openapi.json", await server.Anonymous.GetStringAsync("/docs/index.js"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Health_readiness_and_metrics_need_no_credentials()
    {
        Assert.Equal(HttpStatusCode.OK, (await server.Anonymous.GetAsync("/healthz")).StatusCode);
        Assert.Equal("ready", (await SiftServer.JsonAsync(await server.Anonymous.GetAsync("/readyz")))["status"]!.GetValue<string>());
        await server.Client.PostAsJsonAsync("/v0/connections", new { phone_number = "+15550300099", status_url = "https://a.example/s" });
        var metrics = await server.Anonymous.GetStringAsync("/metrics");
        Assert.Contains("# TYPE sift_storage_appends_total counter", metrics, StringComparison.Ordinal);
        Assert.Contains("sift_storage_group_size_bucket{le=\"+Inf\"}", metrics, StringComparison.Ordinal);
    }

    private static string Root()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(directory.FullName, "Sift.sln")))
        {
            directory = directory.Parent!;
        }

        return directory.FullName;
    }
}
