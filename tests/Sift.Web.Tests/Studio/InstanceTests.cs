using System.Net;
using System.Text.Json.Nodes;
using Sift.Web.Tests.Testing;

namespace Sift.Web.Tests.Studio;

[Collection(SiftServerCollection.Name)]
public sealed class InstanceTests(SiftServer server)
{
    private readonly StudioClient studio = new(server.Client);

    private async Task<(string Flow, string Instance)> WaitingAsync()
    {
        var flow = (string)(await studio.SaveAsync(StudioClient.NewFlow(
            null,
            StudioClient.Activity("log1", "Sift.Log", ("message", "hello")),
            StudioClient.Activity("wait1", "Sift.WaitForEvent", ("event", "go")))))["definitionId"]!;
        return (flow, await studio.RunAsync(flow));
    }

    [Fact]
    public async Task A_running_instance_shows_where_it_stands()
    {
        var (flow, instance) = await WaitingAsync();

        var read = await studio.GetAsync($"workflow-instances/{instance}");
        Assert.Equal(flow, (string)read["definitionId"]!);
        Assert.Equal("Running", (string)read["status"]!);
        Assert.Equal("Suspended", (string)read["subStatus"]!);
        Assert.Empty(read["workflowState"]!["incidents"]!.AsArray());
        Assert.Empty(read["workflowState"]!["activityExecutionContexts"]!.AsArray());
        Assert.Equal("Suspended", (string)(await studio.GetAsync($"workflow-instances/{instance}/execution-state"))["subStatus"]!);

        var report = await studio.PostAsync("activity-executions/report", new JsonObject
        {
            ["workflowInstanceId"] = instance,
            ["activityNodeIds"] = new JsonArray("root:log1", "root:wait1", "root:never"),
        });
        var stats = report["stats"]!.AsArray();
        Assert.Equal([1, 0, 0], stats.Select(entry => (int)entry!["completedCount"]!));
        Assert.Equal([false, true, false], stats.Select(entry => (bool)entry!["isBlocked"]!));
    }

    [Fact]
    public async Task Records_carry_inputs_and_are_found_by_id_with_their_call_stack()
    {
        var (_, instance) = await WaitingAsync();

        foreach (var list in new[] { "activity-executions", "activity-execution-summaries" })
        {
            var records = await studio.GetAsync($"{list}/list?WorkflowInstanceId={instance}&ActivityNodeId=root:log1");
            var record = Assert.Single(records["items"]!.AsArray())!;
            Assert.Equal("hello", (string)record["activityState"]!["Message"]!);
            Assert.Equal("Completed", (string)record["status"]!);
            var id = (string)record["id"]!;
            Assert.Equal(id, (string)(await studio.GetAsync($"activity-executions/by-id?id={id}"))["id"]!);
            var stack = await studio.GetAsync($"activity-executions/{id}/call-stack");
            Assert.Equal(["root", "root:log1"], stack["items"]!.AsArray().Select(item => (string)item!["activityNodeId"]!));
        }
    }

    [Fact]
    public async Task The_record_of_the_root_is_left_out_because_it_would_be_asked_for_every_second_and_breaks_a_tab_of_the_viewer()
    {
        var (_, instance) = await WaitingAsync();

        Assert.Empty((await studio.GetAsync($"activity-executions/list?WorkflowInstanceId={instance}&ActivityNodeId=root"))["items"]!.AsArray());
        await studio.PostAsync($"cancel/workflow-instances/{instance}");
        Assert.Empty((await studio.GetAsync($"activity-executions/list?WorkflowInstanceId={instance}&ActivityNodeId=root"))["items"]!.AsArray());
    }

