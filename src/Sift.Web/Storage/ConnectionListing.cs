using Sift.Activities.Connections;
using Sift.Web.Storage.GroupCommit;

namespace Sift.Web.Storage;

/// <summary>
/// The statements of one page of connections: candidates come from the one index that is in the order of the list and finds the fewest, and are compared with
/// what else was asked for.
/// </summary>
internal sealed class ConnectionListing
{
    private readonly List<object?> values;
    private readonly List<string> conditions = [];
    private readonly PageRequest page;
    private readonly string within;
    private readonly string? number;
    private readonly string where;

    public ConnectionListing(string accountId, ConnectionFilter filter, PageRequest page)
    {
        this.page = page;
        values = [accountId];
        within = page.Within(values, "created_at", "id");
        within += filter.After is { } after ? $" AND created_at >= {Add(after.UtcTicks)}" : "";
        within += filter.Before is { } before ? $" AND created_at < {Add(before.UtcTicks)}" : "";

        // As literals, because the partial indexes of the few that are up or failed know no parameters.
        var isFailed = filter.Status == ConnectionStatus.Failed || (filter.Status is null && filter.Failure is not null);
        var status = filter.Status is { } wanted ? $"status = '{RowStatements.StoredText(wanted)}'" : null;
        List<(string Condition, bool Leads)> all = [];
        Consider(filter.Status is ConnectionStatus.Connecting or ConnectionStatus.Connected ? "status IN ('connecting', 'connected')" : null, leads: true);
        Consider(filter.ParentId is { } parent ? $"parent_id = {Add(parent)}" : null, leads: true);
        Consider(filter.From is { } from ? $"from_endpoint = {Add(from)}" : null, leads: true);
        Consider(filter.To is { } to ? $"to_endpoint = {Add(to)}" : null, leads: true);
        Consider(isFailed ? "status = 'failed'" : null, leads: true);
        Consider(filter.ApplicationId is { } application ? $"application_id = {Add(application)}" : null, leads: true);
        Consider(filter.Direction is { } direction ? $"direction = {Add(direction)}" : null, leads: true);
        Consider(filter.Status == ConnectionStatus.Failed ? null : status, leads: false);
        Consider(filter.Failure is { } failure ? $"failure = {Add(failure)}" : null, leads: false);
        if (filter.Party is { } party)
        {
            var pattern = Add($"%{party.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("%", "\\%", StringComparison.Ordinal).Replace("_", "\\_", StringComparison.Ordinal)}%");
            Consider($"(from_endpoint LIKE {pattern} ESCAPE '\\' OR to_endpoint LIKE {pattern} ESCAPE '\\')", leads: false);
        }

        number = filter.Number is { } given ? Add(given) : null;
        var leading = number is null ? all.FindIndex(condition => condition.Leads) : -1;
        where = leading < 0 ? "" : $" AND {all[leading].Condition}";
        conditions = [.. all.Where((_, i) => i != leading).Select(condition => condition.Condition)];

        void Consider(string? condition, bool leads)
        {
            if (condition is not null)
            {
                all.Add((condition, leads));
            }
        }
    }

    /// <summary>An index alone gives the page.</summary>
    public bool IsExact => conditions.Count == 0;

    public List<object?> Values => values;

    /// <summary>Selects id and time of creation (<c>sort_key</c>) of the first calls from and to a number; from indexes alone.</summary>
    public static string OfNumber(string parameter, string within, string direction, int most)
    {
        return $"SELECT id, sort_key FROM ({End("from_endpoint")} UNION {End("to_endpoint")}) AS ends ORDER BY sort_key {direction}, id {direction} LIMIT {most}";

        string End(string column) => $"SELECT * FROM ({Candidates($" AND {column} = {parameter}{within}", direction, most)}) AS {column}s";
    }

    public string Candidates(int most) => number is null ? Candidates(where + within, page.Direction, most) : OfNumber(number, within, page.Direction, most);

    /// <summary>The page, of at most that many candidates.</summary>
    public string Rows(string columns, int most)
    {
        var order = $"ORDER BY sort_key {page.Direction}, id {page.Direction}";
        return $"SELECT {columns} FROM (SELECT id AS candidate_id, sort_key FROM ({Candidates(most)}) AS listed {order}) AS candidates CROSS JOIN connections "
            + $"WHERE id = candidate_id{string.Concat(conditions.Select(condition => $" AND {condition}"))} {order} LIMIT {page.Size + 1}";
    }

    private static string Candidates(string where, string direction, int most)
        => $"SELECT id, created_at AS sort_key FROM connections WHERE account_id = $1{where} ORDER BY created_at {direction}, id {direction} LIMIT {most}";

    private string Add(object value)
    {
        values.Add(value);
        return $"${values.Count}";
    }
}

/// <summary>What a list of connections is narrowed to; null for all.</summary>
internal sealed record ConnectionFilter(ConnectionStatus? Status, string? ApplicationId, string? Direction, string? From, string? To)
{
    public static ConnectionFilter None { get; } = new(null, null, null, null, null);

    public string? Failure { get; init; }

    /// <summary>The whole number at either end; found by the indexes, among any number of calls.</summary>
    public string? Number { get; init; }

    /// <summary>Part of the name or number at either end; looked for call by call.</summary>
    public string? Party { get; init; }

    public string? ParentId { get; init; }

    public DateTimeOffset? After { get; init; }

    public DateTimeOffset? Before { get; init; }
}
