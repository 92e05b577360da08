using System.Text.Json.Nodes;
using Sift.Workflows.Definitions;
using Sift.Workflows.Engine;
using Sift.Workflows.Hosting;
using Sift.Workflows.Journal;

namespace Sift.Workflows.Tests.Hosting;

/// <summary>What flows of customers must not be able to do to others, and to the server.</summary>
public sealed class RuntimeLimitsTests
{
    [Fact]
    public async Task An_event_sent_by_a_flow_reaches_instances_of_its_own_account_only()
    {
        await using var bench = new Bench().Connected();
        await SaveAsync(bench, Flows.Flowchart([Flows.Activity("Sift.WaitForEvent", "wait", ("Event", "go"))], id: "waits"));
        await SaveAsync(bench, Flows.Flowchart([Flows.Activity("Sift.SendEvent", "send", ("Event", "go"), ("Instance", Flows.Template("{{ input.to }}")))], id: "sends"));
        foreach (var (id, account) in ((string, string)[])[("mine", "a"), ("theirs", "b")])
        {
            await bench.Runtime.StartAsync(new InstanceStart(id, "waits", null, []) { AccountId = account }, default);
            await bench.Runtime.StartAsync(new InstanceStart("to-" + id, "sends", null, new JsonObject { ["to"] = id }) { AccountId = "a" }, default);
        }

        await WorkflowRuntimeTests.Eventually(() => bench.Runtime.LiveCount == 1);
        Assert.Equal("Finished", (await bench.SummaryAsync("mine")).SubStatus);
        Assert.Equal("Suspended", (await bench.SummaryAsync("theirs")).SubStatus);
        Assert.DoesNotContain(await bench.EventsAsync("theirs"), static happened => happened is SignalReceived);
    }

    [Fact]
    public async Task Thousands_of_effects_that_become_ready_at_once_are_carried_out_one_after_another()
    {
        const int Count = 9_000;
        await using var bench = new Bench().Connected();

        await bench.StartAsync(Flows.Sequence([.. Enumerable.Range(0, Count).Select(i => Flows.Activity("Sift.SendEvent", $"s{i}", ("Event", "tick"))), Flows.Probe("end", "stop")]));

        await WorkflowRuntimeTests.Eventually(() => bench.Journal.InFlight == 0 && !bench.SummaryAsync().Result.HasPendingEffects);
        Assert.Equal(Count, (await bench.EventsAsync()).Count(static happened => happened is EffectDone));
    }

    [Fact]
    public async Task An_observer_that_fails_when_an_instance_is_lost_keeps_nobody_waiting()
    {
        await using var first = new Bench().Connected();
        await first.StartAsync(Flows.Sequence(Flows.Probe("p", "go")));
        await using var second = new Bench(first.Journal, first.Time, first.Definitions).Connected(observers: [new FailingObserver()]);

        await Assert.ThrowsAsync<JournalConflictException>(() => second.Runtime.StartAsync(new InstanceStart("i1", "flow", null, []), default).AsTask().WaitAsync(TimeSpan.FromSeconds(20), TimeProvider.System));
        Assert.Equal(0, second.Runtime.LiveCount);
    }

    [Fact]
    public async Task Timers_of_instances_that_have_ended_are_let_go()
    {
        const int Count = 5_000;
        await using var bench = new Bench().Connected();
        await SaveAsync(bench, Flows.Sequence(Flows.Activity("Sift.Delay", "year", ("Seconds", 365 * 86_400))));
        for (var i = 0; i < Count; i++)
        {
            await bench.Runtime.StartAsync(new InstanceStart($"i{i}", "flow", null, []), default);
        }

        await WorkflowRuntimeTests.Eventually(() => bench.Runtime.Timers.Count == Count);
        for (var i = 1; i < Count; i++)
        {
            Assert.True(await bench.Runtime.CancelAsync($"i{i}", "enough", default));
        }

        await WorkflowRuntimeTests.Eventually(() => bench.Runtime.LiveCount == 1 && bench.Runtime.Timers.Count < Count / 2);
        bench.Time.Advance(TimeSpan.FromDays(366));
        await WorkflowRuntimeTests.Eventually(() => bench.Runtime.LiveCount == 0);
        Assert.Equal("Finished", (await bench.SummaryAsync("i0")).SubStatus);
        Assert.Equal(0, bench.Runtime.Timers.Count);
    }

    [Fact]
    public async Task However_deeply_nested_a_value_is_its_instance_is_taken_up_again()
    {
        await using var bench = new Bench().Connected();
        await bench.StartAsync(Flows.Sequence(Flows.Probe("a", "go")));
        JsonNode deep = 1;
        for (var i = 0; i < 200; i++) deep = new JsonArray(deep);
        await bench.SignalAsync("i1", "noise", payload: new JsonObject { ["value"] = deep });

        await using var second = bench.AfterCrash().Connected();
        await second.Runtime.RecoverAsync(default);
        await second.SignalAsync("i1", "go");

        Assert.Equal("Finished", (await second.SummaryAsync()).SubStatus);
    }

    [Fact]
    public async Task A_failure_of_the_engine_itself_is_told_to_whoever_waits()
    {
        await using var bench = new Bench().Connected();
        await bench.StartAsync(Flows.Sequence(Flows.Probe("a", "go")));

        // No JSON can hold it, so the signal cannot be journalled.
        var signalled = bench.SignalAsync("i1", "go", payload: JsonValue.Create(double.NaN));

        await Assert.ThrowsAsync<ArgumentException>(() => signalled.WaitAsync(TimeSpan.FromSeconds(20), TimeProvider.System));
        Assert.Equal(0, bench.Runtime.LiveCount);
    }

    [Fact]
    public async Task Versions_that_were_followed_once_do_not_stay_in_memory()
    {
        var definitions = new InMemoryDefinitionStore();
        var cache = new GraphCache(definitions);
        var flow = Flows.Sequence(Flows.Probe("a", "go"));
        for (var i = 0; i < GraphCache.Most + 10; i++)
        {
            await definitions.SaveAsync([flow.With(("id", $"v{i}")).AsFrozen()], default);
            await cache.OfVersionAsync($"v{i}", default);
        }

        Assert.InRange(cache.Count, 1, GraphCache.Most);
        Assert.Equal("v0", (await cache.OfVersionAsync("v0", default)).Definition.Id);
    }

    [Fact]
    public async Task A_signal_that_an_ended_instance_drops_is_told_to_whoever_sent_it()
    {
        await using var bench = new Bench().Connected();
        await bench.StartAsync(Flows.Sequence(Flows.Probe("a", "go")));

        Assert.True(await bench.Runtime.SignalAsync("i1", new InstanceSignal("go", null, null), default));
        Assert.False(await bench.Runtime.SignalAsync("i1", new InstanceSignal("go", null, null), default));
    }

    private static ValueTask SaveAsync(Bench bench, WorkflowDefinition definition) => bench.Definitions.SaveAsync([definition.With(("isPublished", true)).AsFrozen()], default);

    private sealed class FailingObserver : IInstanceObserver
    {
        public void OnCommitted(InstanceSummary summary, IReadOnlyList<JournalEntry> entries)
        {
        }

        public void OnLost(string instanceId) => throw new InvalidOperationException("an observer of the test");
    }
}
