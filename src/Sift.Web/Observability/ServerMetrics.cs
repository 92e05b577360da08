using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;
using System.Diagnostics.Metrics;
using System.Globalization;
using Sift.Activities.Calls;
using Sift.Media.Legs;
using Sift.Media.Rtp;
using Sift.Web.Hosting;
using Sift.Web.Storage;

namespace Sift.Web.Observability;

/// <summary>
/// The figures that need the whole server: calls, media, and how old the delivery queues are. Instruments are made when calls can be taken;
/// what the database must be asked for is asked every few seconds, not at every scrape.
/// </summary>
internal sealed partial class ServerMetrics(CallControl calls, Telephony telephony, Database database, TimeProvider time, ILogger<ServerMetrics> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    private static readonly Counter<long> Begun = SiftMeter.Meter.CreateCounter<long>("sift.legs.begun", "{leg}", "Legs that came in or were dialled");
    private static readonly UpDownCounter<long> Up = SiftMeter.Meter.CreateUpDownCounter<long>("sift.legs.state", "{leg}", "Legs that are being set up (connecting) or are up (connected)");
    private static readonly Counter<long> Calls = SiftMeter.Meter.CreateCounter<long>("sift.legs.finished", "{leg}", "Legs that ended, by the status and the failure of their connection");
    private static readonly Counter<long> Lost = SiftMeter.Meter.CreateCounter<long>("sift.media.packets_lost", "{packet}", "RTP packets that did not arrive, of legs that ended");
    private static readonly CallRate Rate = new();
    private static readonly ConcurrentDictionary<LegId, bool> Known = new();
    private static readonly Counter<long> Ended = SiftMeter.Meter.CreateCounter<long>("sift.legs.ended", "{leg}", "Legs that ended, by cause");
    private static readonly Histogram<double> Jitter = SiftMeter.Meter.CreateHistogram<double>("sift.legs.jitter", "ms", "Interarrival jitter of legs at their end");
    private static readonly Histogram<double> Loss = SiftMeter.Meter.CreateHistogram<double>("sift.legs.loss", "{percent}", "Packets lost of legs at their end, as a share of those expected");

    private static readonly KeyValuePair<string, object?> Connecting = new("state", "connecting");
    private static readonly KeyValuePair<string, object?> Connected = new("state", "connected");

    private static readonly FrozenDictionary<LegEndCause, (string Cause, string Failure)> Causes = Enum.GetValues<LegEndCause>()
        .ToFrozenDictionary(static cause => cause, static cause => (cause.ToString(), System.Text.Json.JsonNamingPolicy.SnakeCaseLower.ConvertName(cause.ToString())));

    private long waiting;
    private double oldestSeconds;

    /// <summary>Counts what a leg does; called for every event of every leg.</summary>
    public static void Count(LegEvent legEvent, TimeSpan now)
    {
        switch (legEvent)
        {
            case LegIncoming:
                Begin(legEvent.Leg, "incoming", now);
                break;
            case LegAnswered when Known.TryUpdate(legEvent.Leg, true, false):
                Up.Add(-1, Connecting);
                Up.Add(1, Connected);
                break;
            case LegEnded end:
                var wasUp = false;
                if (Known.TryRemove(end.Leg, out wasUp))
                {
                    Up.Add(-1, wasUp ? Connected : Connecting);
                }

                var (cause, failure) = Causes[end.Cause];
                Ended.Add(1, new KeyValuePair<string, object?>("cause", cause));
                Calls.Add(1, new KeyValuePair<string, object?>("status", wasUp ? "finished" : "failed"), new KeyValuePair<string, object?>("failure", wasUp ? "" : failure));
                if (end.Quality is { PacketsReceived: > 0 } quality)
                {
                    Lost.Add(quality.PacketsLost);
                    Jitter.Record(quality.Jitter.TotalMilliseconds);
                    Loss.Record(100.0 * quality.PacketsLost / (quality.PacketsReceived + quality.PacketsLost));
                }

                break;
        }
    }

    /// <summary>A leg came in or is being dialled.</summary>
    public static void Begin(LegId leg, string direction, TimeSpan now)
    {
        if (Known.TryAdd(leg, false))
        {
            Begun.Add(1, new KeyValuePair<string, object?>("direction", direction));
            Up.Add(1, Connecting);
            Rate.Add(now);
        }
    }

    [SuppressMessage("Design", "CA1031", Justification = "The loop must outlive a database that is away for a while.")]
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        Publish();
        using var timer = new PeriodicTimer(Interval, time);
        do
        {
            try
            {
                await ReadQueueAsync(stoppingToken);
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                LogFailed(exception);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private void Publish()
    {
        var meter = SiftMeter.Meter;
        meter.CreateObservableGauge("sift.calls.live", () => calls.LiveCount, "{call}", "Calls that are being set up or are up");
        meter.CreateObservableGauge("sift.calls.per_second", () => Rate.PerSecond(time.GetElapsedTime(0)), "{call}/s", "Legs begun per second, over the last ten seconds");
        meter.CreateObservableGauge("sift.deliveries.waiting", () => Volatile.Read(ref waiting), "{delivery}", "Deliveries that are neither done nor given up");
        meter.CreateObservableGauge("sift.deliveries.oldest", () => Volatile.Read(ref oldestSeconds), "s", "Age of the oldest of them");
        meter.CreateObservableGauge("sift.media.sessions", () => Media(figures => (long)figures.Sessions), "{session}", "Media sessions");
        meter.CreateObservableGauge("sift.media.ports_free", () => Media(figures => (long)figures.PortsFree), "{port}", "RTP port pairs that can be had");
        meter.CreateObservableCounter("sift.media.packets_received", () => Media(figures => figures.PacketsReceived), "{packet}", "RTP packets received");
        meter.CreateObservableCounter("sift.media.packets_sent", () => Media(figures => figures.PacketsSent), "{packet}", "RTP packets sent");
        meter.CreateObservableCounter("sift.media.packets_refused", () => Media(figures => figures.PacketsRefused), "{packet}", "Datagrams that were no RTP of the session");
        meter.CreateObservableCounter("sift.media.ticks_skipped", () => Media(figures => figures.TicksSkipped), "{tick}", "20 ms steps skipped because a pacing thread was late");
        meter.CreateObservableCounter("sift.media.steps", Steps, "{tick}", "20 ms steps taken, by how many milliseconds late they began at most");
        meter.CreateObservableGauge("sift.media.pacing_late_p99", () => Media(figures => figures.LatenessPercentile(0.99).TotalMilliseconds), "ms", "99 % of the steps began at most so late");
        meter.CreateObservableGauge("sift.media.pacing_late_p50", () => Media(figures => figures.LatenessPercentile(0.5).TotalMilliseconds), "ms", "Half of the steps began at most so late");
        meter.CreateObservableGauge("sift.media.longest_step", () => Media(figures => figures.LongestTick.TotalMilliseconds), "ms", "The longest time that one step of 20 ms of media took");
        meter.CreateObservableCounter("sift.browser.handshakes", () => telephony.BrowserPort.Handshakes, "{handshake}", "DTLS handshakes that gave keys");
        meter.CreateObservableCounter("sift.browser.datagrams", () => telephony.BrowserPort.Received, "{datagram}", "Datagrams of every kind at the browser port");
        meter.CreateObservableCounter("sift.browser.datagrams_refused", BrowserRefusals, "{datagram}", "Datagrams at the browser port that were dropped, by reason");
        meter.CreateObservableCounter("sift.sip.refused", Refusals, "{message}", "SIP messages refused, by reason");
    }

    private T Media<T>(Func<MediaEngineStatistics, T> figure)
        where T : struct
        => telephony.Media is { } engine ? figure(engine.Statistics()) : default;

    private IEnumerable<Measurement<long>> Refusals()
        => telephony.Refusals.Select(pair => new Measurement<long>(pair.Value, new KeyValuePair<string, object?>("reason", pair.Key)));

    private IEnumerable<Measurement<long>> Steps()
    {
        var late = telephony.Media?.Statistics().Lateness ?? [];
        for (var i = 0; i < late.Length; i++)
        {
            var bound = i < MediaEngineStatistics.LatenessBounds.Count ? MediaEngineStatistics.LatenessBounds[i].TotalMilliseconds.ToString(CultureInfo.InvariantCulture) : "more";
            yield return new Measurement<long>(late[i], new KeyValuePair<string, object?>("late", bound));
        }
    }

    private IEnumerable<Measurement<long>> BrowserRefusals()
    {
        var port = telephony.BrowserPort;
        yield return Reason(port.ChecksRefused, "check");
        yield return Reason(port.UnknownSource, "unknown_source");
        yield return Reason(port.Unknown, "unknown_protocol");
        yield return Reason(port.HandshakesLimited, "handshake_limit");
        yield return Reason(port.HandshakesFailed, "handshake_failed");
        yield return Reason(port.NotAuthentic, "not_authentic");
        yield return Reason(port.Replayed, "replayed");
        yield return Reason(port.MediaDropped, "media_queue");

        static Measurement<long> Reason(long count, string reason) => new(count, new KeyValuePair<string, object?>("reason", reason));
    }

    private async ValueTask ReadQueueAsync(CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        await using var command = connection.Command("SELECT COUNT(*), MIN(created_at) FROM deliveries WHERE state IN ('Pending', 'Scheduled')");
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        if (await reader.ReadAsync(cancellationToken))
        {
            Volatile.Write(ref waiting, reader.GetInt64(0));
            Volatile.Write(ref oldestSeconds, reader.TimeOrNull(1) is { } oldest ? Math.Max(0, (time.GetUtcNow() - oldest).TotalSeconds) : 0);
        }
    }

    [LoggerMessage(1230, LogLevel.Warning, "The length of the delivery queue could not be read")]
    private partial void LogFailed(Exception exception);
}
