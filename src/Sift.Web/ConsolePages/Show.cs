using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Sift.Web.ConsolePages;

/// <summary>How values are written for people.</summary>
internal static class Show
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("MMM d HH:mm:ss", CultureInfo.InvariantCulture);

    public static string Length(DateTimeOffset? start, DateTimeOffset? end)
        => start is not { } began ? "–" : end is not { } over ? "up" : Duration(over - began);

    /// <summary>A moment of a timeline, to the millisecond.</summary>
    public static string Exactly(string? moment) => moment is null ? "–" : DateTimeOffset.Parse(moment, CultureInfo.InvariantCulture).UtcDateTime.ToString("MMM d HH:mm:ss.fff", CultureInfo.InvariantCulture);

    public static string Duration(TimeSpan time) => time.TotalSeconds < 60 ? $"{time.TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture)} s" : time.ToString(@"h\:mm\:ss", CultureInfo.InvariantCulture);

    /// <summary>JSON with its lines broken; anything else as it is.</summary>
    public static string Body(string text)
    {
        try
        {
            return JsonNode.Parse(text)?.ToJsonString(Indented) ?? text;
        }
        catch (JsonException)
        {
            return text;
        }
    }

    public static string Host(string url) => Activities.Webhooks.WebhookHost.Of(url);
}
