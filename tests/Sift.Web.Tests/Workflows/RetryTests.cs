using System.Net;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Sift.Activities.Connections;
using Sift.Web.Storage.GroupCommit;
using Sift.Web.Tests.Studio;
using Sift.Web.Tests.Testing;
using Sift.Workflows.Engine;

namespace Sift.Web.Tests.Workflows;

/// <summary>What can go on from a failed activity, and what cannot because the caller is gone.</summary>
[Collection(SiftServerCollection.Name)]
public sealed class RetryTests(SiftServer server)
{
    private readonly StudioClient studio = new(server.Client);

    [Fact]
    public async Task An_instance_without_a_call_says_that_it_can_be_retried_and_from_where()
    {
        var instance = await studio.RunAsync((string)(await studio.SaveAsync(StudioClient.NewFlow(null, Failing("delay1"))))["definitionId"]!);

        var retry = (await ReadAsync(instance))["retry"]!;

        Assert.Equal((true, "delay1"), ((bool)retry["possible"]!, (string)retry["activity"]!));
        Assert.Equal(HttpStatusCode.OK, (await server.Client.PostAsync($"/v0/instances/{instance}/retry", null)).StatusCode);
    }

    [Fact]
    public async Task After_its_call_what_needs_no_phone_can_still_be_retried()
    {
        var instance = await EndedCallAsync(Failing("delay1"), StudioClient.Activity("log1", "Sift.Log", ("message", "x")));

        Assert.True((bool)(await ReadAsync(instance))["retry"]!["possible"]!);
        Assert.Equal(HttpStatusCode.OK, (await server.Client.PostAsync($"/v0/instances/{instance}/retry", null)).StatusCode);
        Assert.Equal(2, (int)(await ReadAsync(instance))["incident_count"]!);
    }

    [Fact]
    public async Task After_its_call_a_step_that_a_phone_step_may_follow_cannot_and_says_which()
    {
        var instance = await EndedCallAsync(Failing("delay1"), StudioClient.Activity("log1", "Sift.Log", ("message", "x")), StudioClient.Activity("say1", "Sift.Say", ("text", "thanks")));

        await RefusedAsync(instance, "The call has ended. delay1 itself does not need the phone, but say1, which may follow it, does.");
    }

    [Fact]
    public async Task After_its_call_a_failed_phone_step_cannot()
    {
        var say = StudioClient.Activity("say1", "Sift.Say");
        say["text"] = new JsonObject { ["expression"] = new JsonObject { ["type"] = "Template", ["value"] = "{{ nothing | number }}" } };
        var instance = await EndedCallAsync(say);

        await RefusedAsync(instance, "The call has ended, and say1 needs the phone.");
    }

    [Fact]
    public async Task What_is_not_faulted_cannot_and_says_nothing_of_a_retry()
    {
        var instance = await studio.RunAsync((string)(await studio.SaveAsync(StudioClient.NewFlow(null, StudioClient.Activity("log1", "Sift.Log", ("message", "x")))))["definitionId"]!);

        Assert.Null((await ReadAsync(instance))["retry"]);
        var response = await server.Client.PostAsync($"/v0/instances/{instance}/retry", null);
        Assert.Equal((HttpStatusCode.Conflict, "The instance is not faulted."), (response.StatusCode, (string)(await SiftServer.JsonAsync(response))["detail"]!));
    }

    private static JsonObject Failing(string id)
    {
        var delay = StudioClient.Activity(id, "Sift.Delay");
        delay["seconds"] = new JsonObject { ["expression"] = new JsonObject { ["type"] = "Template", ["value"] = "{{ \"soon\" }}" } };
        return delay;
    }

    private async Task<string> EndedCallAsync(params JsonObject[] activities)
    {
        var saved = await studio.SaveAsync(StudioClient.NewFlow(null, activities), publish: true);
        var id = Ids.New();
        var now = DateTimeOffset.UnixEpoch.AddYears(50);
        var connection = new Connection(id, SiftServer.Account, "+15551110000", "+15552220000", "incoming", ConnectionStatus.Finished, now) { StartTime = now, EndTime = now, EndReason = "workflow faulted" };
        await server.Services.GetRequiredService<GroupCommitWriter>().WriteAsync(null, [connection], default);
        await server.Services.GetRequiredService<IWorkflowRuntime>().StartAsync(
            new InstanceStart(id, (string)saved["definitionId"]!, null, []) { AccountId = SiftServer.Account, CorrelationId = id }, default);
        Assert.Equal("faulted", (string)(await ReadAsync(id))["status"]!);
        return id;
    }

    private async Task RefusedAsync(string instance, string reason)
    {
        var retry = (await ReadAsync(instance))["retry"]!;
        Assert.Equal((false, reason), ((bool)retry["possible"]!, (string)retry["reason"]!));
        var response = await server.Client.PostAsync($"/v0/instances/{instance}/retry", null);
        Assert.Equal((HttpStatusCode.Conflict, reason), (response.StatusCode, (string)(await SiftServer.JsonAsync(response))["detail"]!));
    }

    private async Task<JsonObject> ReadAsync(string instance) => await SiftServer.JsonAsync(await server.Client.GetAsync($"/v0/instances/{instance}"));
}
