using System.Globalization;
using System.Text;
using Sift.Workflows.Activities;

namespace Sift.Web.Studio;

/// <summary>
/// Icon and colour of each activity, as a style sheet: Studio knows only Elsa's own types, so the host page marks the cards with the
/// activity's display name and this sheet paints them.
/// </summary>
internal static class ActivityLooks
{
    private const string Blue = "#1d64d8";
    private const string Violet = "#7a34d6";
    private const string Green = "#15803d";
    private const string Red = "#d12424";
    private const string Amber = "#b45f06";
    private const string Slate = "#475569";
    private const string Teal = "#0f766e";

    private static readonly Dictionary<string, (string Colour, string Icon)> ByType = new(StringComparer.Ordinal)
    {
        ["Sift.Say"] = (Blue, "M3 9v6h4l5 5V4L7 9H3zm13.5 3A4.5 4.5 0 0 0 14 8v8a4.5 4.5 0 0 0 2.5-4zM14 3.2v2.1a7 7 0 0 1 0 13.4v2.1a9 9 0 0 0 0-17.6z"),
        ["Sift.Play"] = (Blue, "M12 3v10.6A4 4 0 1 0 14 17V7h4V3h-6z"),
        ["Sift.Pause"] = (Slate, "M6 19h4V5H6v14zm8-14v14h4V5h-4z"),
        ["Sift.GetDigits"] = (Violet, "M4 3h4v4H4zm6 0h4v4h-4zm6 0h4v4h-4zM4 9h4v4H4zm6 0h4v4h-4zm6 0h4v4h-4zm-6 6h4v4h-4zM4 15h4v4H4zm12 0h4v4h-4z"),
        ["Sift.CallPhone"] = (Green, "M6.6 10.8a15 15 0 0 0 6.6 6.6l2.2-2.2c.3-.3.7-.4 1-.2 1.1.4 2.3.6 3.6.6.6 0 1 .4 1 1V20c0 .6-.4 1-1 1A17 17 0 0 1 3 4c0-.6.4-1 1-1h3.5c.6 0 1 .4 1 1 0 1.3.2 2.5.6 3.6.1.3 0 .7-.2 1l-2.3 2.2z"),
        ["Sift.CallClient"] = (Green, "M4 5h16a1 1 0 0 1 1 1v10a1 1 0 0 1-1 1H4a1 1 0 0 1-1-1V6a1 1 0 0 1 1-1zm4 14h8v2H8v-2z"),
        ["Sift.Answer"] = (Green, "M6.6 10.8a15 15 0 0 0 6.6 6.6l2.2-2.2c.3-.3.7-.4 1-.2 1.1.4 2.3.6 3.6.6.6 0 1 .4 1 1V20c0 .6-.4 1-1 1A17 17 0 0 1 3 4c0-.6.4-1 1-1h3.5c.6 0 1 .4 1 1 0 1.3.2 2.5.6 3.6.1.3 0 .7-.2 1l-2.3 2.2z"),
        ["Sift.HangUp"] = (Red, "M12 9c-1.6 0-3.2.3-4.6.7v3.1c0 .4-.2.7-.6.9-1 .5-1.9 1.1-2.7 1.8-.4.4-1 .4-1.4 0L.3 13.1a1 1 0 0 1 0-1.4A17 17 0 0 1 12 7c4.6 0 8.700 1.800 11.700 4.700.4.4.4 1 0 1.400l-2.500 2.500c-.4.3-1 .3-1.400 0-.8-.7-1.700-1.300-2.700-1.800-.4-.2-.6-.5-.6-.9V9.700A16 16 0 0 0 12 9z"),
        ["Sift.Reject"] = (Red, "M12 2a10 10 0 1 0 0 20 10 10 0 0 0 0-20zm5 13.600L15.600 17 12 13.400 8.400 17 7 15.600 10.600 12 7 8.400 8.400 7 12 10.600 15.600 7 17 8.400 13.400 12z"),
        ["Sift.Delay"] = (Amber, "M12 2a10 10 0 1 0 0 20 10 10 0 0 0 0-20zm1 11h-2V6h2v5.600l4 2.400-1 1.600-3-1.900z"),
        ["Sift.If"] = (Slate, "M14 4l2.300 2.300-2.900 2.900 1.400 1.400 2.900-2.900L20 10V4h-6zm-4 0H4v6l2.300-2.300L11 12.400V20h2v-8.400L7.700 6.300 10 4z"),
        ["Sift.Switch"] = (Slate, "M14 4l2.300 2.300-2.900 2.900 1.400 1.400 2.900-2.900L20 10V4h-6zm-4 0H4v6l2.300-2.300L11 12.400V20h2v-8.400L7.700 6.300 10 4z"),
        ["Sift.Fork"] = (Slate, "M6 3a3 3 0 0 1 1 5.800V11h10V8.800a3 3 0 1 1 2 0V13h-6v2.200a3 3 0 1 1-2 0V13H5V8.800A3 3 0 0 1 6 3z"),
        ["Sift.Join"] = (Slate, "M18 21a3 3 0 0 1-1-5.800V13H7v2.200a3 3 0 1 1-2 0V11h6V8.800a3 3 0 1 1 2 0V11h6v4.200A3 3 0 0 1 18 21z"),
        ["Sift.Start"] = (Green, "M8 5v14l11-7z"),
        ["Sift.End"] = (Red, "M6 6h12v12H6z"),
        ["Sift.HttpCall"] = (Teal, "M12 2a10 10 0 1 0 0 20 10 10 0 0 0 0-20zm6.900 6h-2.900a16 16 0 0 0-1.400-3.600A8 8 0 0 1 18.900 8zM12 4c.8 1.200 1.500 2.500 1.900 4h-3.800c.4-1.500 1.100-2.800 1.900-4zM4.300 14a8 8 0 0 1 0-4h3.300a17 17 0 0 0 0 4H4.300zm.8 2H8c.3 1.300.8 2.500 1.400 3.600A8 8 0 0 1 5.100 16zM8 8H5.100a8 8 0 0 1 4.300-3.600C8.800 5.500 8.300 6.700 8 8zm4 12a14 14 0 0 1-1.900-4h3.800A14 14 0 0 1 12 20zm2.300-6H9.700a15 15 0 0 1 0-4h4.600a15 15 0 0 1 0 4zm.3 5.600c.6-1.100 1.100-2.300 1.400-3.600h2.900a8 8 0 0 1-4.300 3.600zm1.800-5.600a17 17 0 0 0 0-4h3.300a8 8 0 0 1 0 4h-3.300z"),
        ["Sift.SetVariable"] = (Slate, "M4 7h10v2H4zm0 4h10v2H4zm0 4h6v2H4zm13-2v-3h-2V8h2V5l4 4-4 4z"),
        ["Sift.Log"] = (Slate, "M4 4h16v2H4zm0 5h16v2H4zm0 5h10v2H4zm0 5h10v2H4z"),
        ["Sift.RunRoutine"] = (Blue, "M3 5h2v2H3zm4 0h14v2H7zM3 11h2v2H3zm4 0h14v2H7zM3 17h2v2H3zm4 0h14v2H7z"),
        ["Sift.FetchRoutine"] = (Teal, "M19 9h-4V3H9v6H5l7 7zM5 18v2h14v-2z"),
        ["Sift.SubFlow"] = (Violet, "M3 5h8v6H3zm10 8h8v6h-8zM7 13h2v3h2v2H7z"),
        ["Sift.RunFlow"] = (Violet, "M3 5h8v6H3zm10 8h8v6h-8zM7 13h2v3h2v2H7z"),
        ["Sift.GetNumber"] = (Violet, "M4 17V9H2V7h4v10zm4 0v-2l4-4V9H8V7h6v4.500L11 15h3v2zm8 0v-2h4v-2h-3v-2h3V9h-4V7h6v10z"),
    };