    [Fact]
    public async Task The_journal_is_in_order_filtered_and_paged()
    {
        var (_, instance) = await WaitingAsync();
        var filter = new JsonObject { ["filter"] = new JsonObject { ["activityNodeIds"] = new JsonArray("root:log1", "root:wait1"), ["excludedActivityTypes"] = new JsonArray("Elsa.Workflow", "Elsa.Flowchart") } };

        var journal = await studio.PostAsync($"workflow-instances/{instance}/journal?skip=0&take=110", filter);
        var lines = journal["items"]!.AsArray();
        Assert.Equal(["Started", "Log", "Completed", "Started", "Suspended"], lines.Select(line => (string)line!["eventName"]!));
        Assert.All(lines, line => Assert.NotNull(line!["nodeId"]));
        var second = await studio.PostAsync($"workflow-instances/{instance}/journal?skip=1&take=1", filter);
        Assert.Equal("Log", (string)second["items"]!.AsArray().Single()!["eventName"]!);
        Assert.Equal(5, (int)second["totalCount"]!);
    }

    [Fact]
    public async Task Calls_are_found_by_status_flow_time_and_text()
    {
        var (flow, instance) = await WaitingAsync();

        Assert.Equal([instance], await IdsAsync(new JsonObject { ["definitionIds"] = new JsonArray(flow), ["status"] = "Running" }));
        Assert.Equal([instance], await IdsAsync(new JsonObject { ["searchTerm"] = instance }));
        Assert.Empty(await IdsAsync(new JsonObject { ["definitionId"] = flow, ["statuses"] = new JsonArray("Finished") }));
        Assert.Empty(await IdsAsync(new JsonObject { ["definitionId"] = flow, ["hasIncidents"] = true }));
        Assert.Empty(await IdsAsync(new JsonObject
        {
            ["definitionId"] = flow,
            ["timestampFilters"] = new JsonArray(new JsonObject { ["column"] = "CreatedAt", ["operator"] = "GreaterThan", ["timestamp"] = "2999-01-01T00:00:00Z" }),
        }));
        Assert.Equal(
            [instance],
            await IdsAsync(new JsonObject
            {
                ["definitionId"] = flow,
                ["timestampFilters"] = new JsonArray(new JsonObject { ["column"] = "CreatedAt", ["operator"] = "GreaterThanOrEqual", ["timestamp"] = "2020-01-01T00:00:00Z" }),
            }));

        async Task<string[]> IdsAsync(JsonObject filter) =>
            [.. (await studio.PostAsync("workflow-instances", filter))["items"]!.AsArray().Select(item => (string)item!["id"]!)];
    }

    [Fact]
    public async Task A_cancelled_instance_can_be_deleted_and_a_running_one_is_cancelled_first()
    {
        var (_, first) = await WaitingAsync();
        var (_, second) = await WaitingAsync();

        await studio.PostAsync($"cancel/workflow-instances/{first}");
        Assert.Equal("Cancelled", (string)(await studio.GetAsync($"workflow-instances/{first}"))["subStatus"]!);
        Assert.Equal(HttpStatusCode.NoContent, (await studio.DeleteAsync($"workflow-instances/{first}")).StatusCode);
        Assert.Equal(1, (int)(await studio.PostAsync("bulk-actions/delete/workflow-instances/by-id", new JsonObject { ["ids"] = new JsonArray(second) }))["deleted"]!);
        Assert.Equal(HttpStatusCode.NotFound, (await studio.RawAsync($"workflow-instances/{second}")).StatusCode);
    }

    [Fact]
    public async Task Everything_that_runs_by_a_version_can_be_cancelled_at_once()
    {
        var (flow, instance) = await WaitingAsync();
        var other = await studio.RunAsync(flow);
        var version = (string)(await studio.GetAsync($"workflow-instances/{instance}"))["definitionVersionId"]!;

        var cancelled = await studio.PostAsync("bulk-actions/cancel/workflow-instances", new JsonObject { ["ids"] = null, ["definitionVersionId"] = version });

        Assert.Equal(2, (int)cancelled["cancelled"]!);
        Assert.Equal("Finished", (string)(await studio.GetAsync($"workflow-instances/{other}"))["status"]!);
    }

