using System.Text.Json.Nodes;
using Sift.Workflows.Definitions;
using Sift.Workflows.Engine;
using Sift.Workflows.Journal;

namespace Sift.Workflows.Tests.Engine;

/// <summary>The core alone: no runtime, no clock, no tasks.</summary>
public sealed class FlowchartTests
{
    private static readonly DateTimeOffset s_now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_join_waits_for_all_branches_under_way()
    {
        var run = new Run(Flows.Flowchart(
            [Flows.Probe("a", "a"), Flows.Probe("b", "b"), Flows.Activity("Sift.Join", "join"), Flows.Activity("Sift.Log", "after", ("Message", "after"))],
            ["a > join", "b > join", "join > after"]));

        run.Signal("a");
        Assert.Empty(run.Logged);
        run.Signal("b");
        Assert.Equal(["after"], run.Logged);
        Assert.True(run.State.IsFinished);
    }

    [Fact]
    public void A_join_does_not_wait_for_a_branch_that_was_not_taken()
    {
        var run = new Run(Flows.Flowchart(
            [
                Flows.Activity("Sift.If", "if", ("Condition", "false")), Flows.Probe("a", "a"), Flows.Activity("Sift.Log", "b", ("Message", "b")),
                Flows.Activity("Sift.Join", "join"), Flows.Activity("Sift.Log", "after", ("Message", "after")),
            ],
            ["if.True > a", "if.False > b", "a > join", "b > join", "join > after"]));

        Assert.Equal(["b", "after"], run.Logged);
    }

    [Fact]
    public void A_join_for_the_first_stops_the_others()
    {
        var run = new Run(Flows.Flowchart(
            [
                Flows.Probe("a", "a"), Flows.Probe("b", "b"), Flows.Activity("Sift.Join", "join", ("Mode", "WaitAny")),
                Flows.Activity("Sift.Log", "after", ("Message", "after")), Flows.Probe("unrelated", "u"),
            ],
            ["a > join", "b > join", "join > after"]));

        run.Signal("b");

        Assert.Equal(["after"], run.Logged);
        Assert.Single(run.Events.OfType<ActivityCancelled>());
        Assert.False(run.State.IsFinished);
        run.Signal("u");
        Assert.True(run.State.IsFinished);
    }

    [Fact]
    public void An_activity_with_two_arrivals_runs_twice()
    {
        var run = new Run(Flows.Flowchart(
            [Flows.Activity("Sift.Start", "s"), Flows.Activity("Sift.Log", "a", ("Message", "a")), Flows.Activity("Sift.Log", "b", ("Message", "b")), Flows.Activity("Sift.Log", "c", ("Message", "c"))],
            ["s > a", "s > b", "a > c", "b > c"]));

        Assert.Equal(["a", "b", "c", "c"], run.Logged);
    }

    [Fact]
    public void A_switch_leaves_by_the_named_port_or_default()
    {
        static WorkflowDefinition Flow(string value) => Flows.Flowchart(
            [
                Flows.Activity("Sift.Switch", "s", ("Value", value), ("Cases", Flows.Wrapped("Object", "[\"1\",\"2\"]"))),
                Flows.Activity("Sift.Log", "two", ("Message", "two")), Flows.Activity("Sift.Log", "other", ("Message", "other")),
            ],
            ["s.2 > two", "s.Default > other"]);

        Assert.Equal(["two"], new Run(Flow("2")).Logged);
        Assert.Equal(["other"], new Run(Flow("7")).Logged);
    }

    [Fact]
    public void A_fault_follows_its_port_when_one_is_connected()
    {
        var run = new Run(Flows.Flowchart(
            [Flows.Activity("Test.Throw", "t"), Flows.Activity("Sift.Log", "l", ("Message", "handled"))], ["t.Faulted > l"]));

        Assert.Equal(["handled"], run.Logged);
        Assert.Equal(("Finished", 1), (run.State.FinishedAs, run.State.IncidentCount));
        Assert.Equal("System.InvalidOperationException", run.Events.OfType<ActivityFaulted>().Single().ExceptionType);
    }

    [Fact]
    public void A_fault_nobody_handles_stops_everything_and_faults_the_instance()
    {
        var run = new Run(Flows.Flowchart([Flows.Probe("other", "x"), Flows.Activity("Test.Throw", "t")]));

        Assert.Equal("Faulted", run.State.FinishedAs);
        Assert.Single(run.Events.OfType<ActivityCancelled>());
        Assert.Empty(run.State.Bookmarks);
    }

    [Fact]
    public void An_unknown_type_faults_and_names_it()
    {
        var run = new Run(Flows.Sequence(Flows.Activity("Sift.Nothing", "n")));

        Assert.Contains("Sift.Nothing", run.Events.OfType<ActivityFaulted>().Single().Message);
    }

    [Fact]
    public void A_circle_that_never_waits_is_faulted()
    {
        var run = new Run(Flows.Flowchart(
            [Flows.Activity("Sift.Log", "a", ("Message", "a")), Flows.Activity("Sift.Log", "b", ("Message", "b"))], ["a > b", "b > a"]));

        Assert.Equal("Faulted", run.State.FinishedAs);
        Assert.Contains("without one of them waiting", run.Events.OfType<ActivityFaulted>().Single().Message);
    }

