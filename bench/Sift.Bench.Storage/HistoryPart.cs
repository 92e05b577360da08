using Sift.Bench.Shared;
using Sift.Workflows.Journal;

namespace Sift.Bench.Storage;

/// <summary>Whether a past of a million calls is felt: by calls that start, and by people who look at it.</summary>
internal static class HistoryPart
{
    private const int StartsPerSecond = 200;
    private const int Rounds = 5;

    public static async Task RunAsync(string title, Func<string, Task<string>> database, bool withStarts, bool onlyWork)
    {
        Console.WriteLine($"{title}, {StartsPerSecond} calls arrive per second and run to their end");
        await using var empty = await Store.NewAsync(await database("empty"));
        await Customer.AddAsync(empty);
        var sample = await WarmUpAsync(empty);
        var past = await database("history");
        await using var full = await History.OpenAsync(past, sample);
        if (onlyWork)
        {
            await WorkPart.RunAsync(full);
            return;
        }

        if (withStarts)
        {
            await CompareAsync(empty, full);
        }

        await LookPart.RunAsync(past, full);
    }

    private static async Task CompareAsync(Store empty, Store full)
    {
        await WarmUpAsync(full);

        // In turns, and the best of each, because what else the machine does only ever adds.
        var (without, with) = (new List<double>(), new List<double>());
        for (var round = 0; round < Rounds; round++)
        {
            without.Add(await StartsAsync(empty, "empty store"));
            with.Add(await StartsAsync(full, $"{History.Instances:N0} instances"));
        }

        var (before, after) = (without.Min(), with.Min());
        Console.WriteLine($"  first activity, p99, best of {Rounds} rounds: {before:F2} ms empty, {after:F2} ms with the past: {100 * (after - before) / before:+0;-0} % (targets: under 10 ms, within 10 %)");
    }

    private static async Task<IReadOnlyList<JournalEntry>> WarmUpAsync(Store store)
    {
        await using var calls = new Calls(store);
        var ids = await calls.ArriveAsync(StartsPerSecond, TimeSpan.FromSeconds(3));
        var journal = new List<JournalEntry>();
        await foreach (var entry in store.Get<IJournalStore>().ReadAsync(ids[^1], 1, default)) journal.Add(entry);
        return journal;
    }

    private static async Task<double> StartsAsync(Store store, string what)
    {
        GC.Collect();
        await using var calls = new Calls(store);
        await calls.ArriveAsync(StartsPerSecond, TimeSpan.FromSeconds(10));
        Console.WriteLine($"  {what,-20} first activity {calls.FirstActivity}   start on disk {calls.Durable}");
        return calls.FirstActivity.At(0.99);
    }
}
