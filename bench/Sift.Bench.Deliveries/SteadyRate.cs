namespace Sift.Bench.Deliveries;

/// <summary>Hands in at a steady rate, whatever becomes of those before.</summary>
internal static class SteadyRate
{
    /// <summary>The stages of all that were waited for: <paramref name="deliver"/> gives null for one that nobody waits for.</summary>
    public static async Task<List<Stages>> RunAsync(int perSecond, TimeSpan length, Func<int, Task<Stages>?> deliver, TimeProvider time)
    {
        var begin = time.GetTimestamp();
        var waits = new List<Task<Stages>>();
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(1), time);
        var next = 0;
        while (next < perSecond * length.TotalSeconds && await timer.WaitForNextTickAsync())
        {
            for (var due = (int)(time.GetElapsedTime(begin).TotalSeconds * perSecond); next < due; next++)
            {
                if (deliver(next) is { } wait)
                {
                    waits.Add(wait);
                }
            }
        }

        return [.. await Task.WhenAll(waits)];
    }
}
