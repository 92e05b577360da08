using System.Collections.Concurrent;
using System.Data.Common;
using System.Runtime.CompilerServices;
using System.Text;
using Sift.Workflows.Definitions;

namespace Sift.Web.Storage;

/// <summary>
/// Definition versions as rows: their JSON, and beside it what they are looked up and listed by. A version that instances have followed is
/// hidden rather than deleted, because they could not be shown without it.
/// </summary>
internal sealed class DefinitionStore : IDefinitionStore, IDisposable
{
    private const string RowColumns = "id, definition_id, version, account_id, name, description, is_published, is_latest, is_frozen, created_at";

    private readonly Database database;
    private readonly ChangeMarks changes;

    // A call is started by what is published: asked for at each start, changed a few times a day.
    private ConcurrentDictionary<string, WorkflowDefinition> published = new(StringComparer.Ordinal);

    public DefinitionStore(Database database, ChangeMarks changes)
    {
        this.database = database;
        this.changes = changes;
        changes.Changed += Forget;
    }

    public async ValueTask<WorkflowDefinition?> FindVersionAsync(string id, CancellationToken cancellationToken)
        => (await ReadAsync("WHERE id = $1", cancellationToken, id)).FirstOrDefault();

    public async ValueTask<WorkflowDefinition?> FindPublishedAsync(string definitionId, CancellationToken cancellationToken)
    {
        var current = Volatile.Read(ref published);
        if (current.TryGetValue(definitionId, out var cached))
        {
            return cached;
        }

        var found = (await ReadAsync("WHERE definition_id = $1 AND is_published = 1 AND is_deleted = 0 ORDER BY version DESC LIMIT 1", cancellationToken, definitionId)).FirstOrDefault();
        return found is null ? null : current[definitionId] = found;
    }

    public async ValueTask<IReadOnlyList<WorkflowDefinition>> VersionsAsync(string definitionId, CancellationToken cancellationToken)
        => await ReadAsync("WHERE definition_id = $1 AND is_deleted = 0 ORDER BY version", cancellationToken, definitionId);

