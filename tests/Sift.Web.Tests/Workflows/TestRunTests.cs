using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Sift.Web.Tests.Studio;
using Sift.Web.Tests.Testing;

namespace Sift.Web.Tests.Workflows;

/// <summary>Test runs that stop at breakpoints, by program and from the designer.</summary>
[Collection(SiftServerCollection.Name)]
public sealed class TestRunTests(SiftServer server)
{
    private readonly StudioClient studio = new(server.Client);

    private static JsonObject ThreeLogs() => StudioClient.NewFlow(
        null,
        StudioClient.Activity("one", "Sift.Log", ("message", "1")),
        StudioClient.Activity("two", "Sift.Log", ("message", "2")),
        StudioClient.Activity("three", "Sift.Log", ("message", "3")));

    [Fact]
    public async Task A_run_is_held_before_the_activity_and_goes_on_by_steps_and_at_once()
    {
        var instance = await StartAsync(ThreeLogs(), new { breakpoints = new[] { "two" } });

        var held = (await ReadAsync(instance))["held"]!.AsArray().Single()!;
        Assert.Equal(("root:two", "two"), ((string)held["node_id"]!, (string)held["activity"]!));
        Assert.InRange((DateTimeOffset)held["until"]! - DateTimeOffset.UnixEpoch, TimeSpan.FromDays(1), TimeSpan.MaxValue);
        Assert.Equal("three", (string)(await PostAsync(instance, "step", HttpStatusCode.OK, andRead: true))["held"]![0]!["activity"]!);
        var ended = await PostAsync(instance, "continue", HttpStatusCode.OK, andRead: true);

        Assert.Equal("finished", (string)ended["status"]!);
        Assert.Null(ended["held"]);
        await PostAsync(instance, "continue", HttpStatusCode.Conflict);
    }

    [Fact]
    public async Task The_boxes_ticked_in_the_designer_hold_its_run_button_and_no_instance_that_is_started_otherwise()
    {
        var flow = ThreeLogs();
        flow["root"]!["activities"]![1]!["breakpoint"] = new JsonObject { ["typeName"] = "Boolean", ["expression"] = new JsonObject { ["type"] = "Literal", ["value"] = "True" } };
        var saved = await studio.SaveAsync(flow, publish: true);
        var id = (string)saved["definitionId"]!;

        Assert.Equal("two", (string)(await ReadAsync(await studio.RunAsync(id)))["held"]![0]!["activity"]!);

        await server.Services.GetRequiredService<Sift.Workflows.Engine.IWorkflowRuntime>().StartAsync(
            new Sift.Workflows.Engine.InstanceStart("0123456789abcdef", id, null, []) { AccountId = SiftServer.Account }, default);
        Assert.Equal("finished", (string)(await ReadAsync("0123456789abcdef"))["status"]!);
    }

    [Fact]
    public async Task Every_activity_of_the_palette_has_the_box_and_the_root_has_not()
    {
        var items = (await studio.GetAsync("descriptors/activities"))["items"]!.AsArray();

        Assert.All(items.Where(item => (bool)item!["isBrowsable"]!), item => Assert.Contains(item!["inputs"]!.AsArray(), input => (string)input!["name"]! == "Breakpoint" && (string)input["uiHint"]! == "checkbox"));
        Assert.DoesNotContain(items.Single(item => (string)item!["typeName"]! == "Elsa.Flowchart")!["inputs"]!.AsArray(), input => (string)input!["name"]! == "Breakpoint");
    }

