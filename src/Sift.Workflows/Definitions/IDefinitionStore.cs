namespace Sift.Workflows.Definitions;

/// <summary>
/// Where definition versions are kept: the JSON as it is, and beside it <see cref="WorkflowDefinition.IsFrozen"/>. Rules about versions are
/// in <see cref="DefinitionLibrary"/>; a store only stores.
/// </summary>
public interface IDefinitionStore
{
    /// <param name="id">The id of one version.</param>
    ValueTask<WorkflowDefinition?> FindVersionAsync(string id, CancellationToken cancellationToken);

    /// <summary>The published version of a flow; null when there is none.</summary>
    ValueTask<WorkflowDefinition?> FindPublishedAsync(string definitionId, CancellationToken cancellationToken);

    /// <summary>All versions of a flow, oldest first.</summary>
    ValueTask<IReadOnlyList<WorkflowDefinition>> VersionsAsync(string definitionId, CancellationToken cancellationToken);

    /// <summary>Every version of every flow, in any order.</summary>
    IAsyncEnumerable<WorkflowDefinition> AllAsync(CancellationToken cancellationToken);

    /// <summary>Inserts or overwrites versions by their id, all or none.</summary>
    ValueTask SaveAsync(IReadOnlyList<WorkflowDefinition> versions, CancellationToken cancellationToken);

    /// <summary>Removes versions; unknown ids are ignored.</summary>
    ValueTask DeleteAsync(IReadOnlyList<string> ids, CancellationToken cancellationToken);
}
