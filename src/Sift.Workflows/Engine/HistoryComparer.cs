using Sift.Workflows.Definitions;
using Sift.Workflows.Journal;

namespace Sift.Workflows.Engine;

/// <summary>
/// Gives what came from outside in a recorded history to another definition version, and lists every decision in which the two differ.
/// Unlike <see cref="Replayer"/>, which asks for the very same entries, this goes on after a difference: executions, effects and ids are
/// matched by what they belong to, not by their numbers.
/// </summary>
public static class HistoryComparer
{
    public static HistoryComparison Compare(WorkflowCore core, WorkflowGraph graph, IReadOnlyList<JournalEntry> history)
    {
        if (history.Count == 0) return new HistoryComparison([], []);

        var replay = new TranslatedReplay(core, graph, history);
        replay.Run();
        return new HistoryComparison(replay.Decided, [.. Differences(history, replay)]);
    }

    private static IEnumerable<HistoryDifference> Differences(IReadOnlyList<JournalEntry> history, TranslatedReplay replay)
    {
        var (then, now) = (replay.RecordedNames.Tokens, replay.DecidedNames.Tokens);
        var (i, j) = (0, 0);
        foreach (var (nextThen, nextNow) in SequenceAlignment.Of(Ids(then, now, out var others), others).Append((then.Count, now.Count)))
        {
            foreach (var difference in Gap(i, nextThen, j, nextNow)) yield return difference;
            (i, j) = (nextThen + 1, nextNow + 1);
        }

        // What stands between two agreements: side by side where it is the same kind of decision about the same thing.
        IEnumerable<HistoryDifference> Gap(int fromThen, int toThen, int fromNow, int toNow)
        {
            var taken = new HashSet<int>();
            for (var a = fromThen; a < toThen; a++)
            {
                if (!IsDecision(history[a].Kind)) continue;
                var partner = -1;
                for (var b = fromNow; b < toNow && partner < 0; b++)
                {
                    if (!taken.Contains(b) && then[a].Subject == now[b].Subject) partner = b;
                }

                if (partner >= 0) taken.Add(partner);
                yield return new HistoryDifference(history[a].Sequence, partner >= 0 ? replay.Decided[partner].Sequence : null, then[a].NodeId);
            }

            for (var b = fromNow; b < toNow; b++)
            {
                if (!taken.Contains(b) && IsDecision(replay.Decided[b].Kind)) yield return new HistoryDifference(null, replay.Decided[b].Sequence, now[b].NodeId);
            }
        }
    }

    // What came from outside is the same on both sides; a timer that fired is there because of a decision.
    private static bool IsDecision(string kind) => !JournalKinds.IsInput(kind) || kind == JournalKinds.TimerDue;

    private static int[] Ids(IReadOnlyList<EventToken> then, IReadOnlyList<EventToken> now, out int[] others)
    {
        var known = new Dictionary<string, int>(StringComparer.Ordinal);
        int IdOf(EventToken token) => known.TryGetValue(token.Text, out var id) ? id : known[token.Text] = known.Count;
        var ids = then.Select(IdOf).ToArray();
        others = [.. now.Select(IdOf)];
        return ids;
    }
}

/// <param name="Decided">The journal as the other version would have written it.</param>
/// <param name="Differences">In order; empty when every decision is the same.</param>
public sealed record HistoryComparison(IReadOnlyList<JournalEntry> Decided, IReadOnlyList<HistoryDifference> Differences);

/// <summary>One decision that differs; one of the two is there always.</summary>
/// <param name="Recorded">Sequence in the recorded journal; null when it holds no such decision.</param>
/// <param name="Decided">Sequence in <see cref="HistoryComparison.Decided"/>; null when the other version decides no such thing.</param>
/// <param name="NodeId">The activity it is about; null for the instance as a whole.</param>
public sealed record HistoryDifference(long? Recorded, long? Decided, string? NodeId);
