using Microsoft.Extensions.Logging.Abstractions;
using Sift.Activities.Calls;
using Sift.Activities.Http;
using Sift.Activities.Webhooks;
using Sift.Media.Legs;
using Sift.Workflows.Activities;
using Sift.Workflows.Definitions;
using Sift.Workflows.Hosting;

namespace Sift.Testing.World;

/// <summary>
/// One life of the server: the engine, call control and the webhooks as they run in production, over storage and legs that are simulated.
/// When it is killed, nothing of what it still does reaches anybody.
/// </summary>
internal sealed class ServerProcess : ILegs, IAsyncDisposable
{
    private readonly SimulatedNetwork _network;
    private readonly HttpWebhookSender _sender;
    private readonly HttpCallHandler _http;
    private bool _isDead;

    public ServerProcess(
        SimulatedNetwork network, WorkPump pump, VirtualTime time, SimulatedStorage storage, IDefinitionStore definitions, ActivityCatalog catalog, SimulatedNumbers numbers, HttpMessageHandler web, SimulationOptions options)
    {
        _network = network;
        Storage = storage;
        Runtime = new WorkflowRuntime(catalog, definitions, storage, time, new WorkflowRuntimeOptions { Queue = pump, RecoveryParallelism = 1, CommitDeferral = options.CommitDeferral });
        var lifeline = new Lifeline(this, web);
        _sender = new HttpWebhookSender(lifeline, numbers, time);
        _http = new HttpCallHandler(lifeline, () => Runtime, time);
        Deliveries = new DeliveryPipeline(storage, storage, _sender, () => Runtime, time, NullLogger<DeliveryPipeline>.Instance, queue: pump);
        Calls = new CallControl(new CallServices(() => this, () => Runtime, numbers, storage, storage, Deliveries, options.Calls, time), NullLogger<CallControl>.Instance);
        Runtime.Connect([Calls.EffectHandler, Deliveries, _http], Calls.Recovery, [Calls]);
        storage.OnScheduled = RemindOfRetry;
    }

    public SimulatedStorage Storage { get; }

    public WorkflowRuntime Runtime { get; }

    public DeliveryPipeline Deliveries { get; }

    public CallControl Calls { get; }

    /// <summary>Takes up what an earlier life left, in the order in which the server does.</summary>
    public async Task RecoverAsync()
    {
        await Runtime.RecoverAsync(CancellationToken.None).ConfigureAwait(false);
        await Calls.ReconcileAsync(Storage.OpenConnections(), CancellationToken.None).ConfigureAwait(false);
        await Deliveries.RecoverAsync(CancellationToken.None).ConfigureAwait(false);
        foreach (var (id, due) in Storage.Retries)
        {
            RemindOfRetry(id, due);
        }
    }

    /// <summary>kill -9: from here on nothing leaves this process.</summary>
    public SimulatedStorage Kill()
    {
        _isDead = true;
        return Storage.Crash();
    }

    public void Tell(LegEvent legEvent)
    {
        if (!_isDead)
        {
            Calls.OnLegEvent(legEvent);
        }
    }

    public void Post(LegCommand command)
    {
        if (!_isDead)
        {
            _network.Post(command);
        }
    }

    public ValueTask<LegSnapshot?> SnapshotAsync(LegId leg, CancellationToken cancellationToken) => new((LegSnapshot?)null);

    public ValueTask<bool> RestoreAsync(LegSnapshot snapshot, CancellationToken cancellationToken) => new(false);

    public async ValueTask DisposeAsync()
    {
        _isDead = true;
        Deliveries.Dispose();
        await Runtime.DisposeAsync().ConfigureAwait(false);
        _http.Dispose();
        _sender.Dispose();
    }

    private void RemindOfRetry(string deliveryId, DateTimeOffset due)
    {
        var wait = due - _network.Now;
        _network.After(wait > TimeSpan.Zero ? wait : TimeSpan.Zero, () =>
        {
            if (!_isDead)
            {
                Storage.TakeRetry(deliveryId);
                Deliveries.Retry(new DeliveryKey(deliveryId, Storage.FindDelivery(deliveryId)?.ConnectionId));
            }
        });
    }

    /// <summary>A process that was killed sends nothing more.</summary>
    private sealed class Lifeline(ServerProcess process, HttpMessageHandler web) : DelegatingHandler(web)
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            process._isDead ? new TaskCompletionSource<HttpResponseMessage>().Task : base.SendAsync(request, cancellationToken);
    }
}
