using System.Globalization;

namespace Sift.Web.Observability;

/// <summary>How the moments of deliveries and timelines are written: ISO 8601, UTC, with milliseconds, because things happen within one second.</summary>
internal static class Moment
{
    public static string Of(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    public static string? Of(DateTimeOffset? time) => time is { } given ? Of(given) : null;
}
