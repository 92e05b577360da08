using System.Text;
using Sift.Workflows.Definitions;
using Sift.Workflows.Journal;

namespace Sift.Workflows.Engine;

/// <summary>Gives the inputs of a recorded history to the engine again and compares what it decides with what it decided then.</summary>
public static class Replayer
{
    /// <summary>The first difference; null when every decision is the same.</summary>
    /// <param name="graph">The version the history was recorded with, or another one to see where decisions would differ.</param>
    public static ReplayDifference? Replay(WorkflowCore core, WorkflowGraph graph, IReadOnlyList<JournalEntry> history)
    {
        if (history.Count == 0) return null;
        var state = core.NewState(history[0].InstanceId, graph);
        var position = 0;
        while (position < history.Count)
        {
            var input = history[position];
            var recorded = JournalEncoding.Decode(input);
            if (!recorded.IsInput) return new ReplayDifference(input.Sequence, Show(input), null);

            var end = position + 1;
            while (end < history.Count && !IsInput(history[end])) end++;

            if (WorkflowCore.Activate(state, new InstanceInput(recorded), input.At) is not { } activation)
            {
                return new ReplayDifference(input.Sequence, Show(input), null);
            }

            var decided = JournalEncoding.Encode(input.InstanceId, input.Sequence, activation.At, activation.Events);
            var count = Math.Max(end - position, decided.Length);
            for (var i = 0; i < count; i++)
            {
                var then = position + i < end ? history[position + i] : (JournalEntry?)null;
                var now = i < decided.Length ? decided[i] : (JournalEntry?)null;
                if (!Same(then, now)) return new ReplayDifference(input.Sequence + i, then is { } t ? Show(t) : null, now is { } n ? Show(n) : null);
            }

            position = end;
        }

        return null;
    }

    private static bool IsInput(in JournalEntry entry) => JournalKinds.IsInput(entry.Kind);

    private static bool Same(JournalEntry? then, JournalEntry? now) =>
        then is { } a && now is { } b && a.Kind == b.Kind && a.At == b.At && a.Data.Span.SequenceEqual(b.Data.Span);

    private static string Show(in JournalEntry entry) => $"{entry.Kind} {Encoding.UTF8.GetString(entry.Data.Span)}";
}

/// <summary>Where a replay leaves the recorded history.</summary>
/// <param name="Recorded">What stands in the journal; null when the journal has nothing there.</param>
/// <param name="Decided">What the engine decides now; null when it decides nothing there.</param>
public sealed record ReplayDifference(long Sequence, string? Recorded, string? Decided);
