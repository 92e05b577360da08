using System.Globalization;
using System.Text;

namespace Sift.Web.Storage;

/// <summary>
/// The statements of one list of instances. A database left alone with many conditions and an order reads and sorts a million rows; here
/// the rows come from where few of them lie (what a search found, the newest of each state, what ended last), are narrowed and then put in order.
/// Beyond <see cref="InstanceList.LargestTotal"/> rows a list holds the newest.
/// </summary>
internal sealed class InstanceListing
{
    // What has finished was last executed when it finished, what runs when it was last updated.
    private const string LastExecuted = "COALESCE(finished_at, updated_at)";

    // A flow takes five ranges, and SQLite no more than 500 selects in one statement: of more flows the newest rows of the account are looked through.
    private const int MostFlows = 20;

    // Rows have to be fetched from all over the table for an order that no index has.
    private const int LargestSort = 2_000;

    private const string Nothing = "SELECT id, created_at AS sort_key FROM instances WHERE 1 = 0";

    private readonly InstanceQuery query;
    private readonly List<object?> values;
    private readonly string direction;
    private readonly IReadOnlyList<string> states;
    private readonly List<string> flows;

    public InstanceListing(string accountId, InstanceQuery query)
    {
        this.query = query;
        values = [accountId];
        direction = query.Descending ? "DESC" : "ASC";
        states = InstanceRanges.States(query.Statuses, query.SubStatuses);
        flows = [.. query.DefinitionIds.Distinct(StringComparer.Ordinal).Select(Add)];
        var order = $"ORDER BY sort_key {direction}, id {direction}";
        var page = $"{order} LIMIT {query.Take} OFFSET {query.Skip}";
        if (Found() is { } found)
        {
            // Rows that lie all over the table are fetched once, for the count and the page.
            var listed = $"SELECT id, {Key} AS sort_key FROM ({found}) AS found CROSS JOIN instances WHERE id = found_id AND account_id = $1{All()}";
            CountSql = $"SELECT COUNT(*) FROM ({listed}) AS counted";
            PageSql = $"WITH listed AS MATERIALIZED ({listed}) SELECT {JournalStore.SummaryColumns}, (SELECT COUNT(*) FROM listed) "
                + $"FROM (SELECT id AS page_id, sort_key FROM listed {page}) AS page CROSS JOIN instances WHERE id = page_id {order}";
            HasTotalInPage = true;
            return;
        }

        // Counting and ordering is done on what the indexes hold; the rows themselves are fetched for the page alone.
        var parts = Parts();
        CountSql = $"SELECT COUNT(*) FROM (SELECT 1 FROM ({Together(parts, InstanceList.LargestTotal)}) AS listed LIMIT {InstanceList.LargestTotal}) AS counted";
        PageSql = $"SELECT {JournalStore.SummaryColumns} FROM (SELECT id AS page_id, sort_key FROM ({Together(parts, Math.Min(InstanceList.LargestTotal, query.Skip + query.Take))}) AS listed {page}) AS page "
            + $"CROSS JOIN instances WHERE id = page_id {order}";
    }

    /// <summary>For the whole list, or with <see cref="HasTotalInPage"/> for a page that has no rows.</summary>
    public string CountSql { get; }

    public string PageSql { get; }

    /// <summary>Each row of the page holds the total behind its own columns.</summary>
    public bool HasTotalInPage { get; }

    /// <summary>Of both statements.</summary>
    public object?[] Values => [.. values];

    private string Key => query.Order switch
    {
        InstanceOrder.LastExecuted => LastExecuted,
        InstanceOrder.Finished => "COALESCE(finished_at, 0)",
        InstanceOrder.Name => "name",
        _ => "created_at",
    };

    private bool IsInOrderOfEnds => query.Order is InstanceOrder.LastExecuted or InstanceOrder.Finished;

    /// <summary>Selects the few ids that the list can hold as <c>found_id</c>; null when it is narrowed by nothing that finds them.</summary>
    private string? Found()
    {
        if (query.Search is { Length: > 0 } search)
        {
            return new InstanceSearch(Add(search), Add(search + "\uffff")).Sql;
        }

        if (query.CorrelationId is not { } correlation)
        {
            return null;
        }

        var parameter = Add(correlation);
        return $"SELECT id AS found_id FROM instances WHERE id = {parameter} AND correlation_id = {parameter} UNION "
            + $"SELECT id FROM (SELECT id FROM instances WHERE account_id = $1 AND correlation_id = {parameter} AND correlation_id <> id LIMIT {InstanceList.LargestTotal}) AS by_correlation";
    }

