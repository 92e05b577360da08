using System.Text.Json.Nodes;
using Sift.Testing;
using Sift.Testing.World;
using Sift.Workflows.Activities;
using Sift.Workflows.Definitions;
using Sift.Workflows.Engine;
using Sift.Workflows.Journal;

namespace Sift.Workflows.Tests.Hosting;

/// <summary>Kills the process at every entry of recorded histories and looks at what the next one does.</summary>
public sealed class CrashTests
{
    public static TheoryData<string> Scenarios => [.. s_scenarios.Keys];

    [Theory]
    [MemberData(nameof(Scenarios))]
    public async Task Killed_at_any_entry_it_repeats_nothing_that_may_happen_once_and_loses_nothing_committed(string name)
    {
        var scenario = s_scenarios[name];
        var whole = await RecordAsync(scenario);
        Assert.Equal("Finished", whole.Summary.Status);

        for (var cut = 1; cut <= whole.Entries.Count; cut++)
        {
            var outcome = await RunCutAsync(scenario, cut);

            Assert.True(outcome.Final.Status == "Finished" && outcome.Final.SubStatus == whole.Summary.SubStatus, $"cut {cut}: {outcome.Final}");
            Assert.Equal(Variables(whole.View), Variables(outcome.View));
            Assert.False(outcome.Final.HasPendingEffects, $"cut {cut}");
            foreach (var effect in outcome.Requested)
            {
                // A local effect of a step that was lost may have had the same id; its promise is none.
                var carriedOut = outcome.Executed
                    .Where(seen => seen.Id.Value == effect.Id && seen.Effect.Guarantee == effect.Guarantee && seen.Delivery != EffectDelivery.Unknown)
                    .ToList();
                if (effect.Guarantee == EffectGuarantee.AtMostOnce) Assert.True(carriedOut.Count <= 1, $"cut {cut}: {effect.Id} happened {carriedOut.Count} times");
                if (effect.Guarantee == EffectGuarantee.Committed) Assert.True(carriedOut.Count >= 1, $"cut {cut}: {effect.Id} was lost");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Scenarios))]
    public async Task A_recorded_history_replays_to_the_same_decisions(string name)
    {
        var whole = await RecordAsync(s_scenarios[name]);

        Assert.Null(Replayer.Replay(new WorkflowCore(Bench.Catalog), new WorkflowGraph(s_scenarios[name].Flow()), whole.Entries));
        if (Environment.GetEnvironmentVariable("SIFT_RECORD_HISTORIES") is { } folder) await RecordHistoryAsync(folder, name, whole.Entries, whole.Summary);
    }

    /// <summary>Writes what was recorded in the form that HistoryTests reads.</summary>
    private static Task RecordHistoryAsync(string folder, string name, List<JournalEntry> entries, InstanceSummary summary)
    {
        var history = new JsonObject
        {
            ["instance"] = summary.InstanceId,
            ["ends"] = summary.SubStatus,
            ["definition"] = s_scenarios[name].Flow().Json.DeepClone(),
            ["journal"] = new JsonArray([.. entries.Select(entry => new JsonObject
            {
                ["at"] = entry.At, ["kind"] = entry.Kind, ["data"] = System.Text.Encoding.UTF8.GetString(entry.Data.Span),
            })]),
        };
        return File.WriteAllTextAsync(Path.Combine(folder, name.Replace(' ', '-') + ".json"), history.ToJsonString(new() { WriteIndented = true }) + "\n");
    }

    private static string Variables(InstanceView view) =>
        string.Join(';', view.Variables.OrderBy(pair => pair.Key).Select(pair => $"{pair.Key}={pair.Value?.ToJsonString()}"));

    private static async Task<(List<JournalEntry> Entries, InstanceSummary Summary, InstanceView View)> RecordAsync(Scenario scenario)
    {
        var pump = new WorkPump();
        await using var bench = new Bench(options: Bench.Options with { Queue = pump }).Connected();
        bench.Effects.Answer = Answer(bench);
        var starting = bench.StartAsync(scenario.Flow());
        await pump.SettleAsync(TimeSpan.Zero);
        await starting;
        await DriveAsync(bench, pump);
        return (await bench.EntriesAsync(), await bench.SummaryAsync(), await ViewAsync(bench, scenario));
    }

