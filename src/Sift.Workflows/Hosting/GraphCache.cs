using System.Collections.Concurrent;
using Sift.Workflows.Definitions;
using Sift.Workflows.Engine;

namespace Sift.Workflows.Hosting;

/// <summary>Definition versions made ready to run. Only versions that cannot change any more are kept.</summary>
internal sealed class GraphCache(IDefinitionStore definitions)
{
    internal const int Most = 2_000;

    private readonly ConcurrentDictionary<string, WorkflowGraph> _graphs = new(StringComparer.Ordinal);

    internal int Count => _graphs.Count;

    /// <exception cref="DefinitionNotFoundException">No such version, or none that is published.</exception>
    public async ValueTask<WorkflowGraph> ForStartAsync(InstanceStart start, CancellationToken cancellationToken)
    {
        if (start.DefinitionVersionId is { } version) return await OfVersionAsync(version, cancellationToken).ConfigureAwait(false);

        var published = await definitions.FindPublishedAsync(start.DefinitionId, cancellationToken).ConfigureAwait(false)
            ?? throw new DefinitionNotFoundException($"No version of {start.DefinitionId} is published.");
        return _graphs.TryGetValue(published.Id, out var known) ? known : Keep(published);
    }

    /// <exception cref="DefinitionNotFoundException">No such version, or one that may still change.</exception>
    public async ValueTask<WorkflowGraph> OfVersionAsync(string versionId, CancellationToken cancellationToken)
    {
        if (_graphs.TryGetValue(versionId, out var known)) return known;
        var definition = await definitions.FindVersionAsync(versionId, cancellationToken).ConfigureAwait(false)
            ?? throw new DefinitionNotFoundException($"There is no definition version {versionId}.");
        return Keep(definition);
    }

    private WorkflowGraph Keep(WorkflowDefinition definition)
    {
        // An instance must find the same flow whenever it is taken up again; a draft may be overwritten at any moment.
        if (!definition.IsFrozen) throw new DefinitionNotFoundException($"Definition version {definition.Id} was never published.");

        // Every test run of a draft is a version of its own. Instances keep the graph they follow.
        if (_graphs.Count >= Most) _graphs.Clear();
        return _graphs.GetOrAdd(definition.Id, static (_, made) => new WorkflowGraph(made), definition);
    }
}
