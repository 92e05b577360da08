using System.Text.Json.Nodes;
using System.Threading.Channels;
using Sift.Workflows.Activities;
using Sift.Workflows.Engine;

namespace Sift.Activities.Tests.Fixtures;

/// <summary>Hears signals; nothing else is asked of a runtime here.</summary>
internal sealed class RecordingRuntime(ChannelWriter<InstanceSignal> signals) : IWorkflowRuntime
{
    public void Signal(string instanceId, InstanceSignal signal) => signals.TryWrite(signal);

    public ValueTask<bool> SignalAsync(string instanceId, InstanceSignal signal, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask StartAsync(InstanceStart start, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<Task> BeginAsync(InstanceStart start, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<bool> ReplaceAsync(string instanceId, string nodeType, JsonObject inputs, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<bool> CancelAsync(string instanceId, string reason, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<bool> RetryAsync(string instanceId, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<bool> ReleaseAsync(string instanceId, bool step, CancellationToken cancellationToken) => throw new NotSupportedException();

    public void CompleteEffect(string instanceId, EffectId effect) => throw new NotSupportedException();

    public ValueTask RecoverAsync(CancellationToken cancellationToken) => throw new NotSupportedException();
}