    /// <summary>The store takes no append that reaches entry <paramref name="cut"/>: the kill comes while that one is in flight.</summary>
    private static async Task<Outcome> RunCutAsync(Scenario scenario, int cut)
    {
        var definitions = new InMemoryDefinitionStore();
        await definitions.SaveAsync([scenario.Flow().With(("isPublished", true)).AsFrozen()], default);
        var time = new VirtualTime();
        var pump = new WorkPump();
        await using var first = new Bench(new InMemoryJournalStore { CutAt = cut }, time, definitions, Bench.Options with { Queue = pump }).Connected();
        first.Effects.Answer = Answer(first);
        var starting = first.Runtime.StartAsync(new InstanceStart("i1", "flow", null, []), default).AsTask();
        await DriveAsync(first, pump);

        // What the killed process still had to do stays undone in its own queue.
        pump = new WorkPump();
        await using var second = new Bench(first.Journal.Crash(), time, definitions, Bench.Options with { Queue = pump }).Connected();
        second.Effects.Answer = Answer(second);
        await second.Runtime.RecoverAsync(default);
        if (await second.Journal.FindAsync("i1", default) is null)
        {
            // Killed before the start was durable: whoever started it was not told that it runs, and starts it again.
            Assert.False(starting.IsCompletedSuccessfully);
            starting = second.Runtime.StartAsync(new InstanceStart("i1", "flow", null, []), default).AsTask();
            await pump.SettleAsync(TimeSpan.Zero);
            await starting;
        }

        await DriveAsync(second, pump);
        var requested = (await second.EntriesAsync())
            .Select(entry => (entry.Sequence, Event: JournalEncoding.Decode(entry)))
            .Where(item => item.Event is EffectRequested)
            .Select(item => ($"i1:{item.Sequence}", ((EffectRequested)item.Event).Guarantee))
            .ToList();
        return new Outcome(requested, [.. first.Effects.Seen, .. second.Effects.Seen], await second.SummaryAsync(), await ViewAsync(second, scenario));
    }

    /// <summary>Lets time pass until nothing happens any more; the outside world answers and presses keys.</summary>
    private static async Task DriveAsync(Bench bench, WorkPump pump)
    {
        await pump.SettleAsync(TimeSpan.Zero);
        for (var round = 0; round < 12 && bench.Runtime.LiveCount > 0; round++)
        {
            bench.Runtime.Signal("i1", new InstanceSignal("key", null, new JsonObject { ["digit"] = "1" }));
            await pump.SettleAsync(TimeSpan.Zero);
            bench.Time.Advance(TimeSpan.FromSeconds(10));
            await pump.SettleAsync(TimeSpan.Zero);
        }
    }

    /// <summary>The world outside: it confirms what it did, and what it cannot know it reports as such.</summary>
    private static Action<string, EffectId, Effect, EffectDelivery> Answer(Bench bench) => (instance, id, effect, delivery) =>
    {
        if (effect.Type == "test.once") bench.Runtime.CompleteEffect(instance, id);
        if (effect.Type == "test.committed") bench.Runtime.Signal(instance, new InstanceSignal("answer", id.Value, null));
    };

    private static async Task<InstanceView> ViewAsync(Bench bench, Scenario scenario) =>
        InstanceView.Of(new WorkflowCore(Bench.Catalog), new WorkflowGraph(scenario.Flow()), await bench.EntriesAsync());

    private static readonly Dictionary<string, Scenario> s_scenarios = new()
    {
        ["effects in a row"] = new(() => Flows.Sequence(
            Flows.Activity("Test.Effects", "e1"), Flows.Activity("Sift.Delay", "d", ("Seconds", "5")), Flows.Activity("Test.Effects", "e2"),
            Flows.Activity("Sift.SetVariable", "v", ("Variable", "done"), ("Value", "yes")))),
        ["two branches and a join"] = new(() => Flows.Flowchart(
            [
                Flows.Activity("Sift.Fork", "fork", ("Branches", Flows.Wrapped("Object", "[\"a\",\"b\"]"))),
                Flows.Activity("Test.Effects", "left"), Flows.Probe("right", "key", ("Times", "2")),
                Flows.Activity("Sift.Join", "join"), Flows.Activity("Test.Effects", "after"),
                Flows.Activity("Sift.SetVariable", "v", ("Variable", "joined"), ("Value", "yes")),
            ],
            ["fork.a > left", "fork.b > right", "left > join", "right > join", "join > after", "after > v"])),
        ["a wait that times out"] = new(() => Flows.Flowchart(
            [
                Flows.Activity("Sift.WaitForEvent", "wait", ("Event", "never"), ("Seconds", "15")),
                Flows.Activity("Test.Effects", "e"), Flows.Activity("Sift.End", "end", ("Reason", "over")),
            ],
            ["wait.Timeout > e", "e > end"])),
    };

    private sealed record Scenario(Func<WorkflowDefinition> Flow);

    private sealed record Outcome(
        List<(string Id, EffectGuarantee Guarantee)> Requested,
        List<(string Instance, EffectId Id, Effect Effect, EffectDelivery Delivery)> Executed,
        InstanceSummary Final,
        InstanceView View);
}
