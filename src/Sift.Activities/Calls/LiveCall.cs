using Sift.Activities.Connections;
using Sift.Media.Legs;

namespace Sift.Activities.Calls;

/// <summary>A connection that is being set up or is up in this process.</summary>
internal sealed class LiveCall(Connection connection, CallPlan plan)
{
    private readonly Lock _lock = new();
    private Queue<LegEvent>? _early = new();
    private bool _isDialled;
    private bool _isClosed;
    private string? _hangUpReason;

    public Connection Connection { get; set; } = connection;

    public CallPlan Plan { get; set; } = plan;

    public string Id => Connection.Id;

    /// <summary>Why somebody asked for the hang-up; null when nobody did.</summary>
    public string? HangUpReason => _hangUpReason;

    /// <summary>Keeps an event back until the instance has started. False when it has: handle it now.</summary>
    public bool KeepBack(LegEvent legEvent)
    {
        lock (_lock)
        {
            if (_early is null)
            {
                return false;
            }

            _early.Enqueue(legEvent);
            return true;
        }
    }

    /// <summary>The instance has started: hands out what was kept back, in order, and keeps nothing more.</summary>
    public void Release(Action<LiveCall, LegEvent> handle)
    {
        while (true)
        {
            LegEvent legEvent;
            lock (_lock)
            {
                if (_early is null || !_early.TryDequeue(out legEvent!))
                {
                    _early = null;
                    return;
                }
            }

            handle(this, legEvent);
        }
    }

    /// <summary>Dials, unless a hang-up came first. False when it did.</summary>
    public bool TryDial(Action dial)
    {
        lock (_lock)
        {
            if (_hangUpReason is not null)
            {
                return false;
            }

            _isDialled = true;
            dial();
            return true;
        }
    }

    /// <summary>Remembers that the call is to end, and ends its leg when there is one.</summary>
    public void HangUp(string reason, Action hangUp)
    {
        lock (_lock)
        {
            _hangUpReason ??= reason;
            if (_isDialled || Connection.Direction == "incoming")
            {
                hangUp();
            }
        }
    }

    /// <summary>True for the first who closes the call.</summary>
    public bool TryClose()
    {
        lock (_lock)
        {
            return !_isClosed && (_isClosed = true);
        }
    }
}
