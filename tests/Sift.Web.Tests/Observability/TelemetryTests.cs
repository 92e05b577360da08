using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sift.Web.Tests.ConsolePages;
using Sift.Web.Tests.Hosting;
using Sift.Web.Tests.Testing;

namespace Sift.Web.Tests.Observability;

/// <summary>A real call of a real server, its trace collected by OpenTelemetry's own implementation of the protocol.</summary>
public sealed class TelemetryTests : IDisposable
{
    private const string Number = "+15550200009";

    private readonly string directory = Directory.CreateTempSubdirectory("sift-otlp-").FullName;

    public void Dispose() => Directory.Delete(directory, recursive: true);

    [Fact]
    public async Task A_call_arrives_at_a_collector_as_one_trace_of_SIP_steps_and_webhooks_with_the_right_parents()
    {
        using var collector = Process.Start(new ProcessStartInfo("node", [Path.Combine(await NodePackages.DirectoryAsync(), "otlp-collector.js")]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var trouble = collector.StandardError.ReadToEndAsync();
        try
        {
            var port = await collector.StandardOutput.ReadLineAsync();
            await using var receiver = await WebhookReceiver.StartAsync();
            receiver.Reply = """{"routine":[{"name":"Pause","seconds":0.2},{"name":"HangUp"}]}""";
            await using var server = await ServerProcess.StartAsync(directory, new Dictionary<string, string>
            {
                ["Sift__Trunks__0__Name"] = "carrier",
                ["Sift__Trunks__0__Host"] = "127.0.0.1",
                ["Sift__Trunks__0__Port"] = "9",
                ["Sift__Trunks__0__KeepAliveInterval"] = "00:00:00",
                ["Sift__Numbers__US__0"] = Number,
                ["OTEL_EXPORTER_OTLP_ENDPOINT"] = $"http://127.0.0.1:{port}",
                ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
                ["OTEL_BSP_SCHEDULE_DELAY"] = "200",
            });
            using var api = server.ClientOf(server.Account, server.Token);
            var created = await api.PostAsJsonAsync("/v0/applications", new { name = "traced", on_incoming = receiver.Url });
            (await api.PostAsJsonAsync("/v0/phonenumbers", new { phone_number = Number, application_id = (await created.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("app_id").GetString() })).EnsureSuccessStatusCode();
            using var phone = new HostilePhone(server.Sip);
            Assert.Equal(200, await phone.CallAsync(Number));

            var spans = await CollectAsync(collector);

            Assert.True(spans.Exists(span => Text(span, "parent").Length == 0), $"{string.Join(Environment.NewLine, spans.Select(span => span.ToJsonString()))}{(trouble.IsCompleted ? await trouble : "")}");
            var root = Assert.Single(spans, span => Text(span, "parent").Length == 0);
            Assert.Equal(("sift", "connection incoming"), (Text(root, "service"), Text(root, "name")));
            Assert.All(spans, span => Assert.Equal(Text(root, "trace"), Text(span, "trace")));
            var invite = Assert.Single(spans, span => Text(span, "name") == "SIP INVITE");
            Assert.Equal(("200", Text(root, "id")), (Text(invite["attributes"]!, "sip.response.status_code"), Text(invite, "parent")));
            Assert.Contains("200 OK", invite["events"]!.AsArray().Select(happened => happened!.ToString()));
            Assert.Single(spans, span => Text(span, "name") == "SIP BYE");
            var fetch = Assert.Single(spans, span => Text(span, "name") == "FetchRoutine");
            var webhook = Assert.Single(spans, span => Text(span, "name") == "webhook on_incoming");
            Assert.Equal((Text(fetch, "id"), "200"), (Text(webhook, "parent"), Text(webhook["attributes"]!, "http.response.status_code")));
            Assert.True((double)webhook["milliseconds"]! > 0);
            var pause = Assert.Single(spans, span => Text(span, "name") == "Pause");
            Assert.Equal("RunRoutine", Text(spans.Single(span => Text(span, "id") == Text(pause, "parent")), "name"));
            Assert.InRange((double)pause["milliseconds"]!, 150, 5000);
            Assert.DoesNotContain("555", string.Concat(spans.Select(span => span["attributes"]!.ToJsonString())), StringComparison.Ordinal);
        }
        finally
        {
            collector.Kill();
        }
    }

    /// <summary>The spans of the first trace, until its root has come: that is ended last.</summary>
    private static async Task<List<JsonObject>> CollectAsync(Process collector)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        var spans = new List<JsonObject>();
        while (await collector.StandardOutput.ReadLineAsync(limit.Token) is { } line)
        {
            var span = JsonNode.Parse(line)!.AsObject();
            spans.Add(span);
            if (Text(span, "parent").Length == 0)
            {
                break;
            }
        }

        return spans;
    }

    private static string Text(JsonNode node, string name) => node[name]?.ToString() ?? "";
}