    [Fact]
    public async Task An_instance_keeps_its_version_after_a_new_one_is_published_and_after_the_flow_is_deleted()
    {
        var (flow, instance) = await WaitingAsync();
        var version = (string)(await studio.GetAsync($"workflow-instances/{instance}"))["definitionVersionId"]!;
        await studio.SaveAsync(new JsonObject(StudioClient.NewFlow(null, StudioClient.Activity("other", "Sift.Log", ("message", "x")))
            .Select(pair => KeyValuePair.Create(pair.Key, pair.Key == "definitionId" ? flow : pair.Value?.DeepClone()))), publish: true);

        Assert.Equal(version, (string)(await studio.GetAsync($"workflow-instances/{instance}"))["definitionVersionId"]!);
        await studio.DeleteAsync($"workflow-definitions/{flow}");

        var shown = await studio.GetAsync($"workflow-definitions/by-id/{version}");
        Assert.Equal("log1", (string)shown["root"]!["activities"]![0]!["id"]!);
        var listed = await studio.GetAsync($"workflow-definitions?versionOptions=&Ids={version}");
        Assert.Equal(version, (string)listed["items"]!.AsArray().Single()!["id"]!);
    }

    [Fact]
    public async Task Instances_of_one_account_do_not_exist_for_another()
    {
        var (_, instance) = await WaitingAsync();
        var stranger = new StudioClient(server.Stranger);

        Assert.Equal(HttpStatusCode.NotFound, (await stranger.RawAsync($"workflow-instances/{instance}")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await stranger.SendAsync($"cancel/workflow-instances/{instance}")).StatusCode);
        Assert.DoesNotContain(instance, (await stranger.PostAsync("workflow-instances")).ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_faulted_instance_shows_its_incident()
    {
        var flow = (string)(await studio.SaveAsync(StudioClient.NewFlow(null, StudioClient.Activity("set1", "Sift.SetVariable", ("variable", "x"), ("value", "1")), Template("delay1"))))["definitionId"]!;
        var instance = await studio.RunAsync(flow);

        var read = await studio.GetAsync($"workflow-instances/{instance}");
        Assert.Equal("Faulted", (string)read["subStatus"]!);
        var incident = read["workflowState"]!["incidents"]!.AsArray().Single()!;
        Assert.Equal("root:delay1", (string)incident["activityNodeId"]!);
        var report = await studio.PostAsync("activity-executions/report", new JsonObject { ["workflowInstanceId"] = instance, ["activityNodeIds"] = new JsonArray("root:delay1") });
        Assert.True((bool)report["stats"]![0]!["isFaulted"]!);

        static JsonObject Template(string id)
        {
            var delay = StudioClient.Activity(id, "Sift.Delay");
            delay["seconds"] = new JsonObject { ["expression"] = new JsonObject { ["type"] = "Template", ["value"] = "{{ \"soon\" }}" } };
            return delay;
        }
    }

    [Fact]
    public async Task Variables_are_matched_by_the_ids_of_the_definition()
    {
        var model = StudioClient.NewFlow(null, StudioClient.Activity("set1", "Sift.SetVariable", ("variable", "Choice"), ("value", "sales")), StudioClient.Activity("wait1", "Sift.WaitForEvent", ("event", "go")));
        model["variables"] = new JsonArray(new JsonObject { ["id"] = "v1", ["name"] = "Choice", ["typeName"] = "String", ["isArray"] = false });
        var instance = await studio.RunAsync((string)(await studio.SaveAsync(model))["definitionId"]!);

        var variable = (await studio.GetAsync($"workflow-instances/{instance}/variables"))["items"]!.AsArray().Single()!;
        Assert.Equal(("v1", "sales"), ((string)variable["id"]!, (string)variable["value"]!));
    }
}
