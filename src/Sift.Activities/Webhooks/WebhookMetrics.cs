using System.Diagnostics.Metrics;

namespace Sift.Activities.Webhooks;

/// <summary>Figures of the delivery pipeline.</summary>
internal static class WebhookMetrics
{
    /// <summary>Name of the meter that collectors listen to.</summary>
    public const string MeterName = "Sift.Webhooks";

    public static Meter Meter { get; } = new(MeterName);

    public static Counter<long> Attempts { get; } = Meter.CreateCounter<long>("sift.webhooks.attempts", description: "Attempts by result.");

    public static Histogram<double> Duration { get; } = Meter.CreateHistogram<double>("sift.webhooks.duration", "s", "Time from request to answer.");

    public static UpDownCounter<long> Active { get; } = Meter.CreateUpDownCounter<long>("sift.webhooks.active", description: "Deliveries in memory: being sent, or waiting to be sent again within a call.");
}