    public async IAsyncEnumerable<WorkflowDefinition> AllAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var definition in await ReadAsync("WHERE is_deleted = 0", cancellationToken))
        {
            yield return definition;
        }
    }

    /// <summary>What is known of versions without reading their flows: those of one account and those shipped with the server.</summary>
    public async ValueTask<(List<DefinitionRow> Rows, int Total)> ListAsync(string accountId, DefinitionQuery query, CancellationToken cancellationToken)
    {
        var sql = new StringBuilder("FROM definitions WHERE (account_id = $1 OR account_id IS NULL)");
        var values = new List<object?> { accountId };
        if (query.Ids.Count > 0)
        {
            AddIn("id", query.Ids);
        }
        else
        {
            sql.Append(" AND is_deleted = 0");
        }

        if (query.DefinitionIds.Count > 0)
        {
            AddIn("definition_id", query.DefinitionIds);
        }

        sql.Append(query.Versions switch
        {
            VersionSelection.Latest => " AND is_latest = 1",
            VersionSelection.Published => " AND is_published = 1",
            VersionSelection.LatestOrPublished or VersionSelection.LatestAndPublished => " AND (is_latest = 1 OR is_published = 1)",
            VersionSelection.Draft => " AND is_published = 0 AND is_latest = 1",
            _ => "",
        });
        if (query.Version is { } version)
        {
            sql.Append($" AND version = {version}");
        }

        if (query.Search is { Length: > 0 } search)
        {
            values.Add($"%{search.ToLowerInvariant().Replace("!", "!!", StringComparison.Ordinal).Replace("%", "!%", StringComparison.Ordinal).Replace("_", "!_", StringComparison.Ordinal)}%");
            values.Add(search);
            sql.Append($" AND (LOWER(name) LIKE ${values.Count - 1} ESCAPE '!' OR LOWER(COALESCE(description, '')) LIKE ${values.Count - 1} ESCAPE '!' OR definition_id = ${values.Count} OR id = ${values.Count})");
        }

        await using var connection = await database.OpenAsync(cancellationToken);
        await using var count = connection.Command($"SELECT COUNT(*) {sql}", [.. values]);
        var total = Convert.ToInt32(await count.ExecuteScalarAsync(cancellationToken), System.Globalization.CultureInfo.InvariantCulture);

        var direction = query.Descending ? "DESC" : "ASC";
        var order = query.Order switch
        {
            DefinitionOrder.Name => $"LOWER(name) {direction}, id",
            DefinitionOrder.Version => $"version {direction}, id",
            _ => $"created_at {direction}, id {direction}",
        };
        values.Add(query.Take);
        values.Add(query.Skip);
        await using var command = connection.Command($"SELECT {RowColumns} {sql} ORDER BY {order} LIMIT ${values.Count - 1} OFFSET ${values.Count}", [.. values]);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var rows = new List<DefinitionRow>();
        while (await reader.ReadAsync(cancellationToken))
        {
            rows.Add(Row(reader));
        }

        return (rows, total);

        void AddIn(string column, IReadOnlyList<string> ids)
        {
            sql.Append($" AND {column} IN (");
            for (var i = 0; i < ids.Count; i++)
            {
                values.Add(ids[i]);
                sql.Append(i == 0 ? "" : ", ").Append('$').Append(values.Count);
            }

            sql.Append(')');
        }
    }

    /// <summary>The latest version of each flow the account sees, one page of them; one row more than asked for when there are more.</summary>
    public async ValueTask<List<DefinitionRow>> PageAsync(string accountId, PageRequest page, CancellationToken cancellationToken)
    {
        var sql = new StringBuilder($"SELECT {RowColumns} FROM definitions WHERE (account_id = $1 OR account_id IS NULL) AND is_deleted = 0 AND is_latest = 1");
        var values = new List<object?> { accountId };
        page.AppendTo(sql, values, "created_at", "id");
        await using var connection = await database.OpenAsync(cancellationToken);
        await using var command = connection.Command(sql.ToString(), [.. values]);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var rows = new List<DefinitionRow>();
        while (await reader.ReadAsync(cancellationToken))
        {
            rows.Add(Row(reader));
        }

        return rows;
    }

    /// <summary>Whether no other flow of the account is called so.</summary>
    public async ValueTask<bool> IsNameFreeAsync(string accountId, string name, string? exceptDefinitionId, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        await using var command = connection.Command(
            "SELECT COUNT(*) FROM definitions WHERE (account_id = $1 OR account_id IS NULL) AND is_deleted = 0 AND is_latest = 1 AND LOWER(name) = LOWER($2) AND definition_id <> $3",
            accountId, name, exceptDefinitionId ?? "");
        return Convert.ToInt64(await command.ExecuteScalarAsync(cancellationToken), System.Globalization.CultureInfo.InvariantCulture) == 0;
    }

    public async ValueTask SaveAsync(IReadOnlyList<WorkflowDefinition> versions, CancellationToken cancellationToken)
    {
        await using (var connection = await database.OpenAsync(cancellationToken))
        await using (var transaction = await connection.BeginTransactionAsync(cancellationToken))
        {
            foreach (var version in versions)
            {
                await connection.ExecuteAsync(
                    "INSERT INTO definitions (id, definition_id, version, is_published, is_frozen, json, account_id, name, description, is_latest, created_at, is_deleted) "
                    + "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 0) ON CONFLICT (id) DO UPDATE SET "
                    + "definition_id = excluded.definition_id, version = excluded.version, is_published = excluded.is_published, is_frozen = excluded.is_frozen, json = excluded.json, "
                    + "account_id = excluded.account_id, name = excluded.name, description = excluded.description, is_latest = excluded.is_latest, created_at = excluded.created_at",
                    cancellationToken,
                    version.Id, version.DefinitionId, version.Version, version.IsPublished ? 1 : 0, version.IsFrozen ? 1 : 0, Encoding.UTF8.GetString(version.ToUtf8()),
                    version.AccountId, version.Name, version.Description, version.IsLatest ? 1 : 0, version.CreatedAt.UtcTicks);
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
                await connection.ExecuteAsync(
                    "DELETE FROM definitions WHERE id = $1 AND NOT EXISTS (SELECT 1 FROM instances WHERE definition_version_id = $1)", cancellationToken, id);
                await connection.ExecuteAsync("UPDATE definitions SET is_deleted = 1, is_published = 0, is_latest = 0 WHERE id = $1", cancellationToken, id);
            }

            await transaction.CommitAsync(cancellationToken);
        }

        await changes.RaiseAsync(ChangeTopic.Definitions, CancellationToken.None);
    }

    public void Dispose() => changes.Changed -= Forget;

    private void Forget(ChangeTopic topic)
    {
        if (topic == ChangeTopic.Definitions)
        {
            Volatile.Write(ref published, new ConcurrentDictionary<string, WorkflowDefinition>(StringComparer.Ordinal));
        }
    }

    private async ValueTask<List<WorkflowDefinition>> ReadAsync(string condition, CancellationToken cancellationToken, params object?[] values)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        await using var command = connection.Command($"SELECT json, is_frozen, account_id FROM definitions {condition}", values);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var definitions = new List<WorkflowDefinition>();
        while (await reader.ReadAsync(cancellationToken))
        {
            definitions.Add(WorkflowDefinition.Parse(Encoding.UTF8.GetBytes(reader.GetString(0)), reader.GetInt32(1) != 0, reader.TextOrNull(2)));
        }

        return definitions;
    }

    private static DefinitionRow Row(DbDataReader reader) => new(
        reader.GetString(0),
        reader.GetString(1),
        reader.GetInt32(2),
        reader.TextOrNull(3),
        reader.GetString(4),
        reader.TextOrNull(5),
        reader.GetInt32(6) != 0,
        reader.GetInt32(7) != 0,
        reader.GetInt32(8) != 0,
        reader.Time(9));
}

/// <summary>A definition version in a list.</summary>
internal sealed record DefinitionRow(
    string Id, string DefinitionId, int Version, string? AccountId, string Name, string? Description, bool IsPublished, bool IsLatest, bool IsFrozen, DateTimeOffset CreatedAt);

internal enum VersionSelection { All, Latest, Published, LatestOrPublished, LatestAndPublished, Draft }

internal enum DefinitionOrder { Created, Name, Version }

/// <summary>Which versions are listed. Versions asked for by id are listed even when they are deleted: calls still refer to them.</summary>
internal sealed record DefinitionQuery
{
    public VersionSelection Versions { get; init; }

    public int? Version { get; init; }

    public IReadOnlyList<string> Ids { get; init; } = [];

    public IReadOnlyList<string> DefinitionIds { get; init; } = [];

    public string? Search { get; init; }

    public DefinitionOrder Order { get; init; }

    public bool Descending { get; init; } = true;

    public int Skip { get; init; }

    public int Take { get; init; } = 50;
}
