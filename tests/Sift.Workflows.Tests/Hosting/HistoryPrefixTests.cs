using System.Text.Json.Nodes;
using Sift.Testing;
using Sift.Testing.World;
using Sift.Workflows.Activities;
using Sift.Workflows.Definitions;
using Sift.Workflows.Engine;
using Sift.Workflows.Journal;
using Sift.Workflows.Tests.Engine;

namespace Sift.Workflows.Tests.Hosting;

/// <summary>
/// A process that finds any beginning of a recorded history goes on from there to the end that was recorded. What the beginning knows to be
/// done is not done again. A beginning holds whole activations, because a store takes each of them whole or not at all.
/// </summary>
public sealed class HistoryPrefixTests
{
    public static TheoryData<string> Files => HistoryTests.Files;

    [Theory]
    [MemberData(nameof(Files))]
    public async Task From_any_beginning_of_a_history_the_rest_is_done_once_and_the_end_is_the_same(string file)
    {
        var history = History.Read(file);
        var whole = InstanceView.Of(new WorkflowCore(Bench.Catalog), history.Graph, history.Entries);
        Assert.True(history.Boundaries.Count > 5, "a history of a few steps tests nothing");

        foreach (var length in history.Boundaries)
        {
            var seen = await FinishFromAsync(history, length);

            Assert.True(seen.Final.SubStatus == history.Ends, $"after {length} entries: {seen.Final}");
            Assert.False(seen.Final.HasPendingEffects, $"after {length} entries");
            Assert.Equal(Variables(whole), Variables(seen.View));
            var begun = history.Entries.Take(length).Select(entry => JournalEncoding.Decode(entry)).OfType<EffectStarted>().Select(e => e.Effect).ToHashSet();
            foreach (var effect in seen.Requested)
            {
                var carriedOut = seen.Executed.Count(done => done.Id.Value == effect.Id && done.Effect.Guarantee == effect.Guarantee && done.Delivery != EffectDelivery.Unknown);
                var isOld = effect.Sequence <= length;
                var (least, most) = effect.Guarantee switch
                {
                    EffectGuarantee.Local => (isOld ? 0 : 1, isOld ? 0 : 1),
                    EffectGuarantee.AtMostOnce => begun.Contains(effect.Sequence) ? (0, 0) : (1, 1),
                    _ => history.IsDoneWithin(effect.Sequence, length) ? (0, 0) : (1, 1),
                };
                Assert.True(carriedOut >= least && carriedOut <= most, $"after {length} entries: effect {effect.Id} ({effect.Guarantee}) was carried out {carriedOut} times, not {least} to {most}");
            }
        }
    }

    private static async Task<Outcome> FinishFromAsync(History history, int length)
    {
        var definitions = new InMemoryDefinitionStore();
        var journal = new InMemoryJournalStore();
        var state = new WorkflowCore(Bench.Catalog).NewState(history.Instance, history.Graph);
        var prefix = history.Entries.Take(length).ToList();
        WorkflowCore.Fold(state, prefix);
        await definitions.SaveAsync([history.Graph.Definition.AsFrozen()], default);
        await journal.AppendAsync(new JournalAppend(history.Instance, prefix, state.Summarize(), []), default);

        var pump = new WorkPump();
        await using var bench = new Bench(journal, new VirtualTime(prefix[^1].At), definitions, Bench.Options with { Queue = pump }).Connected();
        bench.Effects.Answer = (instance, id, effect, delivery) =>
        {
            if (effect.Type == "test.once") bench.Runtime.CompleteEffect(instance, id);
            if (effect.Type == "test.committed") bench.Runtime.Signal(instance, new InstanceSignal("answer", id.Value, null));
        };
        await bench.Runtime.RecoverAsync(default);
        for (var round = 0; round < 12 && bench.Runtime.LiveCount > 0; round++)
        {
            await pump.SettleAsync(TimeSpan.Zero);
            bench.Runtime.Signal(history.Instance, new InstanceSignal("key", null, new JsonObject { ["digit"] = "1" }));
            await pump.SettleAsync(TimeSpan.Zero);
            bench.Time.Advance(TimeSpan.FromSeconds(10));
            await pump.SettleAsync(TimeSpan.Zero);
        }

        var entries = await bench.EntriesAsync(history.Instance);
        return new Outcome(
            [.. entries.Select(entry => (entry.Sequence, Event: JournalEncoding.Decode(entry))).Where(item => item.Event is EffectRequested)
                .Select(item => ($"{history.Instance}:{item.Sequence}", item.Sequence, ((EffectRequested)item.Event).Guarantee))],
            bench.Effects.Seen,
            await bench.SummaryAsync(history.Instance),
            InstanceView.Of(new WorkflowCore(Bench.Catalog), history.Graph, entries));
    }

    private static string Variables(InstanceView view) =>
        string.Join(';', view.Variables.OrderBy(pair => pair.Key).Select(pair => $"{pair.Key}={pair.Value?.ToJsonString()}"));

    private sealed record Outcome(
        List<(string Id, long Sequence, EffectGuarantee Guarantee)> Requested,
        IReadOnlyList<(string Instance, EffectId Id, Effect Effect, EffectDelivery Delivery)> Executed,
        InstanceSummary Final,
        InstanceView View);
}
