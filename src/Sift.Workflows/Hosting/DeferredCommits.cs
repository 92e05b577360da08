using Sift.Workflows.Journal;

namespace Sift.Workflows.Hosting;

/// <summary>The instances with entries that nothing waits for, committed together a moment later.</summary>
internal sealed class DeferredCommits : IDisposable
{
    private readonly Lock _gate = new();

    // Who asks for what waits must not overtake another who is still handing it in.
    private readonly Lock _flushing = new();
    private readonly TimeSpan _deferral;
    private readonly Action<TimeSpan>? _commitWithin;

    // Only where the store does not see to it: a timer wakes three threads before anything is committed.
    private readonly ITimer? _timer;
    private List<InstanceMailbox> _waiting = [];
    private bool _disposed;

    public DeferredCommits(TimeProvider time, TimeSpan deferral, IJournalStore journal)
    {
        _deferral = deferral;
        _commitWithin = journal.BeforeCommit(Flush);
        if (_commitWithin is null) _timer = time.CreateTimer(static state => ((DeferredCommits)state!).Flush(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public void Add(InstanceMailbox mailbox)
    {
        lock (_gate)
        {
            _waiting.Add(mailbox);
            if (_waiting.Count > 1 || _disposed) return;
            _commitWithin?.Invoke(_deferral);
            _timer?.Change(_deferral, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>Hands in what waits: a store that is closed after this still commits it.</summary>
    public void Dispose()
    {
        lock (_gate) _disposed = true;
        _timer?.Dispose();
        Flush();
    }

    /// <summary>Commits what waits now.</summary>
    public void Flush()
    {
        lock (_flushing)
        {
            List<InstanceMailbox> due;
            lock (_gate)
            {
                if (_waiting.Count == 0) return;
                due = _waiting;
                _waiting = [];
            }

            foreach (var mailbox in due) mailbox.Flush();
        }
    }
}
