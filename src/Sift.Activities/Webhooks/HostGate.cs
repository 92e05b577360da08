namespace Sift.Activities.Webhooks;

/// <summary>
/// Guards one receiving host: limits how many requests it gets at once, and leaves it alone for a while when it fails again and again.
/// In-call callbacks have places of their own, so that a backlog of events never holds up a call.
/// </summary>
internal sealed class HostGate(TimeProvider time) : IDisposable
{
    internal const int FailuresToOpen = 10;
    internal static readonly TimeSpan OpenFor = TimeSpan.FromSeconds(10);

    // While one request finds out whether the host is back, the others look again soon.
    private static readonly TimeSpan ProbeWait = TimeSpan.FromSeconds(1);

    private const int InCallPlaces = 256;
    private const int EventPlaces = 64;

    private readonly SemaphoreSlim _inCall = new(InCallPlaces);
    private readonly SemaphoreSlim _events = new(EventPlaces);
    private readonly Lock _lock = new();
    private int _failures;
    private long _openedAt;
    private bool _isProbing;

    /// <summary>
    /// Waits for a place. Null when it was got: call <see cref="Leave"/> afterwards. Else the host is left alone, and the attempt must not be made
    /// before that time has passed.
    /// </summary>
    /// <param name="mode">Which places.</param>
    /// <param name="insist">Try although the host is left alone: somebody has asked for this attempt.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async ValueTask<TimeSpan?> EnterAsync(DeliveryMode mode, bool insist, CancellationToken cancellationToken)
    {
        if (!insist && ClosedFor(mayProbe: false) is { } wait)
        {
            return wait;
        }

        await PlacesFor(mode).WaitAsync(cancellationToken).ConfigureAwait(false);

        // Those who stood in line while the host began to fail do not all try it.
        if (!insist && ClosedFor(mayProbe: true) is { } since)
        {
            PlacesFor(mode).Release();
            return since;
        }

        return null;
    }

    /// <summary>Gives the place back and tells how it went. An HTTP error of any kind still shows that the host is alive below 500.</summary>
    public void Leave(DeliveryMode mode, bool hostFailed)
    {
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

        // After the count, so that whoever gets the place knows it.
        PlacesFor(mode).Release();
    }

    /// <summary>For how long the host is left alone; null when somebody may try it.</summary>
    public TimeSpan? LeftAloneFor() => ClosedFor(mayProbe: false);

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

    /// <summary>Null when an attempt may be made; when the host is half open and the place is got, as the one that finds out whether it is back.</summary>
    private TimeSpan? ClosedFor(bool mayProbe)
    {
        lock (_lock)
        {
            if (_failures < FailuresToOpen)
            {
                return null;
            }

            var left = OpenFor - time.GetElapsedTime(_openedAt);
            if (left > TimeSpan.Zero)
            {
                return left;
            }

            if (_isProbing)
            {
                return ProbeWait;
            }

            _isProbing = mayProbe;
            return null;
        }
    }

    private SemaphoreSlim PlacesFor(DeliveryMode mode) => mode == DeliveryMode.InCall ? _inCall : _events;
}
