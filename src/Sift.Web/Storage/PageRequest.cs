using System.Text;

namespace Sift.Web.Storage;

/// <summary>Which page of a list ordered by (created, id), newest first.</summary>
/// <param name="After">The row the page starts behind; null for the first page.</param>
/// <param name="Backwards">The page ends before <paramref name="After"/> instead of starting behind it; rows come oldest first and are turned round by the caller.</param>
internal sealed record PageRequest(int Size, PagePosition? After, bool Backwards)
{
    /// <summary>Adds the condition, order and limit (one more than the size, to see whether there is a further page).</summary>
    public void AppendTo(StringBuilder sql, List<object?> values, string createdColumn, string idColumn)
    {
        if (After is { } position)
        {
            values.Add(position.CreatedAt);
            values.Add(position.Id);
            sql.Append($" AND ({createdColumn}, {idColumn}) {(Backwards ? '>' : '<')} (${values.Count - 1}, ${values.Count})");
        }

        var order = Backwards ? "ASC" : "DESC";
        values.Add(Size + 1);
        sql.Append($" ORDER BY {createdColumn} {order}, {idColumn} {order} LIMIT ${values.Count}");
    }
}

/// <param name="CreatedAt">UTC ticks.</param>
internal readonly record struct PagePosition(long CreatedAt, string Id);
