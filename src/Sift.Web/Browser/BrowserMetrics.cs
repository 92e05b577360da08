using System.Diagnostics.Metrics;
using System.Text.Json;
using Sift.Web.Observability;

namespace Sift.Web.Browser;

/// <summary>Figures of the browser side.</summary>
internal static class BrowserMetrics
{
    public static readonly Counter<long> Logins = SiftMeter.Meter.CreateCounter<long>("sift.browser.logins", "{login}", "Capability tokens accepted");
    public static readonly Counter<long> Refused = SiftMeter.Meter.CreateCounter<long>("sift.browser.refused", "{socket}", "Sockets closed: bad token, limit or nonsense");

    public static readonly UpDownCounter<long> Clients = SiftMeter.Meter.CreateUpDownCounter<long>("sift.browser.clients", "{client}", "Browsers that are logged in, or were and are waited for");

    private static readonly Histogram<double> Loss = SiftMeter.Meter.CreateHistogram<double>("sift.browser.loss", "%", "Packets lost on the way to the browser, as it reports");
    private static readonly Histogram<double> Jitter = SiftMeter.Meter.CreateHistogram<double>("sift.browser.jitter", "ms", "Jitter at the browser, as it reports");
    private static readonly Histogram<double> RoundTrip = SiftMeter.Meter.CreateHistogram<double>("sift.browser.round_trip", "ms", "Round trip to the browser, as it reports");

    /// <summary>Takes a client's <c>stats</c>; what is no sensible number is passed over.</summary>
    public static void Record(JsonElement stats)
    {
        Record(Loss, stats, "loss", 1, 100);
        Record(Jitter, stats, "jitter_ms", 60_000, 1);
        Record(RoundTrip, stats, "round_trip_ms", 60_000, 1);
    }

    private static void Record(Histogram<double> histogram, JsonElement stats, string name, double greatest, double scale)
    {
        if (stats.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) && number >= 0 && number <= greatest)
        {
            histogram.Record(number * scale);
        }
    }
}
