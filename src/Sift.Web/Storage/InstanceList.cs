using System.Data.Common;
using System.Globalization;
using System.Text;
using Sift.Workflows.Journal;

namespace Sift.Web.Storage;

/// <summary>Finds instances of one account, by their summary rows and by the connections they belong to.</summary>
internal sealed class InstanceList(Database database)
{
    /// <summary>Totals beyond this are not counted out: nobody pages that far, and counting a million rows takes longer than showing fifty.</summary>
    public const int LargestTotal = 10_000;

    // Of a number or a flow with more calls than this, a search shows the newest or some of them.
    private const int LargestMatch = 1_000;

    public async ValueTask<(List<InstanceSummary> Items, int Total)> ListAsync(string accountId, InstanceQuery query, CancellationToken cancellationToken)
    {
        var sql = new StringBuilder();
        var values = new List<object?> { accountId };
        if (query.Search is { Length: > 0 } search)
        {
            AddSearch(search);
        }
        else
        {
            sql.Append("FROM instances WHERE account_id = $1");
        }

        AddIn("definition_id", query.DefinitionIds);
        AddIn("status", query.Statuses);
        AddIn("sub_status", query.SubStatuses);
        if (query.Statuses is ["Running"] || (query.SubStatuses.Count > 0 && !query.SubStatuses.Contains("Finished")))
        {
            // Says what the partial index says: what did not simply finish is few among many.
            sql.Append(" AND sub_status <> 'Finished'");
        }

        if (query.CorrelationId is { } correlation)
        {
            values.Add(correlation);
            sql.Append($" AND correlation_id = ${values.Count}");
        }

        if (query.Version is { } version)
        {
            sql.Append(CultureInfo.InvariantCulture, $" AND version = {version}");
        }

        if (query.HasIncidents is { } incidents)
        {
            sql.Append(incidents ? " AND incident_count > 0" : " AND incident_count = 0");
        }

        foreach (var (column, comparison, at) in query.Times)
        {
            values.Add(at.UtcTicks);
            sql.Append($" AND {column switch { TimeColumn.Created => "created_at", TimeColumn.Updated => "updated_at", _ => "finished_at" }} {comparison} ${values.Count}");
        }

        await using var connection = await database.OpenAsync(cancellationToken);
        await using var count = connection.Command($"SELECT COUNT(*) FROM (SELECT 1 {sql} LIMIT {LargestTotal}) AS counted", [.. values]);
        var total = Convert.ToInt32(await count.ExecuteScalarAsync(cancellationToken), CultureInfo.InvariantCulture);

        var direction = query.Descending ? "DESC" : "ASC";
        var order = query.Order switch
        {
            InstanceOrder.LastExecuted => "updated_at",
            InstanceOrder.Finished => "finished_at",
            InstanceOrder.Name => "name",
            _ => "created_at",
        };
        values.Add(query.Take);
        values.Add(query.Skip);
        await using var command = connection.Command(
            $"SELECT {JournalStore.SummaryColumns} {sql} ORDER BY {order} {direction}, id {direction} LIMIT ${values.Count - 1} OFFSET ${values.Count}", [.. values]);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var items = new List<InstanceSummary>();
        while (await reader.ReadAsync(cancellationToken))
        {
            items.Add(JournalStore.Summary(reader));
        }

        return (items, total);

        void AddIn(string column, IReadOnlyList<string> among)
        {
            if (among.Count == 0)
            {
                return;
            }

            sql.Append($" AND {column} IN (");
            for (var i = 0; i < among.Count; i++)
            {
                values.Add(among[i]);
                sql.Append(i == 0 ? "" : ", ").Append('$').Append(values.Count);
            }

            sql.Append(')');
        }

        // A number, or its beginning, finds the calls from and to it; ids and names find themselves. Each way on an index of its own, because
        // one condition over all of them would look at every row.
        void AddSearch(string text)
        {
            values.Add(text);
            values.Add(text + "\uffff");
            var (from, to) = (values.Count - 1, values.Count);
            sql.Append($"FROM (SELECT id AS found_id FROM instances WHERE id = ${from}");
            foreach (var condition in (ReadOnlySpan<string>)
            [
                $"definition_id = ${from}",
                $"definition_version_id = ${from}",
                $"definition_id = (SELECT definition_id FROM definitions WHERE account_id = $1 AND is_latest = 1 AND LOWER(name) = LOWER(${from}) LIMIT 1)",
            ])
            {
                sql.Append($" UNION SELECT id FROM (SELECT id FROM instances WHERE {condition} ORDER BY created_at DESC LIMIT {LargestMatch}) AS by_flow");
            }

            foreach (var column in (ReadOnlySpan<string>)["from_endpoint", "to_endpoint"])
            {
                sql.Append($" UNION SELECT id FROM (SELECT id FROM connections WHERE account_id = $1 AND {column} >= ${from} AND {column} < ${to} LIMIT {LargestMatch}) AS by_number");
            }


            // Written as a cross join because SQLite takes those in the order they are written: from the few that were found to their rows.
            sql.Append(") AS found CROSS JOIN instances WHERE id = found_id AND account_id = $1");
        }
    }

