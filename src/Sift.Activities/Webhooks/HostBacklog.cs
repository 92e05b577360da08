using Microsoft.Extensions.Logging;

namespace Sift.Activities.Webhooks;

/// <summary>
/// The events whose host is left alone. They lie in the store and cost nothing there, however many they are and however long it lasts: one watch per
/// host looks when the host may be tried again, lets one of them find out, and hands out the others once it is back.
/// </summary>
/// <param name="store">Keeps them.</param>
/// <param name="attempts">Knows which hosts are left alone.</param>
/// <param name="ship">Sends one; completes when the attempt is over.</param>
/// <param name="time">The clock.</param>
/// <param name="log">Where failures are told.</param>
/// <param name="stop">Ends the watches.</param>
internal sealed partial class HostBacklog(IDeliveryStore store, Attempts attempts, Func<Delivery, Task> ship, TimeProvider time, ILogger log, CancellationToken stop)
{
    /// <summary>As many as a host gets at once.</summary>
    internal const int MostAtOnce = 64;

    private readonly Dictionary<string, bool> _watched = new(StringComparer.Ordinal);
    private readonly Lock _lock = new();

    /// <summary>Watches every host that events wait for, whoever left them.</summary>
    public async ValueTask WatchAllAsync(CancellationToken cancellationToken)
    {
        foreach (var host in await store.AwaitedHostsAsync(cancellationToken).ConfigureAwait(false))
        {
            Watch(host);
        }
    }

    /// <summary>An event waits for that host: its row says so already.</summary>
    public void Watch(string host)
    {
        lock (_lock)
        {
            var isWatched = _watched.ContainsKey(host);
            _watched[host] = true;
            if (isWatched)
            {
                return;
            }
        }

        _ = WatchAsync(host);
    }

    private async Task WatchAsync(string host)
    {
        try
        {
            await DrainAsync(host).ConfigureAwait(false);
        }
        catch (Exception problem) when (problem is OperationCanceledException or ObjectDisposedException && stop.IsCancellationRequested)
        {
            // The process stops; the rows remain.
        }
#pragma warning disable CA1031 // the loop that owns the work: the rows remain, and the next sweep watches again
        catch (Exception problem)
#pragma warning restore CA1031
        {
            Forget(host);
            LogBroken(problem, host);
        }
    }

    private async Task DrainAsync(string host)
    {
        // Few at first, twice as many each time that goes well: a host that comes back is not met by all at once.
        for (var atOnce = 1; ;)
        {
            Look(host);
            if (attempts.LeftAloneFor(host) is { } wait)
            {
                // Those that have waited for as long as their schedule lasts lose an attempt.
                if (await SendAsync(host, time.GetUtcNow() - RetryPlan.Span, MostAtOnce).ConfigureAwait(false) < MostAtOnce)
                {
                    await Task.Delay(wait, time, stop).ConfigureAwait(false);
                }

                atOnce = 1;
            }
            else if (await SendAsync(host, DateTimeOffset.MaxValue, atOnce).ConfigureAwait(false) > 0)
            {
                atOnce = Math.Min(atOnce * 2, MostAtOnce);
            }
            else if (TryLeave(host))
            {
                return;
            }
        }
    }

    private async ValueTask<int> SendAsync(string host, DateTimeOffset causedBefore, int limit)
    {
        var taken = await store.TakeWaitingAsync(host, causedBefore, limit, stop).ConfigureAwait(false);
        await Task.WhenAll(taken.Select(ship)).ConfigureAwait(false);
        return taken.Count;
    }

    private void Look(string host)
    {
        lock (_lock)
        {
            _watched[host] = false;
        }
    }

    /// <summary>False when something was added since the last look.</summary>
    private bool TryLeave(string host)
    {
        lock (_lock)
        {
            return !_watched[host] && _watched.Remove(host);
        }
    }

    private void Forget(string host)
    {
        lock (_lock)
        {
            _watched.Remove(host);
        }
    }

    [LoggerMessage(1003, LogLevel.Error, "What waits for {Host} could not be taken up; it is tried again soon")]
    private partial void LogBroken(Exception problem, string host);
}