    private static readonly Dictionary<string, (string Colour, string Icon)> ByCategory = new(StringComparer.Ordinal)
    {
        ["Call"] = (Blue, "M12 14a3 3 0 0 0 3-3V5a3 3 0 0 0-6 0v6a3 3 0 0 0 3 3zm5-3a5 5 0 0 1-10 0H5a7 7 0 0 0 6 6.900V21h2v-3.100A7 7 0 0 0 19 11z"),
        ["Events"] = (Amber, "M11 21h-1l1-7H7.500c-.9 0-.3-.8 0-1.200C8.800 10.500 10.700 7 13 3h1l-1 7h3.500c.5 0 .6.300.5.600C13 18 11 21 11 21z"),
        ["Data"] = (Slate, "M12 3C7.600 3 4 4.800 4 7v10c0 2.200 3.600 4 8 4s8-1.800 8-4V7c0-2.200-3.600-4-8-4z"),
        ["Flow"] = (Slate, "M4 4h6v6H4zm10 0h6v6h-6zM9 14h6v6H9z"),
    };

    public static Task CssAsync(HttpContext http, ActivityCatalog catalog)
    {
        http.Response.ContentType = "text/css; charset=utf-8";
        http.Response.Headers.CacheControl = "no-cache";
        return http.Response.WriteAsync(Css(catalog), Encoding.UTF8, http.RequestAborted);
    }

    internal static string Css(ActivityCatalog catalog)
    {
        var css = new StringBuilder();
        foreach (var descriptor in catalog.Descriptors)
        {
            var (colour, icon) = ByType.TryGetValue(descriptor.TypeName, out var look) ? look
                : ByCategory.TryGetValue(descriptor.Category, out look) ? look : ByCategory["Flow"];
            var mask = Uri.EscapeDataString($"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 24 24'><path d='{icon}'/></svg>");
            css.Append(CultureInfo.InvariantCulture, $"[data-activity=\"{descriptor.DisplayName}\"]{{--activity-colour:{colour};--activity-icon:url(\"data:image/svg+xml,{mask}\")}}\n");

            // A card grows with its ports only when they are there as it is dropped; those that are typed later need room from the start.
            if (descriptor.DynamicOutcomesInput is not null)
            {
                css.Append(CultureInfo.InvariantCulture, $".elsa-activity[data-activity=\"{descriptor.DisplayName}\"]{{min-height:7rem}}\n");
            }
        }

        return css.ToString();
    }
}
