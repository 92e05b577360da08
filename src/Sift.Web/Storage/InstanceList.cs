using System.Globalization;
using System.Text;
using Sift.Workflows.Journal;

namespace Sift.Web.Storage;

/// <summary>Finds instances of one account, by their summary rows and by the connections they belong to.</summary>
internal sealed class InstanceList(Database database)
{
    /// <summary>Totals beyond this are not counted out: nobody pages that far, and counting a million rows takes longer than showing fifty.</summary>
    public const int LargestTotal = 10_000;

    public async ValueTask<(List<InstanceSummary> Items, int Total)> ListAsync(string accountId, InstanceQuery query, CancellationToken cancellationToken)
    {
        var listing = new InstanceListing(accountId, query);
        await using var connection = await database.OpenAsync(cancellationToken);
        await using var count = connection.Command(listing.CountSql, listing.Values);
        var total = Convert.ToInt32(await count.ExecuteScalarAsync(cancellationToken), CultureInfo.InvariantCulture);
        await using var command = connection.Command(listing.PageSql, listing.Values);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var items = new List<InstanceSummary>();
        while (await reader.ReadAsync(cancellationToken))
        {
            items.Add(JournalStore.Summary(reader));
        }

        return (items, total);
    }

    /// <summary>One page, newest first; one row more than asked for when there are more.</summary>
    public async ValueTask<List<InstanceSummary>> PageAsync(
        string accountId, string? definitionId, string? status, string? subStatus, string? number, PageRequest page, CancellationToken cancellationToken)
    {
        var from = status == "Running" ? InstanceListing.Among(InstanceListing.LiveIds, "") : "instances WHERE account_id = $1";
        var sql = new StringBuilder($"SELECT {JournalStore.SummaryColumns} FROM {from}");
        var values = new List<object?> { accountId };
        foreach (var (column, value) in new[] { ("definition_id", definitionId), ("status", status), ("sub_status", subStatus) })
        {
            if (value is not null)
            {
                values.Add(value);
                sql.Append($" AND {column} = ${values.Count}");
            }
        }

        if (subStatus is not (null or "Finished"))
        {
            sql.Append(InstanceListing.Unusual);
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
            $"SELECT id FROM {InstanceListing.Among(InstanceListing.LiveIds, " AND (definition_id = $2 OR definition_version_id = $3)")}", accountId, definitionId ?? "", versionId ?? "");
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

    /// <summary>Comparisons in SQL's own signs; never taken from a request as they are. What has finished was last updated when it finished.</summary>
    public IReadOnlyList<(TimeColumn Column, string Comparison, DateTimeOffset At)> Times { get; init; } = [];

    public InstanceOrder Order { get; init; }

    public bool Descending { get; init; } = true;

    public int Skip { get; init; }

    public int Take { get; init; } = 50;
}
