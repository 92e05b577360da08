using System.Text.Json.Nodes;
using Sift.Workflows.Activities;
using Sift.Workflows.Definitions;
using Sift.Workflows.Engine;
using Sift.Workflows.Journal;

namespace Sift.Workflows.Tests.Definitions;

/// <summary>A flow as one step of another.</summary>
public sealed class SubFlowTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly InMemoryDefinitionStore _store = new();
    private readonly ActivityCatalog _catalog = new([]);
    private readonly DefinitionLibrary _library;

    public SubFlowTests() => _library = new DefinitionLibrary(_store, new DefinitionValidator(_catalog), TimeProvider.System);

    [Fact]
    public async Task The_other_flow_runs_inside_the_instance_and_then_the_next_step()
    {
        await PublishAsync("inner", Flows.Activity("Sift.SetVariable", "set", ("Variable", "answer"), ("Value", "42")));
        var outer = await PublishAsync("outer", Sub("inner"), Flows.Activity("Sift.Log", "after", ("Message", "done")));

        var state = Run(outer, out var events);

        Assert.Equal("Finished", state.FinishedAs);
        Assert.Equal("42", state.Variables["answer"]!.ToString());
        Assert.Equal(
            ["root", "root:sub", "root:sub:root", "root:sub:root:set", "root:after"],
            events.OfType<ActivityStarted>().Select(started => started.NodeId));
    }

    [Fact]
    public async Task A_published_flow_keeps_the_version_of_the_other_it_was_published_with()
    {
        await PublishAsync("inner", Flows.Activity("Sift.Log", "old", ("Message", "x")));
        var outer = await PublishAsync("outer", Sub("inner"));
        await PublishAsync("inner", Flows.Activity("Sift.Log", "new", ("Message", "x")));

        Run(outer, out var before);
        Run(await PublishAsync("outer", Sub("inner")), out var after);

        Assert.Contains(before.OfType<ActivityStarted>(), started => started.NodeId.EndsWith(":old", StringComparison.Ordinal));
        Assert.Contains(after.OfType<ActivityStarted>(), started => started.NodeId.EndsWith(":new", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_flow_that_runs_itself_by_way_of_another_is_refused()
    {
        await PublishAsync("first", Flows.Activity("Sift.Log", "x", ("Message", "x")));
        await PublishAsync("second", Sub("first"));

        var refused = await Assert.ThrowsAsync<DefinitionInvalidException>(() => PublishAsync("first", Sub("second")));

        Assert.Contains("runs itself", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("missing")]
    [InlineData("")]
    public async Task A_flow_that_is_not_published_is_named(string flow)
    {
        var refused = await Assert.ThrowsAsync<DefinitionInvalidException>(() => PublishAsync("outer", Sub(flow)));

        Assert.Contains(refused.Problems, problem => problem.ActivityId == "sub");
    }

    private static JsonObject Sub(string flow) => Flows.Activity("Sift.SubFlow", "sub", ("Flow", flow));

    private Task<WorkflowDefinition> PublishAsync(string id, params JsonObject[] activities) => _library.SaveAsync(
        Flows.Flowchart(activities, activities.Length > 1 ? [$"{activities[0]["id"]} > {activities[1]["id"]}"] : [], id).Json, publish: true, default);

    private InstanceState Run(WorkflowDefinition definition, out IReadOnlyList<JournalEvent> events)
    {
        var state = new WorkflowCore(_catalog).NewState("i", new WorkflowGraph(definition));
        events = WorkflowCore.Activate(state, new InstanceInput(new InstanceStarted(definition.DefinitionId, definition.Id, definition.Version, [], null, null, null)), Now)!.Events;
        return state;
    }
}
