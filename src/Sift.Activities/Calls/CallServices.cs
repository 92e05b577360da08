using Sift.Activities.Connections;
using Sift.Activities.Webhooks;
using Sift.Media.Legs;
using Sift.Workflows.Engine;

namespace Sift.Activities.Calls;

/// <summary>
/// What call control works with. Legs and the runtime are looked up late, because both are made with call control as their listener.
/// </summary>
/// <param name="legs">The legs of this process.</param>
/// <param name="runtime">Runs the workflows.</param>
/// <param name="numbers">Says who is called.</param>
/// <param name="connections">Reads connections.</param>
/// <param name="rows">Writes connections outside of journals.</param>
/// <param name="deliveries">Sends callbacks.</param>
/// <param name="options">Times and texts.</param>
/// <param name="time">The clock.</param>
public sealed class CallServices(
    Func<ILegs> legs,
    Func<IWorkflowRuntime> runtime,
    INumberDirectory numbers,
    IConnectionStore connections,
    IConnectionRows rows,
    DeliveryPipeline deliveries,
    CallOptions options,
    TimeProvider time)
{
    private ILegs? _legs;
    private IWorkflowRuntime? _runtime;

    /// <summary>Why no call can be begun now, null when one can: asked before each, so that none is begun that could not be kept.</summary>
    public Func<string?> Obstacle { get; init; } = static () => null;

    internal ILegs Legs => _legs ??= legs();

    internal IWorkflowRuntime Runtime => _runtime ??= runtime();

    internal INumberDirectory Numbers => numbers;

    internal IConnectionStore Connections => connections;

    internal IConnectionRows Rows => rows;

    internal DeliveryPipeline Deliveries => deliveries;

    internal CallOptions Options => options;

    internal TimeProvider Time => time;

    internal LiveCalls Calls { get; } = new();
}
