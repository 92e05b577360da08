using Microsoft.AspNetCore.Http;
using Sift.Web.Studio;
using Sift.Web.Tests.Testing;

namespace Sift.Web.Tests.Studio;

[Collection(SiftServerCollection.Name)]
public sealed class HostPageTests(SiftServer server) : IDisposable
{
    private readonly string directory = Directory.CreateTempSubdirectory("sift-studio-files-").FullName;

    [Fact]
    public async Task Without_the_package_the_page_says_what_to_do()
    {
        var page = await server.Client.GetStringAsync("/studio/workflows/definitions");

        Assert.Contains("apt-get install nodejs npm", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_page_allows_no_scripts_but_its_own_and_the_two_of_the_elements()
    {
        var response = await server.Client.GetAsync("/studio/workflows/definitions");

        var policy = response.Headers.GetValues("Content-Security-Policy").Single();
        Assert.Contains("default-src 'none'", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("'unsafe-eval'", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("script-src 'self' 'unsafe-inline'", policy, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_elements_are_told_to_log_warnings_only()
    {
        var settings = await server.Client.GetStringAsync("/studio/appsettings.json");

        Assert.Equal("Warning", (string?)System.Text.Json.Nodes.JsonNode.Parse(settings)!["Logging"]!["LogLevel"]!["Default"]);
    }

    [Fact]
    public async Task Links_of_the_viewer_that_begin_at_the_root_are_led_to_the_studio()
    {
        var response = await server.Browser().GetAsync("/workflows/definitions/abc/edit");

        Assert.Equal("/studio/workflows/definitions/abc/edit", response.Headers.Location!.ToString());
    }

    [Theory]
    [InlineData("br", "br")]
    [InlineData("gzip, br", "br")]
    [InlineData("gzip", "gzip")]
    [InlineData("gzip;q=0", null)]
    [InlineData("", null)]
    public async Task A_compressed_copy_is_served_with_the_type_of_the_original(string accepts, string? coding)
    {
        Write("_framework/dotnet.js", "script");
        var (context, body) = await ServeAsync("_framework/dotnet.js", accepts);

        Assert.Equal(coding, context.Response.Headers.ContentEncoding.ToString() is { Length: > 0 } given ? given : null);
        Assert.StartsWith("text/javascript", context.Response.ContentType, StringComparison.Ordinal);
        Assert.Equal("Accept-Encoding", context.Response.Headers.Vary.ToString());
        Assert.Equal(coding switch { "br" => ".br", "gzip" => ".gz", _ => "" }, body["script".Length..]);
    }

    [Theory]
    [InlineData("_framework/dotnet.native.8gwncm7f9m.wasm", true)]
    [InlineData("_framework/blazor.webassembly.js", false)]
    [InlineData("_content/MudBlazor/MudBlazor.min.js", false)]
    public async Task Only_names_with_a_fingerprint_are_kept_for_ever(string name, bool forEver)
    {
        Write(name, "x");
        var (context, _) = await ServeAsync(name, "");

        Assert.Equal(forEver, context.Response.Headers.CacheControl.ToString().Contains("immutable", StringComparison.Ordinal));
        Assert.NotEmpty(context.Response.Headers.ETag.ToString());
    }

    [Fact]
    public async Task The_icu_data_is_served()
    {
        Write("_framework/icudt.abcdefghij.dat", "data");
        var (context, _) = await ServeAsync("_framework/icudt.abcdefghij.dat", "");

        Assert.Equal("application/octet-stream", context.Response.ContentType);
    }

    [Theory]
    [InlineData("../secret.txt")]
    [InlineData("_framework/../../secret.txt")]
    [InlineData("copied.stamp")]
    public void Nothing_else_is_served(string path)
    {
        Write("copied.stamp", "x");

        Assert.Null(new StudioFiles(directory).Serve(new DefaultHttpContext(), path));
    }

    public void Dispose() => Directory.Delete(directory, recursive: true);

    private void Write(string name, string content)
    {
        var path = Path.Combine(directory, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, content);
        File.WriteAllText(path + ".br", content + ".br");
        File.WriteAllText(path + ".gz", content + ".gz");
    }

    private async Task<(HttpContext Context, string Body)> ServeAsync(string name, string accepts)
    {
        var context = new DefaultHttpContext { RequestServices = server.Services };
        context.Request.Method = "GET";
        context.Request.Headers.AcceptEncoding = accepts;
        using var body = new MemoryStream();
        context.Response.Body = body;
        await new StudioFiles(directory).Serve(context, name)!.ExecuteAsync(context);
        return (context, System.Text.Encoding.UTF8.GetString(body.ToArray()));
    }
}
