namespace Sift.Media.Sip;

/// <summary>One thing to do later on the reactor.</summary>
internal sealed class ReactorTimer(Action due)
{
    private Action? _due = due;

    public bool IsCancelled => _due is null;

    public void Cancel() => _due = null;

    public void Fire()
    {
        var due = _due;
        _due = null;
        due?.Invoke();
    }
}

/// <summary>The timers of the driver itself (the core has its own): a heap, cancelled lazily, because nearly all are cancelled.</summary>
internal sealed class ReactorTimers
{
    private readonly PriorityQueue<ReactorTimer, TimeSpan> _queue = new();

    public TimeSpan? Deadline
    {
        get
        {
            while (_queue.TryPeek(out var timer, out var at))
            {
                if (!timer.IsCancelled)
                {
                    return at;
                }

                _queue.Dequeue();
            }

            return null;
        }
    }

    public ReactorTimer Add(TimeSpan at, Action due)
    {
        var timer = new ReactorTimer(due);
        _queue.Enqueue(timer, at);
        return timer;
    }

    public void Run(TimeSpan now)
    {
        while (_queue.TryPeek(out var timer, out var at) && (timer.IsCancelled || at <= now))
        {
            _queue.Dequeue();
            timer.Fire();
        }
    }
}
