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

    /// <summary>What runs, by the states it can be in: a list to be joined with <see cref="Among"/>, for an order makes SQLite read another index, a million rows long.</summary>
    public const string LiveIds = "SELECT id AS found_id FROM instances WHERE account_id = $1" + Unusual + " AND sub_status IN ('Executing', 'Suspended') AND finished_at IS NULL";

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
        var parts = Parts(Conditions());

        // The rows themselves are fetched for the page alone: their indexes hold what counting and ordering need.
        CountSql = $"SELECT COUNT(*) FROM (SELECT 1 FROM {Together(parts, InstanceList.LargestTotal)} LIMIT {InstanceList.LargestTotal}) AS counted";
        PageSql = $"SELECT {JournalStore.SummaryColumns} FROM (SELECT id AS page_id, sort_key FROM {Together(parts, Math.Min(InstanceList.LargestTotal, query.Skip + query.Take))} "
            + $"ORDER BY sort_key {direction}, id {direction} LIMIT {query.Take} OFFSET {query.Skip}) AS page CROSS JOIN instances WHERE id = page_id ORDER BY sort_key {direction}, id {direction}";
    }

    public string CountSql { get; }

    public string PageSql { get; }

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

    // Written as a cross join because SQLite takes those in the order they are written: from the few that were found to their rows.
    public static string Among(string ids, string conditions) => $"({ids}) AS found CROSS JOIN instances WHERE id = found_id AND account_id = $1{conditions}";

    /// <summary>Selects of id and sort key that give the list together, with the conditions beside the account; a function of how many rows suffice, in the order of the list.</summary>
    private List<Func<int, string>> Parts(string conditions)
    {
        var flows = query.DefinitionIds.Select(Add).ToList();
        var narrowed = flows.Count > 0 ? $"{conditions} AND definition_id IN ({string.Join(", ", flows)})" : conditions;
        if (query.Search is { Length: > 0 } search)
        {
            return [Listed(Search(search), query.CorrelationId is { } with ? $"{narrowed} AND correlation_id = {Add(with)}" : narrowed)];
        }

        if (query.CorrelationId is { } correlation)
        {
            var parameter = Add(correlation);
            var ids = $"SELECT id AS found_id FROM instances WHERE id = {parameter} AND correlation_id = {parameter} "
                + $"UNION SELECT id FROM instances WHERE account_id = $1 AND correlation_id = {parameter} AND correlation_id <> id";
            return [Listed(ids, narrowed)];
        }

        if (query.Statuses is ["Running"])
        {
            return [Listed(LiveIds, narrowed)];
        }

        if (flows.Count > 0)
        {
            return [.. flows.Select(flow => Newest($" AND definition_id = {flow}{conditions}"))];
        }

        var isAboutEnds = IsInOrderOfEnds || query.Times.Any(time => time.Column != TimeColumn.Created);
        if (!isAboutEnds || conditions.Contains(Unusual, StringComparison.Ordinal))
        {
            return [Newest(conditions)];
        }

        return query.Times.Any(time => time.Column == TimeColumn.Finished) ? [Ended(conditions)] : [Ended(conditions), Listed(LiveIds, conditions)];
    }

    private Func<int, string> Listed(string ids, string conditions) => _ => $"SELECT id, {Key} AS sort_key FROM {Among(ids, conditions)}";

    private Func<int, string> Newest(string conditions)
    {
        var select = $"SELECT id, {Key} AS sort_key FROM instances WHERE account_id = $1{conditions}";
        return query.Order == InstanceOrder.Created
            ? needed => $"{select} ORDER BY created_at {direction}, id {direction} LIMIT {needed}"
            : _ => $"{select} ORDER BY created_at DESC, id DESC LIMIT {InstanceList.LargestTotal}";
    }

    private Func<int, string> Ended(string conditions)
    {
        var select = $"SELECT id, {(IsInOrderOfEnds ? "finished_at" : Key)} AS sort_key FROM instances WHERE account_id = $1 AND finished_at IS NOT NULL{conditions.Replace(LastExecuted, "finished_at", StringComparison.Ordinal)}";
        return needed => $"{select} ORDER BY finished_at {direction}, id {direction} LIMIT {(IsInOrderOfEnds ? needed : InstanceList.LargestTotal)}";
    }

    // A select of its own around each: an order and a limit belong to the whole of a union otherwise.
    private static string Together(List<Func<int, string>> parts, int needed) => $"({string.Join(" UNION ALL ", parts.Select((part, i) => $"SELECT * FROM ({part(needed)}) AS part{i}"))}) AS listed";

    private string Conditions()
    {
        var sql = new StringBuilder();
        AddIn(sql, "status", query.Statuses);
        AddIn(sql, "sub_status", query.SubStatuses);
        if (query.SubStatuses.Count > 0 && !query.SubStatuses.Contains("Finished"))
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
