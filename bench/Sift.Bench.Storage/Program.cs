using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Sift.Web.Storage;
using Sift.Web.Storage.Migrations;
using Sift.Workflows.Journal;

// Many instances append at once, each waiting for its commit before the next append, as calls do.
// Usage: Sift.Bench [instances] [seconds] [connection string]
var instances = args.Length > 0 ? int.Parse(args[0], System.Globalization.CultureInfo.InvariantCulture) : 500;
var seconds = args.Length > 1 ? int.Parse(args[1], System.Globalization.CultureInfo.InvariantCulture) : 5;
var directory = Directory.CreateTempSubdirectory("sift-bench-").FullName;
var connectionString = args.Length > 2 ? args[2] : $"Data Source={directory}/sift.db";

var services = new ServiceCollection();
services.AddLogging();
services.AddSingleton(TimeProvider.System);
services.AddSiftStorage(connectionString, new RetentionOptions());
await using (var provider = services.BuildServiceProvider())
{
    await provider.GetRequiredService<Migrator>().MigrateAsync(default);
    var journal = provider.GetRequiredService<IJournalStore>();
    var data = new byte[180];
    data.AsSpan().Fill((byte)'x');
    var time = TimeProvider.System;
    var run = Guid.NewGuid().ToString("N")[..8];
    var begin = time.GetTimestamp();
    var end = begin + (seconds * time.TimestampFrequency);
    var waits = new List<double>[instances];
    var cpu = Process.GetCurrentProcess().TotalProcessorTime;
    var counts = await Task.WhenAll(Enumerable.Range(0, instances).Select(i => Task.Run(async () =>
    {
        var (id, sequence) = ($"{run}{i:x8}", 0L);
        waits[i] = [];
        var now = time.GetUtcNow();
        while (time.GetTimestamp() < end)
        {
            JournalEntry[] entries = [.. Enumerable.Range(1, 4).Select(n => new JournalEntry(id, sequence + n, now, "activity.started", data))];
            sequence += entries.Length;
            var asked = time.GetTimestamp();
            await journal.AppendAsync(
                new JournalAppend(id, entries, new InstanceSummary(id, "connection", "v1", 1, null, null, "Running", "Executing", 0, sequence, now, now, null), []), default);
            waits[i].Add(time.GetElapsedTime(asked).TotalMilliseconds);
        }

        return sequence;
    })));
    var took = time.GetElapsedTime(begin).TotalSeconds;
    var spent = (Process.GetCurrentProcess().TotalProcessorTime - cpu).TotalSeconds;
    var all = waits.SelectMany(list => list).Order().ToList();
    Console.WriteLine(
        $"{(args.Length > 2 ? "PostgreSQL" : "SQLite, synchronous=FULL")}: {instances} instances, 4 events of {data.Length} bytes per append: "
        + $"{counts.Sum() / took:F0} events/s, {all.Count / took:F0} appends/s, commit wait p50 {all[all.Count / 2]:F1} ms, p99 {all[all.Count * 99 / 100]:F1} ms, CPU {100 * spent / took:F0} %");
}

Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
Directory.Delete(directory, recursive: true);
