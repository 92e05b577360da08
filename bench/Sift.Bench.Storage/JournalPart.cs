using System.Diagnostics;
using Sift.Bench.Shared;
using Sift.Workflows.Journal;

namespace Sift.Bench.Storage;

/// <summary>How much the group commit takes, and how long an append waits for its commit at half of that.</summary>
internal static class JournalPart
{
    private const int Instances = 500;
    private const int EventsPerAppend = 4;
    private const int Target = 10_000;

    private static readonly byte[] Data = [.. Enumerable.Repeat((byte)'x', 180)];
    private static readonly TimeProvider Time = TimeProvider.System;

    public static async Task RunAsync(string title, Func<string, Task<string>> database)
    {
        await using var store = await Store.OpenAsync(await database("journal"));
        var journal = store.Get<IJournalStore>();
        Console.WriteLine($"{title}, appends of {EventsPerAppend} events of {Data.Length} bytes from {Instances} instances");
        await SaturateAsync(journal, TimeSpan.FromSeconds(1), new Waits());
        var most = await SaturateAsync(journal, TimeSpan.FromSeconds(5), new Waits(), tell: true);
        await PacedAsync(journal, Target / 2);
        await PacedAsync(journal, most / 2);
        if (store.Database.File is { } file)
        {
            await store.DisposeAsync();
            foreach (var leftover in Directory.GetFiles(Path.GetDirectoryName(file)!, Path.GetFileName(file) + "*")) File.Delete(leftover);
        }
        else
        {
            await EmptyAsync(store);
        }
    }

    // Every instance appends as soon as its last append is durable.
    private static async Task<int> SaturateAsync(IJournalStore journal, TimeSpan length, Waits waits, bool tell = false)
    {
        var run = Guid.NewGuid().ToString("N")[..8];
        var (begin, cpu) = (Time.GetTimestamp(), Cpu());
        var counts = await Task.WhenAll(Enumerable.Range(0, Instances).Select(i => Task.Run(async () =>
        {
            var instance = new Instance($"{run}{i:x8}");
            while (Time.GetElapsedTime(begin) < length)
            {
                var asked = Time.GetTimestamp();
                await journal.AppendAsync(instance.Next(), default);
                waits.Add(Time.GetElapsedTime(asked).TotalMilliseconds);
            }

            return instance.Sequence;
        })));
        var took = Time.GetElapsedTime(begin).TotalSeconds;
        var rate = counts.Sum() / took;
        if (tell)
        {
            Console.WriteLine($"  at most        {rate,9:N0} events/s (target {Target:N0})   commit wait {waits}   CPU of this process {100 * (Cpu() - cpu).TotalSeconds / took:F0} %");
        }

        return (int)rate;
    }

    // Appends arrive when they arrive, as those of calls do, whether or not the store has caught up. The wait is counted from when they should have come.
    private static async Task PacedAsync(IJournalStore journal, int eventsPerSecond)
    {
        var run = Guid.NewGuid().ToString("N")[..8];
        var instances = Enumerable.Range(0, Instances).Select(i => new Instance($"{run}{i:x8}")).ToArray();
        var (waits, pending) = (new Waits(), new List<Task>());
        var perSecond = eventsPerSecond / EventsPerAppend;
        var (begin, cpu) = (Time.GetTimestamp(), Cpu());
        var count = perSecond * 5;
        for (var i = 0; i < count; i++)
        {
            var due = TimeSpan.FromSeconds((double)i / perSecond);
            while (Time.GetElapsedTime(begin) < due) Thread.Sleep(1);
            pending.Add(AppendAsync(instances[i % Instances].Next(), due));
        }

        await Task.WhenAll(pending);
        var took = Time.GetElapsedTime(begin).TotalSeconds;
        Console.WriteLine($"  paced          {count * EventsPerAppend / took,9:N0} events/s                   commit wait {waits} (target p99 under 20 ms)   CPU of this process {100 * (Cpu() - cpu).TotalSeconds / took:F0} %");

        async Task AppendAsync(JournalAppend append, TimeSpan due)
        {
            await journal.AppendAsync(append, default);
            waits.Add((Time.GetElapsedTime(begin) - due).TotalMilliseconds);
        }
    }

    private static async Task EmptyAsync(Store store)
    {
        await using var connection = await store.Database.OpenAsync(default);
        await using var command = connection.CreateCommand();
        command.CommandText = "TRUNCATE journal, instances";
        await command.ExecuteNonQueryAsync();
    }

    private static TimeSpan Cpu() => Process.GetCurrentProcess().TotalProcessorTime;

    private sealed class Instance(string id)
    {
        public long Sequence { get; private set; }

        public JournalAppend Next()
        {
            var now = Time.GetUtcNow();
            JournalEntry[] entries = [.. Enumerable.Range(1, EventsPerAppend).Select(n => new JournalEntry(id, Sequence + n, now, JournalKinds.ActivityStarted, Data))];
            Sequence += entries.Length;
            return new JournalAppend(id, entries, new InstanceSummary(id, "connection", "v1", 1, null, null, "Running", "Executing", 0, Sequence, now, now, null), []);
        }
    }
}
