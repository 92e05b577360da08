using System.Diagnostics;

namespace Sift.EndToEnd.Tests.Peers;

/// <summary>Waits for something that real programs do in their own time.</summary>
internal static class Eventually
{
    public static async Task<T> Get<T>(Func<Task<T?>> look, TimeSpan limit, Func<string> describe)
        where T : class
    {
        var clock = Stopwatch.StartNew();
        while (clock.Elapsed < limit)
        {
            if (await look() is { } found)
            {
                return found;
            }

            await Task.Delay(50);
        }

        throw new TimeoutException($"Did not happen within {limit}: {describe()}");
    }

    public static Task<T> Get<T>(Func<T?> look, TimeSpan limit, Func<string> describe)
        where T : class => Get(() => Task.FromResult(look()), limit, describe);

    public static Task True(Func<bool> look, TimeSpan limit, Func<string> describe) =>
        Get(() => look() ? "yes" : null, limit, describe);

    public static Task True(Func<Task<bool>> look, TimeSpan limit, Func<string> describe) =>
        Get(async () => await look() ? "yes" : null, limit, describe);
}
