namespace Sift.Activities.Tests.Fixtures;

/// <summary>A clock that moves only when told, and that a test can ask to wait until somebody set an alarm.</summary>
internal sealed class ManualTime : TimeProvider
{
    private readonly Lock _lock = new();
    private readonly List<Alarm> _armed = [];
    private readonly List<(DateTimeOffset At, TaskCompletionSource Armed)> _waiting = [];
    private DateTimeOffset _now = new(2026, 3, 4, 5, 6, 7, TimeSpan.Zero);

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow()
    {
        lock (_lock)
        {
            return _now;
        }
    }

    public override long GetTimestamp() => GetUtcNow().UtcTicks;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var alarm = new Alarm(this, callback, state);
        alarm.Change(dueTime, period);
        return alarm;
    }

    /// <summary>Waits until an alarm is set for exactly that time from now, then moves there.</summary>
    public async Task AdvanceToAlarmAsync(TimeSpan fromNow)
    {
        await AlarmAsync(fromNow);
        Advance(fromNow);
    }

    public Task AlarmAsync(TimeSpan fromNow)
    {
        lock (_lock)
        {
            var at = _now + fromNow;
            if (_armed.Exists(alarm => alarm.Due == at))
            {
                return Task.CompletedTask;
            }

            var armed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.Add((at, armed));
            return Soon.Within(armed.Task, $"an alarm in {fromNow}");
        }
    }

    public bool HasAlarm(TimeSpan fromNow)
    {
        lock (_lock)
        {
            return _armed.Exists(alarm => alarm.Due == _now + fromNow);
        }
    }

    public void Advance(TimeSpan by)
    {
        var end = GetUtcNow() + by;
        while (true)
        {
            Alarm? next;
            lock (_lock)
            {
                next = _armed.Where(alarm => alarm.Due <= end).MinBy(static alarm => alarm.Due);
                if (next is null)
                {
                    _now = end;
                    return;
                }

                _now = next.Due > _now ? next.Due : _now;
                _armed.Remove(next);
            }

            next.Ring();
        }
    }

    private sealed class Alarm(ManualTime time, TimerCallback callback, object? state) : ITimer
    {
        public DateTimeOffset Due { get; private set; }

        public void Ring() => callback(state);

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (time._lock)
            {
                time._armed.Remove(this);
                if (dueTime < TimeSpan.Zero)
                {
                    return true;
                }

                Due = time._now + dueTime;
                time._armed.Add(this);
                foreach (var (at, armed) in time._waiting)
                {
                    if (at == Due)
                    {
                        armed.TrySetResult();
                    }
                }

                return true;
            }
        }

        public void Dispose()
        {
            lock (time._lock)
            {
                time._armed.Remove(this);
            }
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}

/// <summary>Waits for something that comes from another thread. The limit is real time and only ever reached by a test that fails.</summary>
internal static class Soon
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    public static async Task Within(Task task, string what)
    {
        try
        {
            await task.WaitAsync(Limit, TimeProvider.System);
        }
        catch (TimeoutException)
        {
            Assert.Fail($"Waited in vain for {what}");
        }
    }

    public static async Task UntilAsync(Func<bool> holds, string what)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (!holds())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(start) < Limit, $"Waited in vain for {what}");
            await Task.Yield();
        }
    }

    public static async Task<T> Within<T>(Task<T> task, string what)
    {
        await Within((Task)task, what);
        return await task;
    }
}
