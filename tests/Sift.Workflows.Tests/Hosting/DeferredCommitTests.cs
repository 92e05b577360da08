using Sift.Workflows.Engine;
using Sift.Workflows.Hosting;
using Sift.Workflows.Journal;
using static Sift.Workflows.Tests.Hosting.WorkflowRuntimeTests;

namespace Sift.Workflows.Tests.Hosting;

public sealed class DeferredCommitTests
{
    private static readonly TimeSpan Deferral = TimeSpan.FromMilliseconds(50);

    [Fact]
    public async Task What_nobody_waits_for_is_committed_a_moment_later_and_together()
    {
        var watcher = new Watcher();
        await using var bench = await StartedAsync(watcher);
        var before = await CountAsync(bench);
        bench.Runtime.Signal("i1", new InstanceSignal("step", null, null));
        bench.Runtime.Signal("i1", new InstanceSignal("step", null, null));
        await Eventually(() => bench.Effects.Seen.Count == 3);
        Assert.Equal(before, await CountAsync(bench));
        Assert.Empty(watcher.Commits);

        bench.Time.Advance(Deferral);
        await Eventually(() => watcher.Commits.Count == 1);
        Assert.Equal(2, (await bench.EventsAsync()).OfType<SignalReceived>().Count());
    }

    [Fact]
    public async Task Somebody_who_waits_takes_what_was_deferred_along()
    {
        var watcher = new Watcher();
        await using var bench = await StartedAsync(watcher);
        bench.Runtime.Signal("i1", new InstanceSignal("step", null, null));
        await bench.SignalAsync("i1", "step");

        var signals = (await bench.EventsAsync()).OfType<SignalReceived>().Count();
        Assert.Equal(2, signals);
    }

    [Fact]
    public async Task Who_waits_patiently_hears_of_the_commit_when_it_comes()
    {
        await using var bench = await StartedAsync(new Watcher());
        var patient = bench.Runtime.SignalAsync("i1", new InstanceSignal("step", null, null) { IsPatient = true }, default).AsTask();
        await Eventually(() => bench.Time.NextDue is not null);
        Assert.False(patient.IsCompleted);

        bench.Time.Advance(Deferral);
        await patient;
    }

    [Fact]
    public async Task An_orderly_end_commits_what_was_deferred()
    {
        var bench = await StartedAsync(new Watcher());
        bench.Runtime.Signal("i1", new InstanceSignal("step", null, null));
        await Eventually(() => bench.Time.NextDue is not null);
        await bench.DisposeAsync();

        Assert.Single((await bench.EventsAsync()).OfType<SignalReceived>());
    }

    [Fact]
    public async Task A_start_that_promises_nothing_is_taken_up_before_it_is_durable()
    {
        await using var bench = NewBench(new Watcher());
        await bench.Definitions.SaveAsync([Flows.Sequence(Flows.Probe("p", "step")).With(("isPublished", true)).AsFrozen()], default);
        var durable = await bench.Runtime.BeginAsync(new InstanceStart("i1", "flow", null, []) { IsPatient = true }, default);
        await Eventually(() => bench.Time.NextDue is not null);
        Assert.False(durable.IsCompleted);
        Assert.Equal(1, bench.Runtime.LiveCount);

        bench.Time.Advance(Deferral);
        await durable;
        Assert.NotEmpty(await bench.EntriesAsync());
    }

    [Fact]
    public async Task Observers_hear_of_an_instance_whose_journal_is_refused()
    {
        var watcher = new Watcher();
        await using var bench = await StartedAsync(watcher);
        var summary = await bench.SummaryAsync();
        var next = new JournalEntry("i1", summary.LastSequence + 1, bench.Time.GetUtcNow(), "foreign", "{}"u8.ToArray());
        await bench.Journal.AppendAsync(new JournalAppend("i1", [next], summary with { LastSequence = summary.LastSequence + 1 }, []), default);

        await Assert.ThrowsAsync<JournalConflictException>(() => bench.SignalAsync("i1", "step"));
        Assert.Equal("i1", Assert.Single(watcher.Lost));
    }

    private static Bench NewBench(Watcher watcher) =>
        new Bench(options: new WorkflowRuntimeOptions { CommitDeferral = Deferral }).Connected(observers: [watcher]);

    private static async Task<Bench> StartedAsync(Watcher watcher)
    {
        var bench = NewBench(watcher);
        await bench.StartAsync(Flows.Sequence(Flows.Probe("first", "step"), Flows.Probe("second", "step"), Flows.Probe("third", "step")));
        lock (watcher.Commits) watcher.Commits.Clear();
        return bench;
    }

    private static async Task<int> CountAsync(Bench bench) => (await bench.EntriesAsync()).Count;

    private sealed class Watcher : IInstanceObserver
    {
        public List<int> Commits { get; } = [];

        public List<string> Lost { get; } = [];

        public void OnCommitted(InstanceSummary summary, IReadOnlyList<JournalEntry> entries)
        {
            lock (Commits) Commits.Add(entries.Count);
        }

        public void OnLost(string instanceId) => Lost.Add(instanceId);
    }
}
