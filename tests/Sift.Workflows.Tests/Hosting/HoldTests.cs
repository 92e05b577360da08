using Sift.Workflows.Definitions;
using Sift.Workflows.Engine;
using Sift.Workflows.Journal;

namespace Sift.Workflows.Tests.Hosting;

/// <summary>Test calls that stop at breakpoints.</summary>
public sealed class HoldTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(10);

    private static WorkflowDefinition Flow => Flows.Flowchart(
        [Flows.Activity("Sift.Log", "one", ("Message", "one")), Flows.Activity("Sift.Log", "two", ("Message", "two")), Flows.Activity("Sift.Log", "three", ("Message", "three"))],
        ["one > two", "two > three"]);

    [Fact]
    public async Task Stops_before_the_activity_with_the_breakpoint_and_goes_on_when_told_to()
    {
        await using var bench = new Bench().Connected();
        await StartAsync(bench, new HoldPlan(["root:two"], false, Limit));

        Assert.Equal(["one"], await LoggedAsync(bench));
        Assert.Equal(["root:two"], await HeldAsync(bench));
        Assert.Equal("Suspended", (await bench.SummaryAsync()).SubStatus);

        Assert.True(await bench.Runtime.ReleaseAsync("i1", step: false, default));

        Assert.Equal(["one", "two", "three"], await LoggedAsync(bench));
        Assert.Equal("Finished", (await bench.SummaryAsync()).SubStatus);
        Assert.False(await bench.Runtime.ReleaseAsync("i1", step: false, default));
    }

    [Fact]
    public async Task A_step_stops_again_at_the_next_activity()
    {
        await using var bench = new Bench().Connected();
        await StartAsync(bench, new HoldPlan([], true, Limit));

        Assert.Equal(["root:one"], await HeldAsync(bench));
        await bench.Runtime.ReleaseAsync("i1", step: true, default);
        Assert.Equal(["root:two"], await HeldAsync(bench));
        await bench.Runtime.ReleaseAsync("i1", step: false, default);

        Assert.Equal(["one", "two", "three"], await LoggedAsync(bench));
    }

    [Fact]
    public async Task Is_still_held_after_a_crash_and_goes_on_then()
    {
        await using var bench = new Bench().Connected();
        await StartAsync(bench, new HoldPlan(["root:two"], false, Limit));

        await using var second = bench.AfterCrash().Connected();
        await second.Runtime.RecoverAsync(default);
        Assert.Equal(["root:two"], await HeldAsync(second));
        await second.Runtime.ReleaseAsync("i1", step: true, default);

        Assert.Equal(["root:three"], await HeldAsync(second));
        Assert.Equal(["one", "two"], await LoggedAsync(second));
    }

    [Fact]
    public async Task Is_cancelled_when_the_limit_is_over_and_not_a_moment_before()
    {
        await using var bench = new Bench().Connected();
        await StartAsync(bench, new HoldPlan(["root:two"], false, Limit));

        bench.Time.Advance(Limit - TimeSpan.FromMilliseconds(1));
        Assert.Equal("Running", (await bench.SummaryAsync()).Status);
        bench.Time.Advance(TimeSpan.FromMilliseconds(1));
        await WaitAsync(bench, summary => summary.SubStatus == "Cancelled");

        var end = (await bench.EventsAsync()).OfType<InstanceFinished>().Single();
        Assert.Equal("the test call was held at two for 600 s, the limit", end.Reason);
    }

    [Fact]
    public async Task The_limit_counts_anew_at_every_stop()
    {
        await using var bench = new Bench().Connected();
        await StartAsync(bench, new HoldPlan([], true, Limit));

        bench.Time.Advance(Limit - TimeSpan.FromSeconds(1));
        await bench.Runtime.ReleaseAsync("i1", step: true, default);
        bench.Time.Advance(Limit - TimeSpan.FromSeconds(1));

        Assert.Equal(["root:two"], await HeldAsync(bench));
    }

    [Fact]
    public async Task Ordinary_calls_pass_every_breakpoint()
    {
        await using var bench = new Bench().Connected();
        await bench.StartAsync(Flow);

        Assert.Equal(["one", "two", "three"], await LoggedAsync(bench));
        Assert.DoesNotContain(await bench.EventsAsync(), entry => entry is ActivityHeld);
    }

    [Fact]
    public async Task What_is_held_is_cancelled_without_being_asked_to_stop_what_it_never_began()
    {
        await using var bench = new Bench().Connected();
        await StartAsync(bench, new HoldPlan(["root:ask"], false, Limit), Flows.Flowchart([Flows.Probe("ask", "digit")]));

        await bench.Runtime.CancelAsync("i1", "enough", default);

        Assert.DoesNotContain(await bench.EventsAsync(), entry => entry is EffectRequested);
        Assert.Equal("Cancelled", (await bench.SummaryAsync()).SubStatus);
    }

    [Fact]
    public async Task The_history_of_a_held_call_replays_to_the_same_decisions()
    {
        await using var bench = new Bench().Connected();
        await StartAsync(bench, new HoldPlan(["root:two"], false, Limit));
        await bench.Runtime.ReleaseAsync("i1", step: true, default);
        await bench.Runtime.ReleaseAsync("i1", step: false, default);

        Assert.Null(Replayer.Replay(new WorkflowCore(Bench.Catalog), new WorkflowGraph(Flow), await bench.EntriesAsync()));
    }

    private static async Task StartAsync(Bench bench, HoldPlan hold, WorkflowDefinition? flow = null)
    {
        var definition = (flow ?? Flow).With(("isPublished", true)).AsFrozen();
        await bench.Definitions.SaveAsync([definition], default);
        await bench.Runtime.StartAsync(new InstanceStart("i1", definition.DefinitionId, null, []) { Hold = hold }, default);
    }

    private static async Task<IEnumerable<string>> LoggedAsync(Bench bench) => (await bench.EventsAsync()).OfType<MessageLogged>().Select(log => log.Message);

    private static async Task<IEnumerable<string>> HeldAsync(Bench bench) =>
        InstanceView.Of(new WorkflowCore(Bench.Catalog), new WorkflowGraph(Flow), await bench.EntriesAsync()).Held.Select(held => held.NodeId);

    private static async Task WaitAsync(Bench bench, Func<InstanceSummary, bool> isSo)
    {
        for (var i = 0; i < 10_000 && !isSo(await bench.SummaryAsync()); i++) await Task.Yield();
        Assert.True(isSo(await bench.SummaryAsync()));
    }
}
