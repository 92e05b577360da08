using Sift.Web.Observability;
using Sift.Web.Storage;
using Sift.Workflows.Definitions;
using Sift.Workflows.Engine;
using Sift.Workflows.Journal;

namespace Sift.Web.Workflows;

/// <summary>Gives a recorded history to a definition version and tells in words where its decisions differ. Nothing is carried out.</summary>
internal sealed class HistoryReplay(IJournalStore journal, IDefinitionStore definitions, WorkflowCore core)
{
    /// <param name="version">Null for the version the instance followed.</param>
    /// <returns>Null when there is no such instance or version.</returns>
    public async ValueTask<ReplayObject?> RunAsync(InstanceSummary summary, int? version, CancellationToken cancellationToken)
    {
        if (await definitions.FindVersionAsync(summary.DefinitionVersionId, cancellationToken) is not { } followed)
        {
            return null;
        }

        var other = version is null || version == followed.Version
            ? followed
            : (await definitions.VersionsAsync(summary.DefinitionId, cancellationToken)).FirstOrDefault(candidate => candidate.Version == version);
        if (other is null)
        {
            return null;
        }

        // What a viewer is shown has its digits masked and would decide otherwise; the engine is given what really came.
        var history = new List<JournalEntry>();
        await foreach (var entry in journal.ReadAsync(summary.InstanceId, 1, cancellationToken))
        {
            history.Add(entry);
        }

        var graph = new WorkflowGraph(other);
        if (other.Id == followed.Id && Replayer.Replay(core, graph, history) is null)
        {
            return new ReplayObject(true, other.Version) { Differences = [] };
        }

        var compared = HistoryComparer.Compare(core, graph, history);
        return Tell(history, compared, new WorkflowGraph(followed), graph);
    }

    private ReplayObject Tell(List<JournalEntry> history, HistoryComparison compared, WorkflowGraph followed, WorkflowGraph other)
    {
        // Both histories at once: what a caller entered in the one is a secret in the other too.
        var marked = Confidential.Concerns([], followed.Definition) ? followed.Definition : other.Definition;
        var shown = Confidential.Shown([.. history, .. compared.Decided], marked, out _);
        var recorded = new Side(core, followed, [.. shown.Take(history.Count)]);
        var decided = new Side(core, other, [.. shown.Skip(history.Count)]);
        var differences = compared.Differences.Select(difference =>
        {
            var (then, now) = (recorded.Find(difference.Recorded), decided.Find(difference.Decided));
            var moment = then?.At ?? now!.Value.At;
            var (thenText, nowText) = (recorded.Text(then), decided.Text(now));
            if (thenText == nowText)
            {
                (thenText, nowText) = (recorded.FullText(then), decided.FullText(now));
            }

            return new ReplayDifferenceObject(then?.Sequence ?? recorded.LastBefore(moment), Moment.Of(moment))
            {
                NodeId = difference.NodeId,
                Recorded = thenText,
                Decided = nowText,
            };
        }).ToList();
        return new ReplayObject(differences.Count == 0, other.Definition.Version)
        {
            Sequence = differences.Count > 0 ? differences[0].Sequence : null,
            Recorded = differences.Count > 0 ? differences[0].Recorded : null,
            Decided = differences.Count > 0 ? differences[0].Decided : null,
            Differences = differences,
            RecordedEnd = recorded.End(),
            DecidedEnd = decided.End(),
        };
    }

    /// <summary>One of the two histories, with names for what it numbers.</summary>
    private sealed class Side
    {
        private readonly IReadOnlyList<JournalEntry> entries;
        private readonly InstanceView view;
        private readonly Dictionary<long, string> names;

        public Side(WorkflowCore core, WorkflowGraph graph, IReadOnlyList<JournalEntry> entries)
        {
            this.entries = entries;
            view = InstanceView.Of(core, graph, entries);
            names = view.Activities.ToDictionary(record => record.Sequence, record => record.Name);
        }

        // Sequences have no gaps.
        public JournalEntry? Find(long? sequence) => sequence is { } number ? entries[(int)number - 1] : null;

        public long LastBefore(DateTimeOffset at) => entries.LastOrDefault(entry => entry.At <= at).Sequence;

        public string? Text(JournalEntry? entry) => entry is { } given
            ? EventText.Of(JournalEncoding.Decode(given), number => names.GetValueOrDefault(number, "?"), given.At, given.Sequence)
            : null;

        public string? FullText(JournalEntry? entry) => entry is { } given && EventText.DetailOf(JournalEncoding.Decode(given)) is { } detail ? $"{Text(entry)}: {detail}" : Text(entry);

        public string End()
        {
            var status = InstanceObject.Of(view.Summary).Status;
            var waiting = view.Activities.Where(record => record.Status == ActivityStatus.Running && record.ParentId is not null).Select(record => record.Name).ToList();
            return view.Summary.FinishedAt is null && waiting.Count > 0 ? $"{status} at {string.Join(", ", waiting)}" : status;
        }
    }
}
