using System.Collections.Concurrent;
using Sift.Workflows.Definitions;
using Sift.Workflows.Engine;
using Sift.Workflows.Journal;

namespace Sift.Web.Storage;

/// <summary>Instances as they stand, folded from their journals. The last few are remembered until their journals have grown.</summary>
internal sealed class InstanceReader(IJournalStore journal, DefinitionStore definitions, WorkflowCore core)
{
    private const int Remembered = 64;

    private readonly ConcurrentDictionary<string, InstanceFile> files = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<string> order = new();

    /// <summary>Null when it is unknown or belongs to another account.</summary>
    public async ValueTask<InstanceFile?> FindAsync(string accountId, string instanceId, CancellationToken cancellationToken) =>
        await journal.FindAsync(instanceId, cancellationToken) is { } summary && summary.AccountId == accountId
            ? await ReadAsync(summary, cancellationToken)
            : null;

    public async ValueTask<InstanceSummary?> FindSummaryAsync(string accountId, string instanceId, CancellationToken cancellationToken) =>
        await journal.FindAsync(instanceId, cancellationToken) is { } summary && summary.AccountId == accountId ? summary : null;

    /// <summary>Null when the version it follows is not stored any more.</summary>
    public async ValueTask<InstanceFile?> ReadAsync(InstanceSummary summary, CancellationToken cancellationToken)
    {
        if (files.TryGetValue(summary.InstanceId, out var known) && known.Summary.LastSequence >= summary.LastSequence)
        {
            return known;
        }

        var graph = known?.Graph;
        if (graph is null)
        {
            if (await definitions.FindVersionAsync(summary.DefinitionVersionId, cancellationToken) is not { } definition)
            {
                return null;
            }

            graph = new WorkflowGraph(definition);
        }

        // What was entered in confidence is looked for in the whole journal each time.
        var entries = known is null or { IsConfidential: true } ? [] : new List<JournalEntry>(known.Entries);
        await foreach (var entry in journal.ReadAsync(summary.InstanceId, entries.Count + 1, cancellationToken))
        {
            entries.Add(entry);
        }

        var shown = Observability.Confidential.Shown(entries, graph.Definition, out var isConfidential);
        var view = InstanceView.Of(core, graph, shown);
        var file = new InstanceFile(view.Summary, graph, shown, view) { IsConfidential = isConfidential };
        if (files.TryAdd(summary.InstanceId, file))
        {
            order.Enqueue(summary.InstanceId);
            if (order.Count > Remembered && order.TryDequeue(out var oldest))
            {
                files.TryRemove(oldest, out _);
            }
        }
        else
        {
            files[summary.InstanceId] = file;
        }

        return file;
    }

    public void Forget(string instanceId) => files.TryRemove(instanceId, out _);
}

/// <summary>One instance with everything that happened to it.</summary>
internal sealed record InstanceFile(InstanceSummary Summary, WorkflowGraph Graph, IReadOnlyList<JournalEntry> Entries, InstanceView View)
{
    /// <summary>True when digits are masked in all of it.</summary>
    public bool IsConfidential { get; init; }

    /// <summary>The node that a viewer can show: the activity itself, or the nearest one above it that was drawn.</summary>
    public string DrawnNodeOf(string nodeId)
    {
        while (Graph.Find(nodeId) is null && nodeId.LastIndexOf(':') is > 0 and var end)
        {
            nodeId = nodeId[..end];
        }

        return nodeId;
    }
}
