namespace Sift.Testing;

/// <summary>
/// A clock that moves only when told. Timers, delays and periodic timers made from it ring in the order of their due times, on the
/// thread that advances it.
/// </summary>
public sealed class VirtualTime : TimeProvider
{
    private readonly Lock _gate = new();
    private readonly PriorityQueue<(VirtualTimer Timer, int Version), (long At, long Order)> _due = new();
    private long _now;
    private long _order;

    /// <param name="start">2026-01-01T00:00:00Z when null.</param>
    public VirtualTime(DateTimeOffset? start = null) => _now = (start ?? new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero)).UtcTicks;

    /// <inheritdoc/>
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <inheritdoc/>
    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    /// <summary>When the next timer rings; null when none is armed.</summary>
    public DateTimeOffset? NextDue
    {
        get
        {
            lock (_gate)
            {
                DropStale();
                return _due.TryPeek(out _, out var next) ? new DateTimeOffset(next.At, TimeSpan.Zero) : null;
            }
        }
    }

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow() => new(Interlocked.Read(ref _now), TimeSpan.Zero);

    /// <inheritdoc/>
    public override long GetTimestamp() => Interlocked.Read(ref _now);

    /// <inheritdoc/>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new VirtualTimer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Moves the clock, ringing what falls due on the way, also what is armed while doing so.</summary>
    public void Advance(TimeSpan by)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(by, TimeSpan.Zero);
        var end = Interlocked.Read(ref _now) + by.Ticks;
        while (TryTakeDue(end, out var timer)) timer.Ring();
        Interlocked.Exchange(ref _now, end);
    }

    /// <summary>Moves to the next timer and rings that one alone. False when none is armed up to <paramref name="limit"/>.</summary>
    internal bool RingNext(DateTimeOffset limit)
    {
        if (!TryTakeDue(limit.UtcTicks, out var timer)) return false;
        timer.Ring();
        return true;
    }

    private bool TryTakeDue(long end, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out VirtualTimer? timer)
    {
        lock (_gate)
        {
            DropStale();
            timer = null;
            if (!_due.TryPeek(out var next, out var due) || due.At > end) return false;
            _due.Dequeue();
            if (due.At > _now) Interlocked.Exchange(ref _now, due.At);
            timer = next.Timer;
            timer.Version++;
            if (timer.Period > TimeSpan.Zero) Enqueue(timer, due.At + timer.Period.Ticks);
            return true;
        }
    }

    private void DropStale()
    {
        while (_due.TryPeek(out var next, out _) && next.Timer.Version != next.Version) _due.Dequeue();
    }

    private void Arm(VirtualTimer timer, TimeSpan dueTime, TimeSpan period)
    {
        lock (_gate)
        {
            timer.Version++;
            timer.Period = period;
            if (dueTime >= TimeSpan.Zero) Enqueue(timer, _now + dueTime.Ticks);
        }
    }

    private void Enqueue(VirtualTimer timer, long at) => _due.Enqueue((timer, timer.Version), (at, _order++));

    private sealed class VirtualTimer(VirtualTime owner, TimerCallback callback, object? state) : ITimer
    {
        /// <summary>Changes with every arming, so that older entries of the heap are known to be stale.</summary>
        public int Version { get; set; }

        public TimeSpan Period { get; set; }

        public void Ring() => callback(state);

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            owner.Arm(this, dueTime, period);
            return true;
        }

        public void Dispose() => owner.Arm(this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
