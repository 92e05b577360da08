using System.Globalization;

namespace Sift.Web.Storage;

/// <summary>
/// Where instances lie together in an index, in order of creation: for each state they can be in, those of the account, of one of its flows or of
/// a version of that. A list is put together from the beginnings of such ranges, so that what it costs does not grow with what is stored.
/// </summary>
internal static class InstanceRanges
{
    /// <summary>So many rows at most are passed over, newest first, for what no index is in order of; beyond, a list holds what lies among them.</summary>
    public const int LargestScan = 50_000;

    private const string Finished = "Finished";
    private const string WithoutIncidents = " AND incident_count = 0";

    public static readonly IReadOnlyList<string> Live = ["Executing", "Suspended"];
    private static readonly string[] Ended = [Finished, "Cancelled", "Faulted"];

    /// <summary>The states that are asked for; none for a state that no instance is ever in.</summary>
    public static IReadOnlyList<string> States(IReadOnlyList<string> statuses, IReadOnlyList<string> subStatuses) =>
    [
        .. (statuses.Count == 0 || statuses.Contains("Running") ? Live : []).Concat(statuses.Count == 0 || statuses.Contains(Finished) ? Ended : [])
            .Where(state => subStatuses.Count == 0 || subStatuses.Contains(state)),
    ];

    /// <summary>The rows of one state: a condition that leads the database to one index, and what is left to be compared row by row.</summary>
    /// <param name="state">One of <see cref="States"/>: it becomes part of the statement, because partial indexes know no parameters.</param>
    /// <param name="flow">Parameter with the id of the flow; null for all flows.</param>
    public static InstanceRange Of(string state, string? flow, int? version, bool? hasIncidents)
    {
        if (flow is not null && version is not null && state == Finished && hasIncidents != true)
        {
            // A version may be long past, behind a million calls of later ones.
            var id = string.Create(CultureInfo.InvariantCulture, $"(SELECT id FROM definitions WHERE definition_id = {flow} AND version = {version} ORDER BY is_deleted LIMIT 1)");
            return new InstanceRange($"definition_version_id = {id} AND account_id = $1", $" AND sub_status = '{state}'{(hasIncidents == false ? WithoutIncidents : "")}");
        }

        var where = $"account_id = $1 AND sub_status = '{state}'";
        var rest = "";
        if (hasIncidents == true)
        {
            where += " AND incident_count > 0";
        }
        else if (state != Finished)
        {
            where += flow is null || Live.Contains(state) ? " AND sub_status <> 'Finished'" : " AND sub_status IN ('Cancelled', 'Faulted')";
        }

        if (flow is not null && (hasIncidents == true || !Live.Contains(state)))
        {
            where += $" AND definition_id = {flow}";
        }
        else if (flow is not null)
        {
            rest += $" AND definition_id = {flow}";
        }

        if (version is { } number)
        {
            rest += string.Create(CultureInfo.InvariantCulture, $" AND version = {number}");
        }

        return new InstanceRange(where, hasIncidents == false ? rest + WithoutIncidents : rest);
    }
}

/// <param name="Where">Conditions on the columns of one index, those in its order left out.</param>
/// <param name="Rest">Further conditions, each with an AND before it; empty when there are none.</param>
internal readonly record struct InstanceRange(string Where, string Rest)
{
    private static readonly string[] Compared = ["definition_id", "sub_status", "version", "incident_count"];

    /// <summary>Selects ids and times of creation (<c>sort_key</c>) of the first rows of the range.</summary>
    /// <param name="within">Conditions on the time of creation and the id, each with an AND before it.</param>
    public string First(string within, string direction, int count)
    {
        if (Rest.Length == 0)
        {
            return Select("id, created_at AS sort_key", Where + within, direction, count);
        }

        // Both databases hand the rows of a limited select on in its order; ordering them again would make SQLite read all of them first.
        var rest = Rest;
        var columns = string.Join(", ", Compared.Where(column => rest.Contains(column, StringComparison.Ordinal)));
        return $"SELECT id, sort_key FROM ({Select($"id, created_at AS sort_key, {columns}", Where + within, direction, InstanceRanges.LargestScan)}) AS passed WHERE {Rest[" AND ".Length..]} LIMIT {count}";
    }

    private static string Select(string columns, string where, string direction, int count)
        => $"SELECT {columns} FROM instances WHERE {where} ORDER BY created_at {direction}, id {direction} LIMIT {count}";
}
