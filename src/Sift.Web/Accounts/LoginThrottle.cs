using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Sockets;
using Sift.Web.Http;

namespace Sift.Web.Accounts;

/// <summary>
/// Slows down who guesses tokens: an address (an IPv6 /64) may fail 20 times in a row, then once every 3 seconds. A refused address is
/// refused whether or not its credentials are right, else the guess would still be answered.
/// </summary>
internal sealed class LoginThrottle(TimeProvider time)
{
    public const int Burst = 20;

    private const int LargestTable = 20_000;

    public static readonly TimeSpan Refill = TimeSpan.FromSeconds(3);

    private static readonly Counter<long> Refused = Observability.SiftMeter.Meter.CreateCounter<long>("sift.auth.throttled", "{request}", "Requests refused because their address failed too often");

    private readonly ConcurrentDictionary<IPAddress, Failures> table = new();

    /// <summary>How long the address must wait; null when it may try.</summary>
    public TimeSpan? MustWait(IPAddress? address)
    {
        if (address is null || !table.TryGetValue(ClientPlace.Of(address), out var failures))
        {
            return null;
        }

        var level = failures.LevelAt(time.GetTimestamp(), time);
        if (level < Burst)
        {
            return null;
        }

        Refused.Add(1);
        return (level - Burst + 1) * Refill;
    }

    public void Failed(IPAddress? address)
    {
        if (address is null)
        {
            return;
        }

        var now = time.GetTimestamp();
        if (table.Count >= LargestTable)
        {
            Forget(now);
        }

        table.AddOrUpdate(ClientPlace.Of(address), _ => new Failures(1, now), (_, failures) => new Failures(failures.LevelAt(now, time) + 1, now));
    }

    public void Succeeded(IPAddress? address)
    {
        if (address is not null && !table.IsEmpty)
        {
            table.TryRemove(ClientPlace.Of(address), out _);
        }
    }

    private void Forget(long now)
    {
        foreach (var (address, failures) in table)
        {
            if (failures.LevelAt(now, time) < 1)
            {
                table.TryRemove(address, out _);
            }
        }

        // Still full: an attack from very many addresses. Start anew rather than grow.
        if (table.Count >= LargestTable)
        {
            table.Clear();
        }
    }

    /// <summary>A bucket that leaks one failure per <see cref="Refill"/>.</summary>
    private readonly record struct Failures(double Level, long At)
    {
        public double LevelAt(long now, TimeProvider time) => Math.Max(0, Level - (time.GetElapsedTime(At, now) / Refill));
    }
}
