using System.Diagnostics;
using System.Globalization;
using Sift.Activities.Webhooks;
using Sift.Bench.Deliveries;
using Sift.Web.Tests.Testing;

// Usage: Sift.Bench.Deliveries [events|dead|in-call ...] [--seconds N] [--rounds N] [--database sqlite|postgres]
CultureInfo.DefaultThreadCurrentCulture = CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
if (args is [Receiver.Verb])
{
    await Receiver.RunAsync();
    return;
}

const int Outstanding = 1000;
var parts = args.TakeWhile(a => !a.StartsWith("--", StringComparison.Ordinal)).DefaultIfEmpty("all").ToHashSet();
var seconds = int.Parse(Option("--seconds") ?? "15");
var rounds = int.Parse(Option("--rounds") ?? "5");
var time = TimeProvider.System;
Console.WriteLine($"conditions: {Environment.ProcessorCount} cores shared by pipeline, database and receiver, loopback, body 400 bytes, signed, {time.GetUtcNow():yyyy-MM-dd}");
using var receiver = await Receiver.StartAsync();

if (Option("--database") is null or "sqlite")
{
    var directory = Directory.CreateTempSubdirectory("sift-bench-").FullName;
    var files = 0;
    await MeasureAsync("SQLite, synchronous=FULL", () => Task.FromResult($"Data Source={directory}/sift{files++}.db"));
    Directory.Delete(directory, recursive: true);
}

if (Option("--database") is null or "postgres")
{
    var directory = Directory.CreateTempSubdirectory("sift-bench-pg-").FullName;
    await using (var server = await PostgresProcess.StartAsync(directory, isDurable: true))
    {
        var databases = 0;
        await MeasureAsync("PostgreSQL, synchronous_commit=on", () => server.DatabaseAsync($"sift{databases++}"));
    }

    Directory.Delete(directory, recursive: true);
}

bool Wanted(string part) => parts.Contains("all") || parts.Contains(part);

string? Option(string name) => Array.IndexOf(args, name) is >= 0 and var at ? args[at + 1] : null;

async Task MeasureAsync(string database, Func<Task<string>> create)
{
    Console.WriteLine(database);
    if (Wanted("events") || Wanted("in-call"))
    {
        await using var pipeline = await PipelineUnderTest.StartAsync(await create());
        await MeasureAloneAsync(pipeline);
    }

    if (Wanted("dead"))
    {
        await new DeadReceiver(TimeSpan.FromSeconds(seconds), rounds, time).MeasureAsync(create);
    }
}

async Task MeasureAloneAsync(PipelineUnderTest pipeline)
{
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
        var waits = await SteadyRate.RunAsync(100, TimeSpan.FromSeconds(seconds), _ => pipeline.DeliverAsync(Receiver.Url(0), DeliveryMode.InCall), time);
        Console.WriteLine($"  in-call at 100/s: stored to reply, the receiver's own time included, {Figures.Describe(waits.Select(stages => stages.All))}");
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
            await pipeline.DeliverAsync(Receiver.Url(i % DeadReceiver.Hosts), DeliveryMode.Event);
            done++;
        }

        return done;
    })));
    var took = time.GetElapsedTime(begin);
    return (counts.Sum() / took.TotalSeconds, took);
}
