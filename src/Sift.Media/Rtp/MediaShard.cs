using System.Diagnostics.CodeAnalysis;

namespace Sift.Media.Rtp;

/// <summary>
/// The sessions of one media thread and their 20 ms step: ask once which sockets have something, carry out commands and drain those
/// sockets for all, then send for all, so that what one bridged leg said leaves for the other within the same step.
/// </summary>
internal sealed class MediaShard : IDisposable
{
    /// <summary>Length of a step.</summary>
    public static readonly TimeSpan Period = TimeSpan.FromMilliseconds(20);

    private readonly MediaEngine _engine;
    private readonly CommandInbox<Entry> _entries = new();
    private readonly CommandInbox<Entry> _hastened = new();
    private readonly List<MediaSession> _sessions = [];
    private readonly DatagramBatch _batch;
    private readonly ISocketReadiness _readiness;
    private readonly LatenessHistogram _lateness = new();
    private long _receivedByClosed;
    private long _sentByClosed;
    private long _refusedByClosed;
    private long _ticks;
    private long _skipped;
    private long _longestTick;
    private long _received;
    private long _sent;
    private long _refused;
    private int _count;

    public MediaShard(int index, MediaEngine engine, DatagramBatch batch, ISocketReadiness readiness)
    {
        Index = index;
        _engine = engine;
        _batch = batch;
        _readiness = readiness;
    }

    public int Index { get; }

    public DatagramBatch Batch => _batch;

    /// <summary>Wall-clock nanoseconds at the beginning of this step, to turn kernel receive times into step times.</summary>
    public long WallNanoseconds { get; private set; }

    /// <summary>Counts steps, for work that is done every few of them.</summary>
    public uint Step { get; private set; }

    /// <summary>Hands a session over to this shard's thread; callable from any thread.</summary>
    public void Enter(MediaSession session)
    {
        session.MovedTo(this);
        _entries.Add(new Entry(session));
    }

    /// <summary>Lets the session carry out its commands before the next step; callable from any thread.</summary>
    public void Hasten(MediaSession session)
    {
        _hastened.Add(new Entry(session));
        Hastened?.Invoke();
    }

    /// <summary>Wakes the shard's thread between two steps; null when whoever steps the shard looks by itself.</summary>
    public Action? Hastened { get; set; }

    /// <summary>Between two steps: what was hastened. On the shard's thread only.</summary>
    public void RunHastened(TimeSpan now)
    {
        var entry = _hastened.TakeAll();
        if (entry is null)
        {
            return;
        }

        TakeEntered();
        for (; entry is not null; entry = entry.Next)
        {
            // One that moved to another thread meanwhile waits for that thread's step.
            if (ReferenceEquals(entry.Session.Shard, this))
            {
                Guarded(entry.Session, now, StepPart.Hasten);
            }
        }

        RemoveGone();
    }

    /// <summary>One step. <paramref name="now"/> is monotonic; its zero point is the engine's affair.</summary>
    public void Tick(TimeSpan now)
    {
        WallNanoseconds = (_engine.Time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * 100;
        Step++;
        TakeEntered();

        // What was hastened too late for that is heard in this step anyway.
        _hastened.TakeAll();

        // What arrives after this is left in its socket for the next step.
        _readiness.Ask();
        for (var i = 0; i < _sessions.Count; i++)
        {
            Guarded(_sessions[i], now, StepPart.Receive);
        }

        for (var i = 0; i < _sessions.Count; i++)
        {
            Guarded(_sessions[i], now, StepPart.Send);
        }

        RemoveGone();
        if (Step % 50 == 0)
        {
            Count();
        }

        Volatile.Write(ref _ticks, _ticks + 1);
    }

    /// <summary>Steps were missed: timestamps go on as if they had been taken. On the shard's thread only.</summary>
    public void Skip(int steps)
    {
        foreach (var session in _sessions)
        {
            session.Stream.Outlet.Advance(steps);
        }

        Volatile.Write(ref _skipped, _skipped + steps);
    }

    public void RecordTiming(TimeSpan lateness, TimeSpan duration)
    {
        _lateness.Add(lateness);
        if (duration.Ticks > _longestTick)
        {
            Volatile.Write(ref _longestTick, duration.Ticks);
        }
    }

    public void AddTo(MediaEngineStatistics statistics)
    {
        statistics.Sessions += Volatile.Read(ref _count);
        statistics.PacketsReceived += Volatile.Read(ref _received);
        statistics.PacketsSent += Volatile.Read(ref _sent);
        statistics.PacketsRefused += Volatile.Read(ref _refused);
        statistics.Ticks += Volatile.Read(ref _ticks);
        statistics.TicksSkipped += Volatile.Read(ref _skipped);
        statistics.LongestTick = TimeSpan.FromTicks(Math.Max(statistics.LongestTick.Ticks, Volatile.Read(ref _longestTick)));
        _lateness.AddTo(statistics.Lateness);
    }

    /// <summary>Only after the thread has ended.</summary>
    public void Dispose()
    {
        TakeEntered();
        foreach (var session in _sessions)
        {
            session.Stream.Abandon(tell: false);
        }

        _sessions.Clear();
        _readiness.Dispose();
        _batch.Dispose();
    }

    private void TakeEntered()
    {
        for (var entry = _entries.TakeAll(); entry is not null; entry = entry.Next)
        {
            _sessions.Add(entry.Session);
            entry.Session.Stream.EnterSockets(_readiness);
        }
    }

    [SuppressMessage("Design", "CA1031", Justification = "The one place where a fault of a single session is kept from the others")]
    private void Guarded(MediaSession session, TimeSpan now, StepPart part)
    {
        try
        {
            switch (part)
            {
                case StepPart.Receive:
                    session.Stream.Receive(this, now);
                    break;
                case StepPart.Send:
                    session.Stream.Send(this, now);
                    break;
                case StepPart.Hasten:
                    session.Stream.Hasten(this, now);
                    break;
            }
        }
        catch (Exception exception)
        {
            _engine.ReportFault(exception, session.LocalPort);
            session.Stream.Abandon(tell: true);
        }
    }

    private void RemoveGone()
    {
        for (var i = _sessions.Count - 1; i >= 0; i--)
        {
            var session = _sessions[i];
            var stream = session.Stream;
            if (stream.Closed)
            {
                _receivedByClosed += stream.Inlet.Statistics.Received;
                _sentByClosed += stream.Outlet.PacketsSent;
                _refusedByClosed += stream.Inlet.Refused;
            }
            else if (stream.MovingTo is { } target)
            {
                stream.LeaveSockets();
                stream.Moved();
                target.Enter(session);
            }
            else
            {
                continue;
            }

            _sessions[i] = _sessions[^1];
            _sessions.RemoveAt(_sessions.Count - 1);
        }
    }

    private void Count()
    {
        var (received, sent, refused) = (_receivedByClosed, _sentByClosed, _refusedByClosed);
        foreach (var session in _sessions)
        {
            received += session.Stream.Inlet.Statistics.Received;
            sent += session.Stream.Outlet.PacketsSent;
            refused += session.Stream.Inlet.Refused;
        }

        Volatile.Write(ref _received, received);
        Volatile.Write(ref _sent, sent);
        Volatile.Write(ref _refused, refused);
        Volatile.Write(ref _count, _sessions.Count);
    }

    private enum StepPart { Receive, Send, Hasten }

    private sealed class Entry(MediaSession session) : InboxItem<Entry>
    {
        public MediaSession Session => session;
    }
}
