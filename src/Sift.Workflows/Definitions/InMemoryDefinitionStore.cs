using System.Collections.Concurrent;
using System.Runtime.CompilerServices;

namespace Sift.Workflows.Definitions;

/// <summary>For tests and for hosts without storage.</summary>
public sealed class InMemoryDefinitionStore : IDefinitionStore
{
    private readonly ConcurrentDictionary<string, WorkflowDefinition> _versions = new(StringComparer.Ordinal);

    public ValueTask<WorkflowDefinition?> FindVersionAsync(string id, CancellationToken cancellationToken) => new(_versions.GetValueOrDefault(id));

    public ValueTask<WorkflowDefinition?> FindPublishedAsync(string definitionId, CancellationToken cancellationToken) =>
        new(_versions.Values.FirstOrDefault(version => version.DefinitionId == definitionId && version.IsPublished));

    public ValueTask<IReadOnlyList<WorkflowDefinition>> VersionsAsync(string definitionId, CancellationToken cancellationToken) =>
        new([.. _versions.Values.Where(version => version.DefinitionId == definitionId).OrderBy(version => version.Version)]);

    public async IAsyncEnumerable<WorkflowDefinition> AllAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.CompletedTask.ConfigureAwait(false);
        foreach (var version in _versions.Values)
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return version;
        }
    }

    public ValueTask SaveAsync(IReadOnlyList<WorkflowDefinition> versions, CancellationToken cancellationToken)
    {
        foreach (var version in versions) _versions[version.Id] = version;
        return ValueTask.CompletedTask;
    }

    public ValueTask DeleteAsync(IReadOnlyList<string> ids, CancellationToken cancellationToken)
    {
        foreach (var id in ids) _versions.TryRemove(id, out _);
        return ValueTask.CompletedTask;
    }
}
