using System.Diagnostics.Metrics;

namespace Sift.Workflows.Hosting;

/// <summary>Counters of the runtime, under the meter <c>Sift.Workflows</c>.</summary>
internal sealed class WorkflowMetrics : IDisposable
{
    private readonly Meter _meter = new(MeterName);

    public WorkflowMetrics(Func<int> live)
    {
        Steps = _meter.CreateCounter<long>("sift.workflows.steps", description: "Activities started");
        Events = _meter.CreateCounter<long>("sift.workflows.events", description: "Journal events committed");
        Signals = _meter.CreateCounter<long>("sift.workflows.signals", description: "Signals taken in");
        Dropped = _meter.CreateCounter<long>("sift.workflows.signals.dropped", description: "Signals for unknown, finished or overloaded instances");
        Effects = _meter.CreateCounter<long>("sift.workflows.effects", description: "Effects handed to their handlers");
        Incidents = _meter.CreateCounter<long>("sift.workflows.incidents", description: "Faulted activities and failed handlers");
        Conflicts = _meter.CreateCounter<long>("sift.workflows.conflicts", description: "Instances given up because another owner appended");
        Commit = _meter.CreateHistogram<double>("sift.workflows.commit", "ms", "Time from append to durable");
        _meter.CreateObservableGauge("sift.workflows.live", live, description: "Instances in memory");
    }

    public Counter<long> Steps { get; }

    public Counter<long> Events { get; }

    public Counter<long> Signals { get; }

    public Counter<long> Dropped { get; }

    public Counter<long> Effects { get; }

    public Counter<long> Incidents { get; }

    public Counter<long> Conflicts { get; }

    public Histogram<double> Commit { get; }

    public void Dispose() => _meter.Dispose();

    public const string MeterName = "Sift.Workflows";
}