    [Fact]
    public async Task A_flow_that_talks_is_held_on_a_call_to_the_phone_that_is_named()
    {
        var id = (string)(await studio.SaveAsync(StudioClient.NewFlow(null, StudioClient.Activity("say1", "Sift.Say", ("text", "hello")))))["definitionId"]!;

        var response = await server.Client.PostAsJsonAsync($"/v0/workflows/{id}/test", new { breakpoints = "every", hold_seconds = 30, phone_number = "+15550100002", input = new { topic = "x" } });

        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        var placed = server.Calls.Placed.Single(call => call.Workflow?.DefinitionId == id);
        Assert.Equal(("+15550100002", true, TimeSpan.FromSeconds(30), "x"), (placed.PhoneNumber, placed.Workflow!.Hold!.IsStepping, placed.Workflow.Hold.Limit, (string)placed.Workflow.Input!["topic"]!));
        Assert.EndsWith($"/v0/instances/{placed.ConnectionId}", response.Headers.Location!.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_test_run_without_breakpoints_is_not_held()
    {
        var instance = await StartAsync(ThreeLogs(), new { });

        Assert.Equal("finished", (string)(await ReadAsync(instance))["status"]!);
    }

    [Fact]
    public async Task What_cannot_be_run_is_refused_with_the_reason()
    {
        var id = (string)(await studio.SaveAsync(ThreeLogs()))["definitionId"]!;

        var unknown = await server.Client.PostAsJsonAsync($"/v0/workflows/{id}/test", new { breakpoints = new[] { "four" } });
        Assert.Equal(["names 'four', and the workflow has no such activity"], await SiftServer.ErrorsAsync(unknown, "breakpoints"));
        Assert.Single(await SiftServer.ErrorsAsync(await server.Client.PostAsJsonAsync($"/v0/workflows/{id}/test", new { hold_seconds = 0 }), "hold_seconds"));
        var broken = (string)(await studio.SaveAsync(StudioClient.NewFlow(null, StudioClient.Activity("say1", "Sift.Say"))))["definitionId"]!;
        Assert.Single(await SiftServer.ErrorsAsync(await server.Client.PostAsJsonAsync($"/v0/workflows/{broken}/test", new { }), "say1"));
        Assert.Equal(HttpStatusCode.NotFound, (await server.Stranger.PostAsJsonAsync($"/v0/workflows/{id}/test", new { })).StatusCode);
    }

    [Fact]
    public async Task The_same_key_starts_one_run()
    {
        var id = (string)(await studio.SaveAsync(ThreeLogs()))["definitionId"]!;
        var answers = new List<string>();
        for (var i = 0; i < 2; i++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, $"/v0/workflows/{id}/test") { Content = JsonContent.Create(new { }) };
            request.Headers.Add("Idempotency-Key", "run-" + id);
            answers.Add((string)(await SiftServer.JsonAsync(await server.Client.SendAsync(request)))["instance_id"]!);
        }

        Assert.Equal(answers[0], answers[1]);
        Assert.Single((await SiftServer.JsonAsync(await server.Client.GetAsync($"/v0/instances?workflow_id={id}")))["results"]!.AsArray());
    }

    [Fact]
    public async Task A_stranger_can_neither_see_nor_release_it()
    {
        var instance = await StartAsync(ThreeLogs(), new { breakpoints = new[] { "two" } });

        Assert.Equal(HttpStatusCode.NotFound, (await server.Stranger.PostAsync($"/v0/instances/{instance}/continue", null)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await server.Stranger.GetAsync($"/v0/instances/{instance}/steps")).StatusCode);
        Assert.NotNull((await ReadAsync(instance))["held"]);
    }

    private async Task<string> StartAsync(JsonObject flow, object options)
    {
        var id = (string)(await studio.SaveAsync(flow))["definitionId"]!;
        var response = await server.Client.PostAsJsonAsync($"/v0/workflows/{id}/test", options);
        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        return (string)(await SiftServer.JsonAsync(response))["instance_id"]!;
    }

    private async Task<JsonObject> ReadAsync(string instance) => await SiftServer.JsonAsync(await server.Client.GetAsync($"/v0/instances/{instance}"));

    private async Task<JsonObject> PostAsync(string instance, string action, HttpStatusCode expected, bool andRead = false)
    {
        var response = await server.Client.PostAsync($"/v0/instances/{instance}/{action}", null);
        Assert.Equal(expected, response.StatusCode);
        return andRead ? await ReadAsync(instance) : await SiftServer.JsonAsync(response);
    }
}
