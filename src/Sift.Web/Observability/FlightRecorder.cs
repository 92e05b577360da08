using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Diagnostics.Metrics;
using Sift.Media.Legs;
using Sift.Media.Sip.Tracing;
using Sift.Web.Storage;
using Sift.Web.Storage.GroupCommit;

namespace Sift.Web.Observability;

/// <summary>
/// Keeps what went over the wire of every call, after the call too. It stands between the legs and call control, passes everything on
/// untouched, and writes one row per leg a moment after its end, together with what calls commit anyway: a trace costs no transaction of its own.
/// </summary>
internal sealed partial class FlightRecorder(CallTraces traces, Database database, GroupCommitWriter writer, IServiceProvider services, TimeProvider time, ILogger<FlightRecorder> logger)
    : BackgroundService
{
    /// <summary>Legs that ended and are not written yet; what ends beyond them is dropped and counted: calls come first.</summary>
    public const int MostWaiting = 4096;

    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    // Each slice waits for its commit before the next is queued, so that calls get their turn in between.
    private const int Slice = 32;

    // The last acknowledgement of a call comes after its end.
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(1);

    private static readonly Counter<long> Dropped = SiftMeter.Meter.CreateCounter<long>("sift.traces.dropped", "{call}", "Calls whose SIP messages were not kept because too many ended at once");

    private static readonly TracedLeg Nothing = new([], [], 0);

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
        return await command.ExecuteScalarAsync(cancellationToken) is byte[] data && TraceRecord.TryDecode(data, out var trace) ? trace : null;
    }

    /// <summary>Writes the traces of legs that ended before <paramref name="before"/>.</summary>
    public async ValueTask FlushAsync(DateTimeOffset before, CancellationToken cancellationToken)
    {
        var rows = new List<object>(Slice);
        while (ended.TryPeek(out var next) && next.At <= before && ended.TryDequeue(out next))
        {
            if (next.End.SipStatus >= 300 && !await IsConnectionAsync(next.End.Leg.Value, cancellationToken))
            {
                traces.Refuse(next.End.Leg, next.End.SipStatus.Value, next.End.Cause == LegEndCause.NotFound ? "nobody has the number that was called" : next.End.Detail ?? "refused");
                traces.Forget(next.End.Leg);
            }
            else
            {
                // A leg of which nothing was seen has a row too: a connection's trace (OTLP) is made when its row is written.
                rows.Add(new CallTraceRow(next.End.Leg.Value, next.At, TraceRecord.Encode(traces.Find(next.End.Leg) ?? Nothing)));
                if (rows.Count == Slice)
                {
                    await WriteAsync(rows, cancellationToken);
                    rows = new List<object>(Slice);
                }
            }
        }

        if (rows.Count > 0)
        {
            await WriteAsync(rows, cancellationToken);
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

    /// <summary>Commits a slice; the traces leave the memory whether that worked or not, because a database that is away must not fill it.</summary>
    private async ValueTask WriteAsync(IReadOnlyList<object> rows, CancellationToken cancellationToken)
    {
        try
        {
            await writer.WriteAsync(null, rows, isPatient: true, cancellationToken);
        }
        catch
        {
            Dropped.Add(rows.Count);
            throw;
        }
        finally
        {
            foreach (var row in rows)
            {
                traces.Forget(new LegId(((CallTraceRow)row).ConnectionId));
            }
        }

        // Looked up late: it reads timelines, which come from here.
        if (services.GetService<ConnectionTracer>() is { } tracer)
        {
            foreach (var row in rows)
            {
                await tracer.EmitAsync(((CallTraceRow)row).ConnectionId, cancellationToken);
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
            ServerMetrics.Count(legEvent, recorder.Now);
            if (legEvent is LegEnded end)
            {
                recorder.OnEnded(end);
            }
        }
    }

    private TimeSpan Now => time.GetElapsedTime(0);

    private void OnEnded(LegEnded end)
    {
        if (ended.Count >= MostWaiting)
        {
            traces.Forget(end.Leg);
            Dropped.Add(1);
            return;
        }

        if (end.Quality is { } quality)
        {
            traces.OnQuality(end.Leg, quality);
        }

        ended.Enqueue((end, time.GetUtcNow()));
    }

    private async ValueTask<bool> IsConnectionAsync(string id, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        await using var command = connection.Command("SELECT COUNT(*) FROM connections WHERE id = $1", id);
        return Convert.ToInt64(await command.ExecuteScalarAsync(cancellationToken), System.Globalization.CultureInfo.InvariantCulture) > 0;
    }
}
