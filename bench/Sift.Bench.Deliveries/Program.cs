using System.Diagnostics;
using System.Globalization;
using Sift.Activities.Webhooks;
using Sift.Bench.Deliveries;
using Sift.Web.Tests.Testing;

// Usage: Sift.Bench.Deliveries [events|dead|in-call ...] [--seconds N] [--database sqlite|postgres]
CultureInfo.DefaultThreadCurrentCulture = CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
if (args is [Receiver.Verb])
{
    await Receiver.RunAsync();
    return;
}

const int Hosts = 100, Outstanding = 1000;
var parts = args.TakeWhile(a => !a.StartsWith("--", StringComparison.Ordinal)).DefaultIfEmpty("all").ToHashSet();
var seconds = int.Parse(Option("--seconds") ?? "15");
var time = TimeProvider.System;
Console.WriteLine($"conditions: {Environment.ProcessorCount} cores shared by pipeline, database and receiver, loopback, body 400 bytes, signed, {time.GetUtcNow():yyyy-MM-dd}");
using var receiver = await Receiver.StartAsync();

if (Option("--database") is null or "sqlite")
{
    var directory = Directory.CreateTempSubdirectory("sift-bench-").FullName;
    await MeasureAsync("SQLite, synchronous=FULL", $"Data Source={directory}/sift.db");
    Directory.Delete(directory, recursive: true);
}

if (Option("--database") is null or "postgres")
{
    var directory = Directory.CreateTempSubdirectory("sift-bench-pg-").FullName;
    await using (var server = await PostgresProcess.StartAsync(directory, isDurable: true))
    {
        await MeasureAsync("PostgreSQL, synchronous_commit=on", await server.DatabaseAsync("sift"));
    }

    Directory.Delete(directory, recursive: true);
}

bool Wanted(string part) => parts.Contains("all") || parts.Contains(part);

string? Option(string name) => Array.IndexOf(args, name) is >= 0 and var at ? args[at + 1] : null;

async Task MeasureAsync(string database, string connectionString)
{
    await using var pipeline = await PipelineUnderTest.StartAsync(connectionString);
    Console.WriteLine(database);
    await ThroughputAsync(pipeline, TimeSpan.FromSeconds(Math.Min(3, seconds)));
    if (Wanted("events"))
    {
        var own = Process.GetCurrentProcess().TotalProcessorTime;
        var theirs = receiver.Cpu;
        var (rate, took) = await ThroughputAsync(pipeline, TimeSpan.FromSeconds(seconds));
        Console.WriteLine(
            $"  events: {rate:F0}/s stored, sent and recorded, {Outstanding} outstanding; CPU pipeline {100 * (Process.GetCurrentProcess().TotalProcessorTime - own) / took:F0} %, receiver {100 * (receiver.Cpu - theirs) / took:F0} %");
    }

    if (Wanted("in-call"))
    {
        var waits = await RatedAsync(100, _ => pipeline.DeliverAsync(Receiver.Url(0), DeliveryMode.InCall));
        Console.WriteLine($"  in-call at 100/s: stored to reply, the receiver's own time included, {Percentiles(waits)}");
    }

    if (Wanted("dead"))
    {
        var healthy = await RatedAsync(500, i => pipeline.DeliverAsync(Receiver.Url(i % Hosts), DeliveryMode.Event));
        Console.WriteLine($"  {Hosts} receivers, 500 events/s, all healthy: {Percentiles(healthy)}");
        var others = await RatedAsync(500, i => i % Hosts == 0 ? Forget(pipeline.DeliverAsync(Receiver.Url(Hosts, "hang"), DeliveryMode.Event)) : pipeline.DeliverAsync(Receiver.Url(i % Hosts), DeliveryMode.Event), i => i % Hosts != 0);
        Console.WriteLine($"  one of them never answers; the {Hosts - 1} others: {Percentiles(others)}");
        others = await RatedAsync(500, i => i % Hosts == 0 ? Forget(pipeline.DeliverAsync($"http://127.0.3.1:9/", DeliveryMode.Event)) : pipeline.DeliverAsync(Receiver.Url(i % Hosts), DeliveryMode.Event), i => i % Hosts != 0);
        Console.WriteLine($"  one of them refuses connections; the {Hosts - 1} others: {Percentiles(others)}");
    }
}

// As many as go through with so many outstanding at any time.
async Task<(double PerSecond, TimeSpan Took)> ThroughputAsync(PipelineUnderTest pipeline, TimeSpan limit)
{
    var begin = time.GetTimestamp();
    var counts = await Task.WhenAll(Enumerable.Range(0, Outstanding).Select(i => Task.Run(async () =>
    {
        var done = 0;
        while (time.GetElapsedTime(begin) < limit)
        {
            await pipeline.DeliverAsync(Receiver.Url(i % Hosts), DeliveryMode.Event);
            done++;
        }

        return done;
    })));
    var took = time.GetElapsedTime(begin);
    return (counts.Sum() / took.TotalSeconds, took);
}

// At a steady rate, whatever becomes of those before; waits in milliseconds of those that count.
async Task<List<double>> RatedAsync(int perSecond, Func<int, Task> deliver, Func<int, bool>? counts = null)
{
    var begin = time.GetTimestamp();
    var waits = new List<Task<double>>();
    using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(1));
    var next = 0;
    while (next < perSecond * seconds && await timer.WaitForNextTickAsync())
    {
        for (var due = (int)(time.GetElapsedTime(begin).TotalSeconds * perSecond); next < due; next++)
        {
            var wait = WaitAsync(deliver, next);
            if (counts?.Invoke(next) != false)
            {
                waits.Add(wait);
            }
        }
    }

    return [.. await Task.WhenAll(waits)];
}

async Task<double> WaitAsync(Func<int, Task> deliver, int index)
{
    var asked = time.GetTimestamp();
    await deliver(index);
    return time.GetElapsedTime(asked).TotalMilliseconds;
}

// Nobody waits for what goes to the dead receiver.
static Task Forget(Task task) => Task.CompletedTask;

static string Percentiles(List<double> waits)
{
    waits.Sort();
    return $"{waits.Count} deliveries, p50 {waits[waits.Count / 2]:F1} ms, p99 {waits[waits.Count * 99 / 100]:F1} ms, longest {waits[^1]:F1} ms";
}
