namespace Sift.Activities.Webhooks;

/// <summary>
/// Guards one receiving host: limits how many requests it gets at once, and leaves it alone for a while when it fails again and again.
/// In-call callbacks have places of their own, so that a backlog of events never holds up a call.
/// </summary>
internal sealed class HostGate(TimeProvider time) : IDisposable
{
    internal const int FailuresToOpen = 10;
    internal static readonly TimeSpan OpenFor = TimeSpan.FromSeconds(10);

    private const int InCallPlaces = 256;
    private const int EventPlaces = 64;

    private readonly SemaphoreSlim _inCall = new(InCallPlaces);
    private readonly SemaphoreSlim _events = new(EventPlaces);
    private readonly Lock _lock = new();
    private int _failures;
    private long _openedAt;
    private bool _isProbing;

    /// <summary>Waits for a place; dispose it afterwards. False when the circuit is open: the attempt must not be made.</summary>
    public async ValueTask<bool> EnterAsync(DeliveryMode mode, CancellationToken cancellationToken)
    {
        if (!MayTry())
        {
            return false;
        }

        await PlacesFor(mode).WaitAsync(cancellationToken).ConfigureAwait(false);
        return true;
    }

    /// <summary>Gives the place back and tells how it went. An HTTP error of any kind still shows that the host is alive below 500.</summary>
    public void Leave(DeliveryMode mode, bool hostFailed)
    {
        PlacesFor(mode).Release();
        lock (_lock)
        {
            _isProbing = false;
            if (!hostFailed)
            {
                _failures = 0;
            }
            else if (++_failures >= FailuresToOpen)
            {
                _openedAt = time.GetTimestamp();
            }
        }
    }

    public HostCondition Describe(string host)
    {
        var underWay = InCallPlaces - _inCall.CurrentCount + EventPlaces - _events.CurrentCount;
        lock (_lock)
        {
            return new HostCondition(host, _failures, _failures >= FailuresToOpen, underWay);
        }
    }

    public void Dispose()
    {
        _inCall.Dispose();
        _events.Dispose();
    }

    private bool MayTry()
    {
        lock (_lock)
        {
            if (_failures < FailuresToOpen)
            {
                return true;
            }

            if (_isProbing || time.GetElapsedTime(_openedAt) < OpenFor)
            {
                return false;
            }

            // Half open: one request finds out whether the host is back.
            _isProbing = true;
            return true;
        }
    }

    private SemaphoreSlim PlacesFor(DeliveryMode mode) => mode == DeliveryMode.InCall ? _inCall : _events;
}
