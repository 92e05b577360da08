using System.Globalization;
using System.Text;

namespace Sift.Web.Storage;

/// <summary>
/// The statements of one list of instances. A database left alone with many conditions and an order reads and sorts a million rows; here
/// the rows come from where few of them lie (what a search found, each flow's newest, what ended last), are narrowed and then put in order.
/// Beyond <see cref="InstanceList.LargestTotal"/> rows a list holds the newest.
/// </summary>
internal sealed class InstanceListing
{
    /// <summary>Says what the partial index says: what did not simply finish is little among much.</summary>
    public const string Unusual = " AND sub_status <> 'Finished'";

    /// <summary>What runs, by the states it can be in.</summary>
    public const string Live = Unusual + " AND sub_status IN ('Executing', 'Suspended') AND finished_at IS NULL";

    // What has finished was last executed when it finished, what runs when it was last updated.
    private const string LastExecuted = "COALESCE(finished_at, updated_at)";

    // Of a number or a flow with more calls than this, a search shows the newest or some of them.
    private const int LargestMatch = 1_000;

    private readonly InstanceQuery query;
    private readonly List<object?> values;
    private readonly string direction;

    public InstanceListing(string accountId, InstanceQuery query)
    {
        this.query = query;
        values = [accountId];
        direction = query.Descending ? "DESC" : "ASC";
        var conditions = Conditions();
        var needed = Math.Min(InstanceList.LargestTotal, query.Skip + query.Take);
        var rows = Rows(conditions);
        CountSql = $"SELECT COUNT(*) FROM (SELECT 1 FROM {rows("id", InstanceList.LargestTotal)} LIMIT {InstanceList.LargestTotal}) AS counted";
        PageSql = $"SELECT {JournalStore.SummaryColumns} FROM {rows(JournalStore.SummaryColumns, needed)} ORDER BY {OrderColumn} {direction}, id {direction} LIMIT {query.Take} OFFSET {query.Skip}";
    }

    public string CountSql { get; }

    public string PageSql { get; }

    /// <summary>Of both statements.</summary>
    public object?[] Values => [.. values];

    private string OrderColumn => query.Order switch
    {
        InstanceOrder.LastExecuted => LastExecuted,
        InstanceOrder.Finished => "COALESCE(finished_at, 0)",
        InstanceOrder.Name => "name",
        _ => "created_at",
    };

    private bool IsAboutEnds => query.Order is InstanceOrder.LastExecuted or InstanceOrder.Finished || query.Times.Any(time => time.Column != TimeColumn.Created);

    /// <summary>Where the rows come from, conditions (those beside the account) included; given the columns wanted and how many rows in order suffice.</summary>
    private Func<string, int, string> Rows(string conditions)
    {
        var flows = query.DefinitionIds.Select(Add).ToList();
        var ofFlows = flows.Count > 0 ? $" AND definition_id IN ({string.Join(", ", flows)})" : "";
        if (query.Search is { Length: > 0 } search)
        {
            var correlated = query.CorrelationId is { } with ? $" AND correlation_id = {Add(with)}" : "";
            return Found(Search(search), conditions + ofFlows + correlated);
        }

        if (query.CorrelationId is { } correlation)
        {
            var parameter = Add(correlation);
            return Found(
                $"SELECT id AS found_id FROM instances WHERE id = {parameter} AND correlation_id = {parameter} "
                + $"UNION SELECT id FROM instances WHERE account_id = $1 AND correlation_id = {parameter} AND correlation_id <> id",
                conditions + ofFlows);
        }

        if (flows.Count > 0)
        {
            return flows.Count == 1 && query.Order == InstanceOrder.Created
                ? (_, _) => $"instances WHERE account_id = $1 AND definition_id = {flows[0]}{conditions}"
                : (columns, needed) => Together(flows.Select(flow => Newest(columns, $" AND definition_id = {flow}{conditions}", needed)));
        }

        if (IsAboutEnds && !conditions.Contains(Unusual, StringComparison.Ordinal))
        {
            return (columns, needed) => Together(
            [
                $"SELECT {columns} FROM instances WHERE account_id = $1 AND finished_at IS NOT NULL{conditions.Replace(LastExecuted, "finished_at", StringComparison.Ordinal)} ORDER BY finished_at {direction}, id {direction} LIMIT {(query.Order is InstanceOrder.LastExecuted or InstanceOrder.Finished ? needed : InstanceList.LargestTotal)}",
                $"SELECT {columns} FROM instances WHERE account_id = $1{Live}{conditions}",
            ]);
        }

        return query.Order == InstanceOrder.Created
            ? (_, _) => $"instances WHERE account_id = $1{conditions}"
            : (columns, needed) => Together([Newest(columns, conditions, needed)]);
    }

