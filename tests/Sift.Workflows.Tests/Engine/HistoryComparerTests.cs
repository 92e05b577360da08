using System.Text.Json.Nodes;
using Sift.Workflows.Definitions;
using Sift.Workflows.Engine;
using Sift.Workflows.Journal;

namespace Sift.Workflows.Tests.Engine;

public sealed class HistoryComparerTests
{
    private static readonly WorkflowCore Core = new(Bench.Catalog);

    [Fact]
    public async Task The_same_flow_under_another_version_number_decides_the_same()
    {
        var flow = Flows.Flowchart([Flows.Probe("ask", "digit"), Flows.Activity("Sift.Delay", "wait", ("Seconds", 5))], ["ask > wait"]);
        var history = await RecordAsync(flow, "digit");

        Assert.Empty(HistoryComparer.Compare(Core, new WorkflowGraph(flow.With(("id", "flow-v2"), ("version", 2))), history).Differences);
    }

    [Fact]
    public async Task Every_changed_value_is_listed_side_by_side()
    {
        WorkflowDefinition With(string first, string last) => Flows.Flowchart(
            [Flows.Activity("Sift.Log", "a", ("Message", first)), Flows.Probe("ask", "digit"), Flows.Activity("Sift.Log", "b", ("Message", last))], ["a > ask", "ask > b"]);
        var history = await RecordAsync(With("hello", "bye"), "digit");

        var compared = HistoryComparer.Compare(Core, new WorkflowGraph(With("welcome", "so long")), history);

        Assert.Equal(
            [("root:a", "hello", "welcome"), ("root:b", "bye", "so long")],
            compared.Differences.Select(difference => (difference.NodeId!, Message(history, difference.Recorded), Message(compared.Decided, difference.Decided))));

        static string Message(IReadOnlyList<JournalEntry> journal, long? sequence) =>
            Assert.IsType<MessageLogged>(JournalEncoding.Decode(journal.Single(entry => entry.Sequence == sequence))).Message;
    }

    [Fact]
    public async Task An_activity_put_in_shifts_every_number_and_is_the_only_difference()
    {
        var history = await RecordAsync(Flows.Flowchart([Flows.Probe("one", "x"), Flows.Probe("two", "y")], ["one > two"]), "x", "y");
        var longer = Flows.Flowchart([Flows.Activity("Sift.Log", "new", ("Message", "!")), Flows.Probe("one", "x"), Flows.Probe("two", "y")], ["new > one", "one > two"]);

        var compared = HistoryComparer.Compare(Core, new WorkflowGraph(longer), history);

        Assert.All(compared.Differences, difference => Assert.Equal((null, "root:new"), (difference.Recorded, difference.NodeId)));
        Assert.Equal(3, compared.Differences.Count);
        Assert.Equal("Finished", Summary(longer, compared).SubStatus);
    }

    [Fact]
    public async Task Another_way_is_followed_to_its_end()
    {
        WorkflowDefinition To(string port) => Flows.Flowchart(
            [Flows.Probe("ask", "digit"), Flows.Activity("Sift.Log", "a", ("Message", "a")), Flows.Activity("Sift.Log", "b", ("Message", "b"))], ["ask > a", $"ask.{port} > b"]);
        var history = await RecordAsync(To("Other"), "digit");
        var swapped = Flows.Flowchart(
            [Flows.Probe("ask", "digit"), Flows.Activity("Sift.Log", "a", ("Message", "a")), Flows.Activity("Sift.Log", "b", ("Message", "b"))], ["ask > b"]);

        var compared = HistoryComparer.Compare(Core, new WorkflowGraph(swapped), history);

        Assert.Contains(compared.Differences, difference => difference is { NodeId: "root:a", Decided: null });
        Assert.Contains(compared.Differences, difference => difference is { NodeId: "root:b", Recorded: null });
        Assert.Equal("Finished", Summary(swapped, compared).SubStatus);
    }