    /// <summary>Selects of id and sort key that give the list together; functions of how many rows suffice, in the order of the list.</summary>
    private List<Func<int, string>> Parts()
    {
        var created = Times(time => time.Column == TimeColumn.Created);
        var ended = Times(time => time.Column != TimeColumn.Created);
        if (ended.Length > 0 || (IsInOrderOfEnds && query.DefinitionIds.Count == 0 && query.SubStatuses.Count == 0 && query.HasIncidents != true))
        {
            // What runs has no end, and is little.
            var live = query.Times.Any(time => time.Column == TimeColumn.Finished) ? [] : Ranges(InstanceRanges.Live.Intersect(states));
            return live.Count > 0 ? [Ended(created, ended), Newest(live, created, ended)] : [Ended(created, ended)];
        }

        var ranges = Ranges(states);
        return query.Order == InstanceOrder.Created
            ? [.. ranges.Select(range => (Func<int, string>)(needed => range.First(created, direction, needed)))]
            : [Newest(ranges, created, "")];
    }

    /// <summary>The newest rows, whatever the order: for orders and conditions that no index has beside the ranges.</summary>
    private Func<int, string> Newest(List<InstanceRange> ranges, string created, string conditions)
    {
        var newest = $"SELECT id AS newest_id FROM ({Together([.. ranges.Select(range => (Func<int, string>)(needed => range.First(created, "DESC", needed)))], LargestSort)}) AS ranges ORDER BY sort_key DESC, id DESC LIMIT {LargestSort}";
        return _ => $"SELECT id, {Key} AS sort_key FROM ({newest}) AS newest CROSS JOIN instances WHERE id = newest_id{conditions}";
    }

    /// <summary>What ended last, among as many rows as can be passed over.</summary>
    private Func<int, string> Ended(string created, string ended)
    {
        const string Columns = "id, finished_at, created_at, definition_id, sub_status, version, incident_count";
        var within = ended.Replace(LastExecuted, "finished_at", StringComparison.Ordinal);
        var rest = Others() + created;
        var key = IsInOrderOfEnds ? "finished_at" : Key;
        var towards = IsInOrderOfEnds ? direction : "DESC";
        var (columns, scan) = query.Order == InstanceOrder.Name ? ($"{Columns}, name", LargestSort) : (Columns, InstanceRanges.LargestScan);
        return needed =>
        {
            var limit = Math.Min(scan, IsInOrderOfEnds ? needed : InstanceList.LargestTotal);
            var passed = $"SELECT {columns} FROM instances WHERE account_id = $1 AND finished_at IS NOT NULL{within} ORDER BY finished_at {towards}, id {towards} LIMIT {(rest.Length == 0 ? limit : scan)}";
            return $"SELECT id, {key} AS sort_key FROM ({passed}) AS passed WHERE 1 = 1{rest} LIMIT {limit}";
        };
    }

    private List<InstanceRange> Ranges(IEnumerable<string> among)
    {
        if (flows.Count is > 0 and <= MostFlows)
        {
            return [.. from state in among from flow in flows select InstanceRanges.Of(state, flow, query.Version, query.HasIncidents)];
        }

        var ofAll = among.Select(state => InstanceRanges.Of(state, null, query.Version, query.HasIncidents));
        return [.. flows.Count == 0 ? ofAll : ofAll.Select(range => range with { Rest = range.Rest + InFlows() })];
    }

    // A select of its own around each: an order and a limit belong to the whole of a union otherwise.
    private static string Together(List<Func<int, string>> parts, int needed)
        => parts.Count == 0 ? Nothing : string.Join(" UNION ALL ", parts.Select((part, i) => $"SELECT * FROM ({part(needed)}) AS part{i}"));

    private string All() => Others() + Times(static _ => true) + (query is { Search.Length: > 0, CorrelationId: { } correlation } ? $" AND correlation_id = {Add(correlation)}" : "");

    /// <summary>The conditions beside those on times.</summary>
    private string Others()
    {
        var sql = new StringBuilder();
        if (states.Count < InstanceRanges.States([], []).Count)
        {
            sql.Append(states.Count == 0 ? " AND 1 = 0" : $" AND sub_status IN ('{string.Join("', '", states)}')");
        }

        sql.Append(InFlows());
        if (query.Version is { } version)
        {
            sql.Append(CultureInfo.InvariantCulture, $" AND version = {version}");
        }

        if (query.HasIncidents is { } incidents)
        {
            sql.Append(incidents ? " AND incident_count > 0" : " AND incident_count = 0");
        }

        return sql.ToString();
    }

    private string InFlows() => flows.Count == 0 ? "" : $" AND definition_id IN ({string.Join(", ", flows)})";

    private string Times(Func<(TimeColumn Column, string Comparison, DateTimeOffset At), bool> which)
    {
        var sql = new StringBuilder();
        foreach (var time in query.Times.Where(which))
        {
            var column = time.Column switch { TimeColumn.Created => "created_at", TimeColumn.Updated => LastExecuted, _ => "finished_at" };
            sql.Append($" AND {column} {time.Comparison} {Add(time.At.UtcTicks)}");
        }

        return sql.ToString();
    }

    private string Add(object value)
    {
        values.Add(value);
        return string.Create(CultureInfo.InvariantCulture, $"${values.Count}");
    }
}