    private string Newest(string columns, string conditions, int needed) => query.Order == InstanceOrder.Created
        ? $"SELECT {columns} FROM instances WHERE account_id = $1{conditions} ORDER BY created_at {direction}, id {direction} LIMIT {needed}"
        : $"SELECT {columns} FROM instances WHERE account_id = $1{conditions} ORDER BY created_at DESC, id DESC LIMIT {InstanceList.LargestTotal}";

    // A select of its own around each: an order and a limit belong to the whole of a union otherwise.
    private static string Together(IEnumerable<string> parts) => $"({string.Join(" UNION ALL ", parts.Select((part, i) => $"SELECT * FROM ({part}) AS part{i}"))}) AS listed";

    // Written as a cross join because SQLite takes those in the order they are written: from the few that were found to their rows.
    private static Func<string, int, string> Found(string ids, string conditions) => (_, _) => $"({ids}) AS found CROSS JOIN instances WHERE id = found_id AND account_id = $1{conditions}";

    private string Conditions()
    {
        var sql = new StringBuilder();
        AddIn(sql, "status", query.Statuses);
        AddIn(sql, "sub_status", query.SubStatuses);
        if (query.Statuses is ["Running"])
        {
            sql.Append(Live);
        }
        else if (query.SubStatuses.Count > 0 && !query.SubStatuses.Contains("Finished"))
        {
            sql.Append(Unusual);
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
            var name = column switch { TimeColumn.Created => "created_at", TimeColumn.Updated => LastExecuted, _ => "finished_at" };
            sql.Append($" AND {name} {comparison} {Add(at.UtcTicks)}");
        }

        return sql.ToString();
    }

    /// <summary>
    /// A number, or its beginning, finds the calls from and to it; ids and names find themselves. Each way on an index of its own, because one
    /// condition over all of them would look at every row.
    /// </summary>
    private string Search(string text)
    {
        var (from, to) = (Add(text), Add(text + "\uffff"));
        var sql = new StringBuilder($"SELECT id AS found_id FROM instances WHERE id = {from}");
        foreach (var condition in (ReadOnlySpan<string>)
        [
            $"account_id = $1 AND definition_id = {from}",
            $"definition_version_id = {from}",
            $"account_id = $1 AND definition_id = (SELECT definition_id FROM definitions WHERE account_id = $1 AND is_latest = 1 AND LOWER(name) = LOWER({from}) LIMIT 1)",
        ])
        {
            sql.Append($" UNION SELECT id FROM (SELECT id FROM instances WHERE {condition} ORDER BY created_at DESC LIMIT {LargestMatch}) AS by_flow");
        }

        foreach (var column in (ReadOnlySpan<string>)["from_endpoint", "to_endpoint"])
        {
            sql.Append($" UNION SELECT id FROM (SELECT id FROM connections WHERE account_id = $1 AND {column} = {from} ORDER BY created_at DESC LIMIT {LargestMatch}) AS by_number");
            sql.Append($" UNION SELECT id FROM (SELECT id FROM connections WHERE account_id = $1 AND {column} > {from} AND {column} < {to} LIMIT {LargestMatch}) AS by_beginning");
        }

        return sql.ToString();
    }

    private void AddIn(StringBuilder sql, string column, IReadOnlyList<string> among)
    {
        if (among.Count > 0)
        {
            sql.Append($" AND {column} IN ({string.Join(", ", among.Select(Add))})");
        }
    }

    private string Add(object value)
    {
        values.Add(value);
        return string.Create(CultureInfo.InvariantCulture, $"${values.Count}");
    }
}