    [Fact]
    public async Task A_shorter_timer_fires_by_the_clock_of_the_history()
    {
        WorkflowDefinition Waiting(int seconds) => Flows.Flowchart(
            [Flows.Activity("Sift.Delay", "wait", ("Seconds", seconds)), Flows.Probe("ask", "digit")], ["wait > ask"]);
        await using var bench = new Bench().Connected();
        await bench.StartAsync(Waiting(10));
        bench.Time.Advance(TimeSpan.FromSeconds(10));
        await WaitForAsync(bench, "Suspended");
        bench.Time.Advance(TimeSpan.FromSeconds(1));
        await bench.SignalAsync("i1", "digit");
        var history = await bench.EntriesAsync();

        var compared = HistoryComparer.Compare(Core, new WorkflowGraph(Waiting(4)), history);

        var difference = Assert.Single(compared.Differences);
        Assert.Equal(("root:wait", JournalKinds.TimerArmed), (difference.NodeId, history.Single(entry => entry.Sequence == difference.Recorded).Kind));
        var fired = compared.Decided.Single(entry => entry.Kind == JournalKinds.TimerDue);
        Assert.Equal(TimeSpan.FromSeconds(4), fired.At - compared.Decided[0].At);
    }

    [Fact]
    public async Task A_longer_timer_leaves_the_other_version_waiting_at_the_end()
    {
        WorkflowDefinition Waiting(int seconds) => Flows.Flowchart([Flows.Activity("Sift.Delay", "wait", ("Seconds", seconds))]);
        await using var bench = new Bench().Connected();
        await bench.StartAsync(Waiting(10));
        bench.Time.Advance(TimeSpan.FromSeconds(10));
        await WaitForAsync(bench, "Finished");

        var compared = HistoryComparer.Compare(Core, new WorkflowGraph(Waiting(20)), await bench.EntriesAsync());

        Assert.Equal("Suspended", Summary(Waiting(20), compared).SubStatus);
        Assert.Contains(compared.Differences, difference => difference.Recorded is not null && difference.Decided is null);
    }

    [Fact]
    public async Task Effects_ids_and_executions_with_other_numbers_are_recognised()
    {
        var flow = Flows.Flowchart([Flows.Activity("Test.Effects", "e"), Flows.Probe("ask", "digit")], ["e > ask"]);
        await using var bench = new Bench().Connected();
        bench.Effects.Answer = (instance, id, effect, _) =>
        {
            if (effect.Type == "test.once") bench.Runtime.CompleteEffect(instance, id);
            if (effect.Type == "test.committed") bench.Runtime.Signal(instance, new InstanceSignal("answer", id.Value, null));
        };
        await bench.StartAsync(flow);
        for (var i = 0; i < 10_000 && !(await bench.EventsAsync()).Any(entry => entry is BookmarkCreated { Name: "digit" }); i++) await Task.Yield();
        await bench.SignalAsync("i1", "digit");
        Assert.Equal("Finished", (await bench.SummaryAsync()).Status);
        var history = await bench.EntriesAsync();
        var shifted = Flows.Flowchart(
            [Flows.Activity("Sift.Log", "new", ("Message", "!")), Flows.Activity("Test.Effects", "e"), Flows.Probe("ask", "digit")], ["new > e", "e > ask"]);

        var compared = HistoryComparer.Compare(Core, new WorkflowGraph(shifted), history);

        Assert.All(compared.Differences, difference => Assert.Equal("root:new", difference.NodeId));
        Assert.Equal("Finished", Summary(shifted, compared).Status);
    }

    [Fact]
    public void Two_lists_are_aligned_by_what_they_have_in_common_however_long_they_are()
    {
        var first = Enumerable.Range(0, 10_000).ToArray();
        int[] second = [.. Enumerable.Range(0, 4_000), -1, -2, .. Enumerable.Range(4_000, 6_000).Where(number => number != 7_000)];

        var pairs = SequenceAlignment.Of(first, second).ToList();

        Assert.Equal(9_999, pairs.Count);
        Assert.All(pairs, pair => Assert.Equal(first[pair.First], second[pair.Second]));
    }

    private static InstanceSummary Summary(WorkflowDefinition flow, HistoryComparison compared) => InstanceView.Of(Core, new WorkflowGraph(flow), compared.Decided).Summary;

    private static async Task<List<JournalEntry>> RecordAsync(WorkflowDefinition flow, params string[] signals)
    {
        await using var bench = new Bench().Connected();
        await bench.StartAsync(flow);
        foreach (var signal in signals) await bench.SignalAsync("i1", signal);
        return await bench.EntriesAsync();
    }

    private static async Task WaitForAsync(Bench bench, string subStatus)
    {
        async Task<bool> IsThereAsync() => (await bench.SummaryAsync()).SubStatus == subStatus && !(await bench.EventsAsync())[^1].IsInput && (await bench.EventsAsync()).OfType<TimerDue>().Any();
        for (var i = 0; i < 10_000 && !await IsThereAsync(); i++) await Task.Yield();
        Assert.True(await IsThereAsync());
    }
}
