using System.Diagnostics;
using System.Net;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Sift.Web.Observability;
using Sift.Web.Tests.Deliveries;
using Sift.Web.Tests.Testing;
using Sift.Workflows.Journal;

namespace Sift.Web.Tests.Observability;

[Collection(SiftServerCollection.Name)]
public sealed class TimelineTests(SiftServer server)
{
    [Fact]
    public async Task Steps_say_how_they_went_and_how_deep_they_lie()
    {
        var id = await RecordedCall.WriteAsync(
            server,
            new ActivityStarted(null, null, "root", null, null),
            new ActivityStarted(2, "0", "root:Say1", RecordedCall.Say, null),
            new ActivityCompleted(3, "Done", null),
            new ActivityFaulted(2, "no <b>such</b> thing", null));

        var steps = (await ReadAsync(id))["steps"]!.AsArray();

        Assert.Equal(["root faulted 0", "Say completed 1"], steps.Select(step => $"{step!["name"]} {step["state"]} {step["depth"]}"));
        Assert.Equal("no <b>such</b> thing", (string?)steps[0]!["detail"]);
    }

    [Fact]
    public async Task What_was_running_when_the_call_ended_is_not_shown_as_cancelled()
    {
        var id = await RecordedCall.WriteAsync(
            server,
            new ActivityStarted(null, null, "root", null, null),
            new SignalReceived("leg.ended", null, new JsonObject { ["cause"] = "remote_hang_up" }, null, "the other end hung up"),
            new ActivityCancelled(2));

        Assert.Equal("ended", (string?)(await ReadAsync(id))["steps"]![0]!["state"]);
    }

    [Theory]
    [InlineData(false, true)]
    [InlineData(true, false)]
    public async Task Digits_are_shown_unless_a_command_of_the_call_is_sensitive(bool sensitive, bool shown)
    {
        var id = await RecordedCall.WriteAsync(
            server,
            new ActivityStarted(null, "0", "root:GetDigits2", RecordedCall.GetDigits(sensitive), null),
            new SignalReceived("leg.digit", null, new JsonObject { ["digit"] = "7", ["source"] = "InBand" }, null, null),
            new MessageLogged(2, "took 7", null));

        var timeline = await server.Client.GetStringAsync($"/v0/connections/{id}/timeline");

        Assert.Equal(shown, timeline.Contains("key 7", StringComparison.Ordinal));
        Assert.Equal(shown, timeline.Contains("took 7", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Callbacks_of_the_connection_are_part_of_it_with_their_attempts()
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        var id = await RecordedCall.WriteAsync(server);
        var delivery = Deliver.New(receiver.Url, sensitive: true, body: """{"digits":"471108152342"}""") with { ConnectionId = id };
        await server.SendAsync(delivery);
        await server.InStateAsync(delivery.Id, "succeeded");

        var timeline = await ReadAsync(id);

        Assert.Equal(200, (int?)timeline["deliveries"]![0]!["attempts"]![0]!["status"]);
        Assert.DoesNotContain("471108152342", timeline.ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_account_is_told_that_there_is_no_such_connection()
    {
        var id = await RecordedCall.WriteAsync(server);
        Assert.Equal(HttpStatusCode.NotFound, (await server.Stranger.GetAsync($"/v0/connections/{id}/timeline")).StatusCode);
    }

    [Fact]
    public async Task A_connection_is_one_trace_of_steps_and_webhooks_without_numbers()
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        var id = await RecordedCall.WriteAsync(
            server, new ActivityStarted(null, null, "root", null, null), new ActivityStarted(2, "0", "root:Say1", RecordedCall.Say, null), new ActivityCompleted(3, "Done", null));
        var delivery = Deliver.New(receiver.Url) with { ConnectionId = id };
        await server.SendAsync(delivery);
        await server.InStateAsync(delivery.Id, "succeeded");
        var spans = new System.Collections.Concurrent.ConcurrentBag<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == ConnectionTracer.SourceName,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = spans.Add,
        };
        ActivitySource.AddActivityListener(listener);

        await server.Services.GetRequiredService<ConnectionTracer>().EmitAsync(id, default);

        var root = Assert.Single(spans, span => span.ParentSpanId == default && (string?)span.GetTagItem("sift.connection_id") == id);
        var mine = spans.Where(span => span.TraceId == root.TraceId).ToList();
        Assert.Equal(["Say", "connection incoming", "root", "webhook status"], mine.Select(span => span.OperationName).Order(StringComparer.Ordinal));
        Assert.Equal(mine.Single(span => span.OperationName == "root").SpanId, mine.Single(span => span.OperationName == "Say").ParentSpanId);
        Assert.Equal(TimeSpan.FromSeconds(4), root.Duration);
        Assert.DoesNotContain(mine.SelectMany(span => span.TagObjects), tag => tag.Value?.ToString()?.Contains("555111", StringComparison.Ordinal) == true);
    }

    [Fact]
    public async Task A_change_of_configuration_is_on_the_audit_log_and_a_call_is_not()
    {
        var application = await server.NewApplicationAsync("audited");
        await server.Client.PostAsync("/v0/connections", new FormUrlEncodedContent([KeyValuePair.Create("phone_number", "+15550100002")]));

        var entries = await server.Services.GetRequiredService<AuditLog>().ListAsync(SiftServer.Account, new Sift.Web.Storage.PageRequest(50, null, false), default);

        Assert.Contains(entries, entry => entry is { Action: "CreateApplication", Actor: "token", Target: "/v0/applications" });
        Assert.DoesNotContain(entries, entry => entry.Target.StartsWith("/v0/connections", StringComparison.Ordinal));
        Assert.NotEmpty(application);
    }

    private async Task<JsonObject> ReadAsync(string id) => await SiftServer.JsonAsync(await server.Client.GetAsync($"/v0/connections/{id}/timeline"));
}
