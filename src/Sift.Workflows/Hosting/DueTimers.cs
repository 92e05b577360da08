namespace Sift.Workflows.Hosting;

/// <summary>One heap and one timer of the clock for all instances. An entry is only a reminder: the instance knows what is due.</summary>
internal sealed class DueTimers : IDisposable
{
    private readonly Lock _gate = new();
    private readonly PriorityQueue<Reminder, long> _heap = new();
    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private long _armedFor = long.MaxValue;
    private int _cancelled;

    public DueTimers(TimeProvider time)
    {
        _time = time;
        _timer = time.CreateTimer(static state => ((DueTimers)state!).Ring(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Entries kept, those that were cancelled and not cleared away yet too.</summary>
    public int Count
    {
        get
        {
            lock (_gate) return _heap.Count;
        }
    }

    /// <summary>Has the instance looked at no later than that.</summary>
    /// <param name="current">What it is reminded by so far; null when by nothing.</param>
    public void Remind(InstanceMailbox mailbox, ref Reminder? current, DateTimeOffset at)
    {
        if (current is { } armed && armed.At <= at) return;
        Cancel(ref current);
        var reminder = current = new Reminder(mailbox, at);
        lock (_gate)
        {
            _heap.Enqueue(reminder, at.UtcTicks);
            if (at.UtcTicks < _armedFor) Arm(at.UtcTicks);
        }
    }

    /// <summary>Lets go of the instance at once, and of the entry when half of them are like it: a call that ends may have armed a timer of weeks.</summary>
    public void Cancel(ref Reminder? current)
    {
        if (Interlocked.Exchange(ref current, null) is not { } reminder) return;
        lock (_gate)
        {
            if (reminder.Mailbox is null) return;
            reminder.Mailbox = null;
            if (++_cancelled < FewestCleared || _cancelled <= _heap.Count / 2) return;
            var kept = _heap.UnorderedItems.Where(static item => item.Element.Mailbox is not null).ToArray();
            _heap.Clear();
            _heap.EnqueueRange(kept);
            _cancelled = 0;
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
            while (_heap.TryPeek(out var reminder, out var at) && at <= now)
            {
                _heap.Dequeue();
                if (reminder.Mailbox is not { } mailbox)
                {
                    _cancelled--;
                    continue;
                }

                reminder.Mailbox = null;
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

    private const int FewestCleared = 1_000;
}

/// <summary>That an instance is to be looked at. Without an instance once it rang or was cancelled.</summary>
internal sealed class Reminder(InstanceMailbox mailbox, DateTimeOffset at)
{
    public InstanceMailbox? Mailbox { get; set; } = mailbox;

    public DateTimeOffset At { get; } = at;
}
