using System.Collections.Concurrent;
using System.Data.Common;
using System.Runtime.CompilerServices;
using System.Text;
using Sift.Workflows.Definitions;

namespace Sift.Web.Storage;

/// <summary>Definition versions as rows: their JSON, and beside it what they are looked up by.</summary>
internal sealed class DefinitionStore : IDefinitionStore, IDisposable
{
    private readonly Database database;
    private readonly ChangeMarks changes;

    // Every call looks up the version it starts with; frozen versions never change, and which one is published only with a change mark.
    private ConcurrentDictionary<string, WorkflowDefinition> published = new(StringComparer.Ordinal);

    public DefinitionStore(Database database, ChangeMarks changes)
    {
        this.database = database;
        this.changes = changes;
        changes.Changed += Forget;
    }

    public void Dispose() => changes.Changed -= Forget;

    public async ValueTask<WorkflowDefinition?> FindVersionAsync(string id, CancellationToken cancellationToken)
        => (await ReadAsync("WHERE id = $1", cancellationToken, id)).FirstOrDefault();

    public async ValueTask<WorkflowDefinition?> FindPublishedAsync(string definitionId, CancellationToken cancellationToken)
    {
        // Taken before the read: what was read before a change is never put where it would outlive it.
        var current = Volatile.Read(ref published);
        if (current.TryGetValue(definitionId, out var known))
        {
            return known;
        }

        var found = (await ReadAsync("WHERE definition_id = $1 AND is_published = 1 ORDER BY version DESC LIMIT 1", cancellationToken, definitionId)).FirstOrDefault();
        if (found is not null)
        {
            current[definitionId] = found;
        }

        return found;
    }

    public async ValueTask<IReadOnlyList<WorkflowDefinition>> VersionsAsync(string definitionId, CancellationToken cancellationToken)
        => await ReadAsync("WHERE definition_id = $1 ORDER BY version", cancellationToken, definitionId);

    public async IAsyncEnumerable<WorkflowDefinition> AllAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var definition in await ReadAsync("", cancellationToken))
        {
            yield return definition;
        }
    }

    public async ValueTask SaveAsync(IReadOnlyList<WorkflowDefinition> versions, CancellationToken cancellationToken)
    {
        await using (var connection = await database.OpenAsync(cancellationToken))
        await using (var transaction = await connection.BeginTransactionAsync(cancellationToken))
        {
            foreach (var version in versions)
            {
                await connection.ExecuteAsync(
                    "INSERT INTO definitions (id, definition_id, version, is_published, is_frozen, json) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (id) DO UPDATE SET "
                    + "definition_id = excluded.definition_id, version = excluded.version, is_published = excluded.is_published, is_frozen = excluded.is_frozen, json = excluded.json",
                    cancellationToken,
                    version.Id, version.DefinitionId, version.Version, version.IsPublished ? 1 : 0, version.IsFrozen ? 1 : 0, Encoding.UTF8.GetString(version.ToUtf8()));
            }

            await transaction.CommitAsync(cancellationToken);
        }

        await changes.RaiseAsync(ChangeTopic.Definitions, CancellationToken.None);
    }

    public async ValueTask DeleteAsync(IReadOnlyList<string> ids, CancellationToken cancellationToken)
    {
        await using (var connection = await database.OpenAsync(cancellationToken))
        await using (var transaction = await connection.BeginTransactionAsync(cancellationToken))
        {
            foreach (var id in ids)
            {
                await connection.ExecuteAsync("DELETE FROM definitions WHERE id = $1", cancellationToken, id);
            }

            await transaction.CommitAsync(cancellationToken);
        }

        await changes.RaiseAsync(ChangeTopic.Definitions, CancellationToken.None);
    }

    private void Forget(ChangeTopic topic)
    {
        if (topic == ChangeTopic.Definitions)
        {
            Volatile.Write(ref published, new(StringComparer.Ordinal));
        }
    }

    private async ValueTask<List<WorkflowDefinition>> ReadAsync(string condition, CancellationToken cancellationToken, params object?[] values)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        await using var command = connection.Command($"SELECT json, is_frozen FROM definitions {condition}", values);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var definitions = new List<WorkflowDefinition>();
        while (await reader.ReadAsync(cancellationToken))
        {
            definitions.Add(WorkflowDefinition.Parse(Encoding.UTF8.GetBytes(reader.GetString(0)), reader.GetInt32(1) != 0));
        }

        return definitions;
    }
}
