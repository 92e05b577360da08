using System.Globalization;
using Sift.Workflows.Journal;

namespace Sift.Web.Storage;

/// <summary>Finds instances of one account, by their summary rows and by the connections they belong to.</summary>
internal sealed class InstanceList(Database database)
{
    /// <summary>Totals beyond this are not counted out: nobody pages that far, and counting a million rows takes longer than showing fifty.</summary>
    public const int LargestTotal = 10_000;

    // As a list to be joined with the rows, because of an order or a further condition SQLite would read another index, a million rows long.
    private const string LiveIds = "SELECT id AS live_id FROM instances WHERE account_id = $1 AND sub_status <> 'Finished' AND sub_status IN ('Executing', 'Suspended')";

    public async ValueTask<(List<InstanceSummary> Items, int Total)> ListAsync(string accountId, InstanceQuery query, CancellationToken cancellationToken)
    {
        var listing = new InstanceListing(accountId, query);
        await using var connection = await database.OpenAsync(cancellationToken);
        var items = new List<InstanceSummary>();
        var total = listing.HasTotalInPage ? 0 : await CountAsync();
        if (total == 0 && !listing.HasTotalInPage)
        {
            return (items, 0);
        }

        await using (var command = connection.Command(listing.PageSql, listing.Values))
        await using (var reader = await command.ExecuteReaderAsync(cancellationToken))
        {
            while (await reader.ReadAsync(cancellationToken))
            {
                items.Add(JournalStore.Summary(reader));
                total = listing.HasTotalInPage ? reader.GetInt32(reader.FieldCount - 1) : total;
            }
        }

        return (items, items.Count == 0 && listing.HasTotalInPage && query.Skip > 0 ? await CountAsync() : total);

        async ValueTask<int> CountAsync()
        {
            await using var count = connection.Command(listing.CountSql, listing.Values);
            return Convert.ToInt32(await count.ExecuteScalarAsync(cancellationToken), CultureInfo.InvariantCulture);
        }
    }

    /// <summary>One page, newest first; one row more than asked for when there are more.</summary>
    /// <param name="number">Whole number or name at either end of the call.</param>
    public async ValueTask<ScannedPage<ListedInstance>> PageAsync(
        string accountId, string? definitionId, string? status, string? subStatus, string? number, PageRequest page, CancellationToken cancellationToken)
    {
        var states = InstanceRanges.States(status is null ? [] : [status], subStatus is null ? [] : [subStatus]);
        var values = new List<object?> { accountId };
        var flow = definitionId is null ? null : Add(values, definitionId);
        var within = page.Within(values, "created_at", "id");
        await using var connection = await database.OpenAsync(cancellationToken);
        if (number is null)
        {
            var parts = states.Select((state, i) => $"SELECT * FROM ({InstanceRanges.Of(state, flow, null, null).First(within, page.Direction, page.Size + 1)}) AS part{i}");
            return new ScannedPage<ListedInstance>(await RowsAsync(string.Join(" UNION ALL ", parts), ""), null);
        }

        var parameter = Add(values, number);
        var conditions = $" AND account_id = $1 AND sub_status IN ('{string.Join("', '", states)}')" + (flow is null ? "" : $" AND definition_id = {flow}");
        return await page.ScanAsync(
            most => RowsAsync(ConnectionListing.OfNumber(parameter, within, page.Direction, most), conditions),
            most => connection.LastAsync(ConnectionListing.OfNumber(parameter, within, page.Direction, most), page, most, values, cancellationToken));

        async ValueTask<List<ListedInstance>> RowsAsync(string found, string narrowed)
        {
            await using var command = connection.Command(
                $"SELECT {JournalStore.SummaryColumns}, sort_key FROM (SELECT id AS found_id, sort_key FROM ({found}) AS ranges ORDER BY sort_key {page.Direction}, id {page.Direction}{(narrowed.Length == 0 ? $" LIMIT {page.Size + 1}" : "")}) AS found "
                + $"CROSS JOIN instances WHERE id = found_id{narrowed} ORDER BY sort_key {page.Direction}, id {page.Direction} LIMIT {page.Size + 1}", [.. values]);
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            var rows = new List<ListedInstance>();
            while (await reader.ReadAsync(cancellationToken))
            {
                var summary = JournalStore.Summary(reader);
                rows.Add(new ListedInstance(summary, new PagePosition(reader.GetInt64(reader.FieldCount - 1), summary.InstanceId)));
            }

            return rows;
        }
    }

    /// <summary>Unfinished instances of a version or of a whole flow, for bulk cancelling.</summary>
    public async ValueTask<List<string>> UnfinishedAsync(string accountId, string? definitionId, string? versionId, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        await using var command = connection.Command(
            $"SELECT id FROM ({LiveIds}) AS live CROSS JOIN instances WHERE id = live_id AND (definition_id = $2 OR definition_version_id = $3)", accountId, definitionId ?? "", versionId ?? "");
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

    private static string Add(List<object?> values, object value)
    {
        values.Add(value);
        return string.Create(CultureInfo.InvariantCulture, $"${values.Count}");
    }
}

/// <param name="Position">Where the list goes on behind it: a list of a number's calls is in the order of the calls, which came before their instances.</param>
internal sealed record ListedInstance(InstanceSummary Summary, PagePosition Position);

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
