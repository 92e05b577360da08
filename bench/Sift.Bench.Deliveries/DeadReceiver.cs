using Sift.Activities.Webhooks;

namespace Sift.Bench.Deliveries;

/// <summary>
/// What a dead receiver among 100 costs the others. Each round measures all three cases, in an order that changes, each with a database and a
/// pipeline of its own, so that what one case leaves behind burdens no other; only the 99 receivers that are healthy in all of them count, at the same
/// rate of events. A machine is never quite the same for two runs, so the ratio within a round is what is told.
/// </summary>
internal sealed class DeadReceiver(TimeSpan length, int rounds, TimeProvider time)
{
    public const int Hosts = 100;

    private const int PerSecond = 500;

    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(3);

    private static readonly (string Name, string Url)[] Cases =
    [
        ("all healthy", Receiver.Url(0)),
        ("one never answers", Receiver.Url(Hosts, "hang")),
        ("one refuses connections", "http://127.0.3.1:9/"),
    ];

    public async Task MeasureAsync(Func<Task<string>> create)
    {
        Console.WriteLine($"  {Hosts} receivers, {PerSecond} events/s, {rounds} rounds of {length.TotalSeconds:F0} s for each case; the {Hosts - 1} others:");
        var results = Cases.Select(_ => new List<Run>()).ToArray();
        for (var round = 0; round < rounds; round++)
        {
            for (var i = 0; i < Cases.Length; i++)
            {
                var which = (i + round) % Cases.Length;
                results[which].Add(await RunAsync(await create(), Cases[which].Url));
            }
        }

        for (var i = 0; i < Cases.Length; i++)
        {
            Console.WriteLine($"    {Cases[i].Name}: {Describe(results[i])}{(i == 0 ? "" : $"; to all healthy {Compare(results[i], results[0])}")}");
        }
    }

    private static string Describe(List<Run> runs)
    {
        double Of(double part, Func<Stages, double> stage) => Figures.Median(runs.Select(run => Figures.Percentile(run.Stages.Select(stage), part)));
        return $"p50 {Of(0.5, static s => s.All):F1} ms, p99 {Of(0.99, static s => s.All):F1} ms "
            + $"(p99 stored {Of(0.99, static s => s.Stored):F1}, sent {Of(0.99, static s => s.Sent):F1}, recorded {Of(0.99, static s => s.Recorded):F1}){Work(runs)}";
    }

    private static string Work(List<Run> runs) => runs.TrueForAll(static run => run.Work == default)
        ? ""
        : $", {Figures.Median(runs.Select(static run => run.Work.Transactions / run.Seconds)):F0} transactions/s, {Figures.Median(runs.Select(static run => run.Work.Flushes / run.Seconds)):F0} flushes/s";

    private static string Compare(List<Run> runs, List<Run> healthy)
    {
        var ratios = runs.Zip(healthy, static (with, without) => P99(with) / P99(without)).ToArray();
        return $"p99 x {Figures.Median(ratios):F2}, rounds {string.Join(' ', ratios.Select(static ratio => $"{ratio:F2}"))}";

        static double P99(Run run) => Figures.Percentile(run.Stages.Select(static stages => stages.All), 0.99);
    }

    private async Task<Run> RunAsync(string connectionString, string first)
    {
        await using var pipeline = await PipelineUnderTest.StartAsync(connectionString);
        await AtRateAsync(WarmUp, Receiver.Url(0));
        var before = await DatabaseWork.ReadAsync(connectionString, time);
        var begin = time.GetTimestamp();
        var stages = await AtRateAsync(length, first);
        var work = await DatabaseWork.ReadAsync(connectionString, time) - before;
        return new Run(stages, work, time.GetElapsedTime(begin).TotalSeconds);

        Task<List<Stages>> AtRateAsync(TimeSpan duration, string url) => SteadyRate.RunAsync(PerSecond, duration, i => Deliver(i, url), time);

        Task<Stages>? Deliver(int i, string url)
        {
            var wait = pipeline.DeliverAsync(i % Hosts == 0 ? url : Receiver.Url(i % Hosts), DeliveryMode.Event);
            return i % Hosts == 0 ? null : wait;
        }
    }

    private sealed record Run(List<Stages> Stages, DatabaseWork Work, double Seconds);
}
