using System.Net;
using System.Text.Json.Nodes;
using Sift.Web.Tests.Testing;

namespace Sift.Web.Tests.Studio;

[Collection(SiftServerCollection.Name)]
public sealed class RunTests(SiftServer server)
{
    private readonly StudioClient studio = new(server.Client);

    [Fact]
    public async Task A_flow_that_talks_is_run_on_a_call_to_the_test_phone()
    {
        var flow = (string)(await studio.SaveAsync(StudioClient.NewFlow(null, StudioClient.Activity("say1", "Sift.Say", ("text", "hello")))))["definitionId"]!;

        var instance = await studio.RunAsync(flow);

        var call = server.Calls.Placed.Single(placed => placed.ConnectionId == instance);
        Assert.Equal("+15550100001", call.PhoneNumber);
        Assert.Equal(flow, call.Workflow!.DefinitionId);
        Assert.NotNull(call.Workflow.VersionId);
    }

    [Fact]
    public async Task A_tested_draft_is_kept_as_it_was_and_the_next_save_makes_a_version()
    {
        var saved = await studio.SaveAsync(StudioClient.NewFlow(null, StudioClient.Activity("log1", "Sift.Log", ("message", "x"))));
        await studio.RunAsync((string)saved["definitionId"]!);

        var next = await studio.SaveAsync(saved);

        Assert.Equal(2, (int)next["version"]!);
        Assert.Equal(HttpStatusCode.OK, (await studio.RawAsync($"workflow-definitions/by-id/{(string)saved["id"]!}")).StatusCode);
    }

    [Fact]
    public async Task A_flow_with_errors_says_that_it_cannot_be_started()
    {
        var flow = (string)(await studio.SaveAsync(StudioClient.NewFlow(null, StudioClient.Activity("say1", "Sift.Say"))))["definitionId"]!;

        var response = await studio.SendAsync($"workflow-definitions/{flow}/execute", new JsonObject { ["versionOptions"] = "Latest" });

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("true", response.Headers.GetValues("x-elsa-workflow-cannot-start").Single());
    }

    [Theory]
    [InlineData("Sift.If", "condition", "1", "Completed")]
    [InlineData("Sift.Delay", "seconds", "5", "Running")]
    [InlineData("Sift.Delay", "seconds", "soon", "Faulted")]
    public async Task The_test_tab_takes_the_first_step_of_an_activity(string type, string input, string value, string status)
    {
        var saved = await studio.SaveAsync(StudioClient.NewFlow(null, StudioClient.Activity("one", type, (input, value))));

        var tested = await studio.PostAsync("tests/activities", new JsonObject
        {
            ["workflowDefinitionHandle"] = new JsonObject { ["definitionVersionId"] = (string)saved["id"]! },
            ["activityHandle"] = new JsonObject { ["activityNodeId"] = "root:one" },
        });

        Assert.Equal(status, (string)tested["status"]!);
        Assert.Equal(status == "Faulted", tested["exception"] is not null);
    }
}
