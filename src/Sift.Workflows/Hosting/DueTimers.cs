namespace Sift.Workflows.Hosting;

/// <summary>One heap and one timer of the clock for all instances. An entry is only a reminder: the instance knows what is due.</summary>
internal sealed class DueTimers : IDisposable
{
    private readonly Lock _gate = new();
    private readonly PriorityQueue<InstanceMailbox, long> _heap = new();
    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private long _armedFor = long.MaxValue;

    public DueTimers(TimeProvider time)
    {
        _time = time;
        _timer = time.CreateTimer(static state => ((DueTimers)state!).Ring(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public void Add(InstanceMailbox mailbox, DateTimeOffset dueAt)
    {
        lock (_gate)
        {
            _heap.Enqueue(mailbox, dueAt.UtcTicks);
            if (dueAt.UtcTicks < _armedFor) Arm(dueAt.UtcTicks);
        }
    }

    public void Dispose() => _timer.Dispose();

    private void Ring()
    {
        List<InstanceMailbox>? due = null;
        lock (_gate)
        {
            _armedFor = long.MaxValue;
            var now = _time.GetUtcNow().UtcTicks;
            while (_heap.TryPeek(out var mailbox, out var at) && at <= now)
            {
                _heap.Dequeue();
                (due ??= []).Add(mailbox);
            }

            if (_heap.TryPeek(out _, out var next)) Arm(next);
        }

        if (due is null) return;
        foreach (var mailbox in due) mailbox.Ring();
    }

    private void Arm(long at)
    {
        _armedFor = at;
        var wait = Math.Clamp(at - _time.GetUtcNow().UtcTicks, 0, s_longest.Ticks);

        // Rounded up: a timer that rings a fraction of a millisecond early would find nothing due and ring again.
        var whole = TimeSpan.FromMilliseconds(Math.Ceiling(TimeSpan.FromTicks(wait).TotalMilliseconds));
        _timer.Change(whole, Timeout.InfiniteTimeSpan);
    }

    // Timers of .NET reach 49 days; a farther one is looked at once a day.
    private static readonly TimeSpan s_longest = TimeSpan.FromDays(1);
}
