using System.Data.Common;
using System.Globalization;
using System.Text;

namespace Sift.Web.Storage;

/// <summary>Which page of a list ordered by (created, id), newest first.</summary>
/// <param name="After">The row the page starts behind; null for the first page.</param>
/// <param name="Backwards">The page ends before <paramref name="After"/> instead of starting behind it; rows come oldest first and are turned round by the caller.</param>
internal sealed record PageRequest(int Size, PagePosition? After, bool Backwards)
{
    // Most filters let most rows through, or few of few.
    private static readonly int[] Scans = [500, 5_000];

    /// <summary>The order of both columns.</summary>
    public string Direction => Backwards ? "ASC" : "DESC";

    /// <summary>Adds the condition, order and limit (one more than the size, to see whether there is a further page).</summary>
    public void AppendTo(StringBuilder sql, List<object?> values, string createdColumn, string idColumn)
    {
        sql.Append(Within(values, createdColumn, idColumn));
        values.Add(Size + 1);
        sql.Append($" ORDER BY {createdColumn} {Direction}, {idColumn} {Direction} LIMIT ${values.Count}");
    }

    /// <summary>The condition that the page begins where it does, with an AND before it; empty for the first page.</summary>
    public string Within(List<object?> values, string createdColumn, string idColumn)
    {
        if (After is not { } position)
        {
            return "";
        }

        values.Add(position.CreatedAt);
        values.Add(position.Id);
        return $" AND ({createdColumn}, {idColumn}) {(Backwards ? '>' : '<')} (${values.Count - 1}, ${values.Count})";
    }

    /// <summary>
    /// A page narrowed by what no index is in order of: looks among few rows, then among more, and never among all. Rather than that, the page is
    /// not full and the list goes on where the search stopped.
    /// </summary>
    /// <param name="rows">Those wanted among that many rows of an index, one more than the page holds at most.</param>
    /// <param name="last">The last of that many rows of the index; null when there are fewer.</param>
    public async ValueTask<ScannedPage<T>> ScanAsync<T>(Func<int, ValueTask<List<T>>> rows, Func<int, ValueTask<PagePosition?>> last)
    {
        var found = new List<T>();
        PagePosition? stopped = null;
        foreach (var most in Scans)
        {
            found = await rows(most);
            stopped = found.Count > Size ? null : await last(most);
            if (stopped is null)
            {
                break;
            }
        }

        return new ScannedPage<T>(found, stopped);
    }
}

/// <param name="Rows">One more than the page holds when there are more.</param>
/// <param name="StoppedAt">The list goes on behind it although the page is not full; null when all there is was looked at.</param>
internal sealed record ScannedPage<T>(List<T> Rows, PagePosition? StoppedAt);

/// <param name="CreatedAt">UTC ticks.</param>
internal readonly record struct PagePosition(long CreatedAt, string Id);

internal static class Scans
{
    /// <summary>The last of as many candidates (<c>id</c>, <c>sort_key</c>) as the select may find at most; null when it finds fewer.</summary>
    public static async ValueTask<PagePosition?> LastAsync(this DbConnection connection, string candidates, PageRequest page, int most, List<object?> values, CancellationToken cancellationToken)
    {
        await using var command = connection.Command(
            string.Create(CultureInfo.InvariantCulture, $"SELECT sort_key, id FROM ({candidates}) AS candidates ORDER BY sort_key {page.Direction}, id {page.Direction} LIMIT 1 OFFSET {most - 1}"), [.. values]);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) ? new PagePosition(reader.GetInt64(0), reader.GetString(1)) : null;
    }
}