    /// <summary>One page, newest first; one row more than asked for when there are more.</summary>
    public async ValueTask<List<InstanceSummary>> PageAsync(
        string accountId, string? definitionId, string? status, string? subStatus, string? number, PageRequest page, CancellationToken cancellationToken)
    {
        var sql = new StringBuilder($"SELECT {JournalStore.SummaryColumns} FROM instances WHERE account_id = $1");
        var values = new List<object?> { accountId };
        foreach (var (column, value) in new[] { ("definition_id", definitionId), ("status", status), ("sub_status", subStatus) })
        {
            if (value is not null)
            {
                values.Add(value);
                sql.Append($" AND {column} = ${values.Count}");
            }
        }

        if (number is not null)
        {
            values.Add(number);
            sql.Append($" AND id IN (SELECT id FROM connections WHERE account_id = $1 AND (from_endpoint = ${values.Count} OR to_endpoint = ${values.Count}))");
        }

        page.AppendTo(sql, values, "created_at", "id");
        await using var connection = await database.OpenAsync(cancellationToken);
        await using var command = connection.Command(sql.ToString(), [.. values]);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var rows = new List<InstanceSummary>();
        while (await reader.ReadAsync(cancellationToken))
        {
            rows.Add(JournalStore.Summary(reader));
        }

        return rows;
    }

    /// <summary>Unfinished instances of a version or of a whole flow, for bulk cancelling.</summary>
    public async ValueTask<List<string>> UnfinishedAsync(string accountId, string? definitionId, string? versionId, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        await using var command = connection.Command(
            "SELECT id FROM instances WHERE account_id = $1 AND finished_at IS NULL AND (definition_id = $2 OR definition_version_id = $3)", accountId, definitionId ?? "", versionId ?? "");
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var ids = new List<string>();
        while (await reader.ReadAsync(cancellationToken))
        {
            ids.Add(reader.GetString(0));
        }

        return ids;
    }

    /// <summary>Removes a finished instance with its journal. False when it is unknown, not the account's, or still needed.</summary>
    public async ValueTask<bool> DeleteAsync(string accountId, string id, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var deleted = await connection.ExecuteAsync(
            "DELETE FROM instances WHERE id = $1 AND account_id = $2 AND finished_at IS NOT NULL AND has_pending_effects = 0", cancellationToken, id, accountId);
        if (deleted > 0)
        {
            await connection.ExecuteAsync("DELETE FROM journal WHERE instance_id = $1", cancellationToken, id);
        }

        await transaction.CommitAsync(cancellationToken);
        return deleted > 0;
    }
}

internal enum InstanceOrder { Created, LastExecuted, Finished, Name }

internal enum TimeColumn { Created, Updated, Finished }

/// <summary>Which instances are listed; null and empty for no condition.</summary>
internal sealed record InstanceQuery
{
    public string? Search { get; init; }

    public IReadOnlyList<string> DefinitionIds { get; init; } = [];

    public IReadOnlyList<string> Statuses { get; init; } = [];

    public IReadOnlyList<string> SubStatuses { get; init; } = [];

    public string? CorrelationId { get; init; }

    public int? Version { get; init; }

    public bool? HasIncidents { get; init; }

    /// <summary>Comparisons in SQL's own signs; never taken from a request as they are.</summary>
    public IReadOnlyList<(TimeColumn Column, string Comparison, DateTimeOffset At)> Times { get; init; } = [];

    public InstanceOrder Order { get; init; }

    public bool Descending { get; init; } = true;

    public int Skip { get; init; }

    public int Take { get; init; } = 50;
}
