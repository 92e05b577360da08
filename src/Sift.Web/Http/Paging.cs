using System.Buffers.Text;
using System.ComponentModel;
using System.Globalization;
using System.Text;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.WebUtilities;
using Sift.Web.Storage;

namespace Sift.Web.Http;

/// <summary>One page of a list (sift-api 1.6).</summary>
internal sealed record Page<T>(
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never), Description("Absolute URL of the next page; null on the last one. A page of a filtered list may hold fewer items than asked for and still have one.")] string? Next,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never), Description("Absolute URL of the previous page; null on the first one.")] string? Previous,
    [property: Description("The items of this page, newest first.")] IReadOnlyList<T> Results);

/// <summary>Reads <c>cursor</c> and <c>limit</c>, and writes the links to the neighbouring pages.</summary>
internal static class Paging
{
    public const int DefaultSize = 50;
    public const int LargestSize = 200;

    /// <summary>Reads the page asked for; refuses query parameters the list does not know.</summary>
    public static (PageRequest? Page, IResult? Problem) Read(HttpRequest request, params ReadOnlySpan<string> filters)
    {
        var errors = new FieldErrors();
        foreach (var name in request.Query.Keys)
        {
            if (name is not ("cursor" or "limit") && !filters.Contains(name))
            {
                errors.Add(name, "is not a parameter of this list");
            }
            else if (request.Query[name].Count > 1)
            {
                errors.Add(name, "is given more than once");
            }
        }

        var size = DefaultSize;
        if (request.Query.TryGetValue("limit", out var limit)
            && (!int.TryParse(limit, NumberStyles.None, CultureInfo.InvariantCulture, out size) || size is < 1 or > LargestSize))
        {
            errors.Add("limit", $"must be a whole number from 1 to {LargestSize}");
        }

        PagePosition? after = null;
        var backwards = false;
        if (request.Query.TryGetValue("cursor", out var cursor))
        {
            if (Decode(cursor.ToString()) is { } decoded)
            {
                (after, backwards) = decoded;
            }
            else
            {
                errors.Add("cursor", "is not a cursor of this list; follow the next and previous links as they are");
            }
        }

        return errors.Any ? (null, errors.ToProblem()) : (new PageRequest(size, after, backwards), null);
    }

    public static Page<TItem> ToPage<TRow, TItem>(HttpContext http, PageRequest page, ScannedPage<TRow> scanned, Func<TRow, PagePosition> position, Func<TRow, TItem> item)
    {
        var whole = ToPage(http, page, scanned.Rows, position, item);
        return scanned.StoppedAt is not { } stopped ? whole
            : page.Backwards ? whole with { Previous = Link(http, stopped, backwards: true) }
            : whole with { Next = Link(http, stopped, backwards: false) };
    }

    /// <summary>Makes the answer of rows that came in the page's order, one more than its size when there are further ones.</summary>
    public static Page<TItem> ToPage<TRow, TItem>(HttpContext http, PageRequest page, List<TRow> rows, Func<TRow, PagePosition> position, Func<TRow, TItem> item)
    {
        var more = rows.Count > page.Size;
        if (more)
        {
            rows.RemoveRange(page.Size, rows.Count - page.Size);
        }

        if (page.Backwards)
        {
            rows.Reverse();
        }

        var hasNext = rows.Count > 0 && (page.Backwards || more);
        var hasPrevious = rows.Count > 0 && (page.Backwards ? more : page.After is not null);
        return new Page<TItem>(
            hasNext ? Link(http, position(rows[^1]), backwards: false) : null,
            hasPrevious ? Link(http, position(rows[0]), backwards: true) : null,
            rows.ConvertAll(row => item(row)));
    }

    public static string Link(HttpContext http, PagePosition position, bool backwards)
    {
        var query = http.Request.Query.Where(pair => pair.Key != "cursor").Select(pair => KeyValuePair.Create(pair.Key, (string?)pair.Value.ToString())).ToList();
        query.Add(KeyValuePair.Create("cursor", (string?)Encode(position, backwards)));
        return QueryHelpers.AddQueryString(http.Absolute(http.Request.Path), query);
    }

    public static string Encode(PagePosition position, bool backwards)
        => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{(backwards ? 'p' : 'n')}{position.CreatedAt}~{position.Id}")));

    public static (PagePosition Position, bool Backwards)? Decode(string cursor)
    {
        Span<byte> bytes = stackalloc byte[256];
        if (cursor.Length > 300 || Base64Url.DecodeFromChars(cursor, bytes, out _, out var length) != System.Buffers.OperationStatus.Done || length < 3)
        {
            return null;
        }

        var text = Encoding.UTF8.GetString(bytes[..length]);
        var split = text.IndexOf('~', StringComparison.Ordinal);
        return split > 1 && text[0] is 'p' or 'n'
            && long.TryParse(text.AsSpan(1, split - 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var createdAt)
            && createdAt >= 0 && createdAt <= DateTime.MaxValue.Ticks
            ? (new PagePosition(createdAt, text[(split + 1)..]), text[0] == 'p')
            : null;
    }
}

internal static class Urls
{
    /// <summary>The absolute form of a path of this server, by the configured public URL or else as the client reached it.</summary>
    public static string Absolute(this HttpContext http, string path)
        => http.RequestServices.GetRequiredService<PublicUrl>().Value is { } configured
            ? configured.TrimEnd('/') + path
            : $"{http.Request.Scheme}://{http.Request.Host}{path}";
}

/// <summary>How clients reach this server; null when that is how the request came.</summary>
internal sealed record PublicUrl(string? Value);
