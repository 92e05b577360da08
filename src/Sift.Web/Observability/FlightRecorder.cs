using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Diagnostics.Metrics;
using System.Text.Json;
using System.Text.Json.Serialization;
using Sift.Media.Legs;
using Sift.Media.Sip.Tracing;
using Sift.Web.Storage;

namespace Sift.Web.Observability;

/// <summary>
/// Keeps what went over the wire of every call, after the call too. It stands between the legs and call control, passes everything on
/// untouched, and writes the trace of a leg a moment after its end, many at once and never more than a bounded rate: calls come first.
/// </summary>
internal sealed partial class FlightRecorder(CallTraces traces, Database database, IServiceProvider services, TimeProvider time, ILogger<FlightRecorder> logger) : BackgroundService
{
    /// <summary>Traces written per <see cref="Interval"/>; the rest of a rush is dropped and counted.</summary>
    public const int MostPerFlush = 100;

    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    // The last acknowledgement of a call comes after its end.
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(1);

    private static readonly Counter<long> Dropped = SiftMeter.Meter.CreateCounter<long>("sift.traces.dropped", "{call}", "Calls whose SIP messages were not kept because too many ended at once");

    private readonly ConcurrentQueue<(LegEnded End, DateTimeOffset At)> ended = new();

    /// <summary>Puts the recorder in front of <paramref name="events"/>.</summary>
    public ILegEvents Before(ILegEvents events) => new Listener(this, events);

    /// <summary>The trace of a connection, from memory while it is up, else from the database.</summary>
    public async ValueTask<TracedLeg?> FindAsync(string connectionId, CancellationToken cancellationToken)
    {
        if (traces.Find(new LegId(connectionId)) is { } live)
        {
            return live;
        }

        await using var connection = await database.OpenAsync(cancellationToken);
        await using var command = connection.Command("SELECT data FROM call_traces WHERE connection_id = $1", connectionId);
        return await command.ExecuteScalarAsync(cancellationToken) is byte[] data ? JsonSerializer.Deserialize(data, TraceJson.Default.TracedLeg) : null;
    }

    /// <summary>Writes the traces of legs that ended before <paramref name="before"/>.</summary>
    public async ValueTask FlushAsync(DateTimeOffset before, CancellationToken cancellationToken)
    {
        var rows = new List<(string Id, byte[] Data)>();
        while (ended.TryPeek(out var next) && next.At <= before && ended.TryDequeue(out next))
        {
            if (next.End.SipStatus >= 300 && !await IsConnectionAsync(next.End.Leg.Value, cancellationToken))
            {
                traces.Refuse(next.End.Leg, next.End.SipStatus.Value, next.End.Cause == LegEndCause.NotFound ? "nobody has the number that was called" : next.End.Detail ?? "refused");
                traces.Take(next.End.Leg);
                continue;
            }

            if (traces.Take(next.End.Leg) is not { } trace)
            {
                continue;
            }

            if (rows.Count < MostPerFlush)
            {
                rows.Add((next.End.Leg.Value, JsonSerializer.SerializeToUtf8Bytes(trace, TraceJson.Default.TracedLeg)));
            }
            else
            {
                Dropped.Add(1);
            }
        }

        if (rows.Count == 0)
        {
            return;
        }

        await using var connection = await database.OpenAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        foreach (var (id, data) in rows)
        {
            await connection.ExecuteAsync(
                "INSERT INTO call_traces (connection_id, recorded_at, data) VALUES ($1, $2, $3) ON CONFLICT (connection_id) DO UPDATE SET recorded_at = excluded.recorded_at, data = excluded.data",
                cancellationToken, id, time.GetUtcNow().UtcTicks, data);
        }

        await transaction.CommitAsync(cancellationToken);

        // Looked up late: it reads timelines, which come from here.
        var tracer = services.GetService<ConnectionTracer>();
        foreach (var (id, _) in rows)
        {
            if (tracer is not null)
            {
                await tracer.EmitAsync(id, cancellationToken);
            }
        }
    }

    [SuppressMessage("Design", "CA1031", Justification = "The loop must outlive a database that is away for a while.")]
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await FlushAsync(time.GetUtcNow() - Settling, stoppingToken);
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                LogFailed(exception);
            }
        }
    }

    [LoggerMessage(1220, LogLevel.Warning, "The traces of some calls could not be written")]
    private partial void LogFailed(Exception exception);

    private sealed class Listener(FlightRecorder recorder, ILegEvents inner) : ILegEvents
    {
        public void OnLegEvent(LegEvent legEvent)
        {
            inner.OnLegEvent(legEvent);
            ServerMetrics.Count(legEvent);
            if (legEvent is LegEnded end)
            {
                if (end.Quality is { } quality)
                {
                    recorder.Sample(end.Leg, quality);
                }

                recorder.ended.Enqueue((end, recorder.Now));
            }
        }
    }

    private async ValueTask<bool> IsConnectionAsync(string id, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        await using var command = connection.Command("SELECT COUNT(*) FROM connections WHERE id = $1", id);
        return Convert.ToInt64(await command.ExecuteScalarAsync(cancellationToken), System.Globalization.CultureInfo.InvariantCulture) > 0;
    }

    private DateTimeOffset Now => time.GetUtcNow();

    private void Sample(LegId leg, LegQuality quality) => traces.OnQuality(leg, quality);
}

[JsonSerializable(typeof(TracedLeg))]
internal sealed partial class TraceJson : JsonSerializerContext;
