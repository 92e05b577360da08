using Microsoft.EntityFrameworkCore;

namespace Sift.Web.Storage;

/// <summary>Pages of the configuration entities, in the order of every list of the API.</summary>
internal static class EntityPages
{
    /// <summary>One page, newest first; one row more than asked for when there are more.</summary>
    /// <param name="key">Name of the property that tells rows of the same moment apart.</param>
    public static IQueryable<TRow> PageOf<TRow>(this IQueryable<TRow> rows, PageRequest page, string key)
        where TRow : class
    {
        const string Created = nameof(ApplicationRow.CreatedAt);
        if (page.After is { } after)
        {
            var (time, id) = (new DateTimeOffset(after.CreatedAt, TimeSpan.Zero), after.Id);
            rows = page.Backwards
                ? rows.Where(row => EF.Property<DateTimeOffset>(row, Created) > time || (EF.Property<DateTimeOffset>(row, Created) == time && EF.Property<string>(row, key).CompareTo(id) > 0))
                : rows.Where(row => EF.Property<DateTimeOffset>(row, Created) < time || (EF.Property<DateTimeOffset>(row, Created) == time && EF.Property<string>(row, key).CompareTo(id) < 0));
        }

        rows = page.Backwards
            ? rows.OrderBy(row => EF.Property<DateTimeOffset>(row, Created)).ThenBy(row => EF.Property<string>(row, key))
            : rows.OrderByDescending(row => EF.Property<DateTimeOffset>(row, Created)).ThenByDescending(row => EF.Property<string>(row, key));
        return rows.Take(page.Size + 1);
    }
}