    [Fact]
    public void Cancelling_goes_from_the_innermost_outwards_and_leaves_nothing_behind()
    {
        var inner = new JsonObject { ["id"] = "inner", ["type"] = "Elsa.Sequence", ["version"] = 1, ["activities"] = new JsonArray(Flows.Probe("p", "x")) };
        var run = new Run(Flows.Flowchart([inner, Flows.Activity("Sift.Delay", "d", ("Seconds", "5"))]));

        run.Take(new CancelRequested("enough"));

        var nodes = run.Events.OfType<ActivityCancelled>().Select(cancelled => run.NodeOf(cancelled.Execution));
        Assert.Equal(["root:d", "root:inner:p", "root:inner", "root"], nodes);
        Assert.Null(run.State.NextDue);
        Assert.Empty(run.State.Bookmarks);
        Assert.Equal("Cancelled", run.State.FinishedAs);
    }

    [Fact]
    public void An_output_bound_to_a_variable_sets_it()
    {
        var probe = Flows.Probe("p", "x");
        probe["payload"] = new JsonObject { ["typeName"] = "Object", ["memoryReference"] = new JsonObject { ["id"] = "v1" } };
        var variables = new JsonArray(new JsonObject { ["id"] = "v1", ["name"] = "Choice", ["typeName"] = "String", ["value"] = "none" });
        var run = new Run(Flows.Flowchart([probe, Flows.Probe("q", "y")], ["p > q"], variables: variables));
        Assert.Equal("none", run.State.Variables["Choice"]!.GetValue<string>());

        run.Signal("x", "sales");

        Assert.Equal("sales", run.State.Variables["Choice"]!.GetValue<string>());
    }

    [Fact]
    public void Folding_a_journal_gives_the_state_it_was_made_with_at_every_entry()
    {
        var run = new Run(Flows.Flowchart(
            [Flows.Probe("a", "a", ("Times", "2")), Flows.Activity("Sift.Delay", "d", ("Seconds", "5")), Flows.Activity("Sift.Join", "join"), Flows.Probe("z", "z")],
            ["a > join", "d > join", "join > z"]));
        run.Signal("a");
        run.Signal("a");

        var folded = run.Core.NewState("i1", run.Graph);
        WorkflowCore.Fold(folded, run.Entries);

        Assert.Equal(run.State.Summarize(), folded.Summarize());
        Assert.Equal(run.State.NextDue, folded.NextDue);
        Assert.Equal(run.State.Bookmarks.Select(mark => (mark.Execution.Id, mark.Name)), folded.Bookmarks.Select(mark => (mark.Execution.Id, mark.Name)));
        Assert.Null(Replayer.Replay(run.Core, run.Graph, run.Entries));
    }

    [Fact]
    public void A_replay_against_another_version_reports_where_it_leaves_the_history()
    {
        var run = new Run(Flows.Sequence(Flows.Probe("a", "x"), Flows.Activity("Sift.Log", "l", ("Message", "old"))));
        run.Signal("x");

        var changed = Flows.Sequence(Flows.Probe("a", "x"), Flows.Activity("Sift.Log", "l", ("Message", "new")));
        var difference = Replayer.Replay(run.Core, new WorkflowGraph(changed), run.Entries);

        Assert.Contains("\"old\"", difference!.Recorded);
        Assert.Contains("\"new\"", difference.Decided);
    }

    [Fact]
    public void A_view_shows_an_instance_as_it_was_at_an_entry()
    {
        var run = new Run(Flows.Sequence(Flows.Probe("a", "x"), Flows.Probe("b", "y")));
        var before = run.State.Sequence;
        run.Signal("x", "one");

        var then = InstanceView.Of(run.Core, run.Graph, run.Entries, before);
        var now = InstanceView.Of(run.Core, run.Graph, run.Entries);

        Assert.Equal(ActivityStatus.Running, then.Activities.Single(record => record.ActivityId == "a").Status);
        var done = now.Activities.Single(record => record.ActivityId == "a");
        Assert.Equal((ActivityStatus.Completed, "Done", "one"), (done.Status, done.Outcome, done.Outputs!["Payload"]!.GetValue<string>()));
        Assert.Equal("x", done.Inputs["Signal"]!.GetValue<string>());
        Assert.Equal(["y"], now.Bookmarks.Select(mark => mark.Name));
        var stats = now.Stats().Single(node => node.NodeId == "root:b");
        Assert.Equal((1, 0, 1, true, false), (stats.Started, stats.Completed, stats.Uncompleted, stats.IsBlocked, stats.IsFaulted));
    }

    private sealed class Run
    {
        private readonly List<JournalEvent> _events = [];

        public Run(WorkflowDefinition definition)
        {
            Graph = new WorkflowGraph(definition);
            State = Core.NewState("i1", Graph);
            Take(new InstanceStarted("flow", "flow-v1", 1, [], null, null, null));
        }

        public WorkflowCore Core { get; } = new(Bench.Catalog);

        public WorkflowGraph Graph { get; }

        public InstanceState State { get; }

        public List<JournalEntry> Entries { get; } = [];

        public IReadOnlyList<JournalEvent> Events => _events;

        public IEnumerable<string> Logged => _events.OfType<MessageLogged>().Select(log => log.Message);

        public void Signal(string name, JsonNode? payload = null) => Take(new SignalReceived(name, null, payload, null, null));

        public void Take(JournalEvent input)
        {
            var activation = WorkflowCore.Activate(State, new InstanceInput(input), s_now)!;
            Entries.AddRange(JournalEncoding.Encode("i1", activation.FirstSequence, activation.At, activation.Events));
            _events.AddRange(activation.Events);
        }

        public string NodeOf(long execution) => ((ActivityStarted)_events[(int)execution - 1]).NodeId;
    }
}
