using System.Collections.Concurrent;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using Sift.Activities.Calls;
using Sift.Workflows.Activities;
using Sift.Workflows.Engine;
using Sift.Workflows.Hosting;

namespace Sift.Activities.Webhooks;

/// <summary>
/// Brings deliveries to their receivers. Every delivery is a durable row before it gets here; whatever happens to the process, the row
/// says what is left to do, and an attempt that is repeated carries the same id.
/// </summary>
public sealed partial class DeliveryPipeline : IEffectHandler, IDisposable
{
    private const int SweptAtOnce = 500;

    // Deliveries that are read back come in thousands; the store's connections are few.
    private const int ReadersAtOnce = 8;

    /// <summary>How long after it was due a delivery is taken up by <see cref="SweepAsync"/>: whoever it belongs to has had the time to do it.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(15);

    private readonly IDeliveryStore _store;
    private readonly IRetrySchedule _schedule;
    private readonly TimeProvider _time;
    private readonly ILogger<DeliveryPipeline> _log;
    private readonly ConcurrentDictionary<string, Shipment> _active = new(StringComparer.Ordinal);
    private readonly Attempts _attempts;
    private readonly Shipping _shipping;
    private readonly HostBacklog _backlog;
    private readonly ConnectionLanes _lanes;
    private readonly SemaphoreSlim _readers = new(ReadersAtOnce);
    private readonly CancellationTokenSource _stop = new();

    /// <param name="store">Keeps the deliveries.</param>
    /// <param name="schedule">Calls <see cref="Retry"/> when a retry is due, across restarts.</param>
    /// <param name="sender">Makes the attempts.</param>
    /// <param name="runtime">Hears the replies; looked up late because it in turn knows its effect handlers.</param>
    /// <param name="time">The clock.</param>
    /// <param name="log">Where failures are told.</param>
    /// <param name="endpoints">Says which receivers get nothing for now, and hears how attempts go; null when nobody pauses any.</param>
    /// <param name="queue">Who goes on with what waited; the thread pool when null.</param>
    public DeliveryPipeline(
        IDeliveryStore store, IRetrySchedule schedule, IWebhookSender sender, Func<IWorkflowRuntime> runtime, TimeProvider time, ILogger<DeliveryPipeline> log, IWebhookEndpoints? endpoints = null, IWorkQueue? queue = null)
    {
        _store = store;
        _schedule = schedule;
        _attempts = new Attempts(sender, endpoints, time);
        _time = time;
        _log = log;
        _backlog = new HostBacklog(store, _attempts, delivery => Enqueue(delivery, mustRead: false), time, log, _stop.Token);
        _shipping = new Shipping(store, schedule, _attempts, runtime, endpoints, time, log, _stop.Token) { Waits = _backlog.Watch };
        _lanes = new ConnectionLanes(queue ?? ThreadPoolQueue.Instance);
    }

    /// <inheritdoc/>
    public IReadOnlyList<string> EffectTypes { get; } = [Callback.SendEffect, Callback.AbandonEffect];

    /// <inheritdoc/>
    /// <remarks>The row is durable by then, and recovery goes by rows.</remarks>
    public bool IsDoneWhenExecuted(string effectType) => true;

    /// <summary>Deliveries in memory: being sent, or waiting to be sent again within a call.</summary>
    public int ActiveCount => _active.Count;

    /// <summary>The circuit breakers of all hosts that were sent to since the start, in no order.</summary>
    public IReadOnlyList<HostCondition> Hosts => _attempts.Hosts;

    /// <summary>True while a delivery is being sent, or waits in memory to be sent again within a call.</summary>
    public bool IsActive(string deliveryId) => _active.ContainsKey(deliveryId);

    /// <inheritdoc/>
    public void Execute(string instanceId, EffectId id, Effect effect, EffectDelivery delivery)
    {
        if (DeliveryReference.IdOf(effect.Payload) is not { } deliveryId)
        {
            return;
        }

        if (effect.Type == Callback.AbandonEffect)
        {
            Abandon(deliveryId);
        }
        else if (delivery == EffectDelivery.First && DeliveryReference.Read(effect.Payload) is { } known)
        {
            Enqueue(known);
        }
        else
        {
            // The row knows whether it was sent already. Its place in the order of the connection is taken now.
            Enqueue(new DeliveryKey(deliveryId, instanceId));
        }
    }

    /// <summary>Takes up a delivery whose row is durable. Doing so twice changes nothing.</summary>
    public void Enqueue(Delivery delivery) => _ = Enqueue(delivery, mustRead: false);

    /// <summary>Makes the attempt that is due now, unless it was made or another process is at it; called by the retry schedule.</summary>
    public void Retry(DeliveryKey delivery) => Enqueue(delivery);

    /// <summary>
    /// Sends a delivery once more with the same id, whatever became of it and however its host does; durable when this completes. A reply resumes no
    /// call. False when the delivery is unknown.
    /// </summary>
    public async ValueTask<bool> RedeliverAsync(string deliveryId, CancellationToken cancellationToken)
    {
        if (await _store.FindAsync(deliveryId, cancellationToken).ConfigureAwait(false) is not { } delivery)
        {
            return false;
        }

        if (!_active.ContainsKey(deliveryId))
        {
            await _store.ReopenAsync(Shipping.AsEvent(delivery) with { State = DeliveryState.Pending, NextAttemptAt = _time.GetUtcNow() }, cancellationToken).ConfigureAwait(false);
            Enqueue(new DeliveryKey(deliveryId, delivery.ConnectionId), insist: true);
        }

        return true;
    }

    /// <summary>
    /// Takes up what a former process, or one that died elsewhere, left, and this one has inherited. Call it after the workflow runtime has taken up its
    /// instances.
    /// </summary>
    public async ValueTask RecoverAsync(CancellationToken cancellationToken)
    {
        await foreach (var key in _store.OwnedAsync(cancellationToken).ConfigureAwait(false))
        {
            Enqueue(key);
        }

        await _backlog.WatchAllAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Takes up what should have been sent a while ago and is not under way: its reminder was lost in a crash, or the store was away when its
    /// attempt was to be recorded; and the hosts that events of other
    /// processes wait for. Call it every now and then.
    /// </summary>
    public async ValueTask SweepAsync(CancellationToken cancellationToken)
    {
        foreach (var key in await _store.OverdueAsync(_time.GetUtcNow() - Grace, SweptAtOnce, cancellationToken).ConfigureAwait(false))
        {
            Enqueue(key);
        }

        await _backlog.WatchAllAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _stop.Cancel();
        _attempts.Dispose();
    }

    /// <summary>Takes up a delivery whose row has to be read: it says what is left to do, and whose it is.</summary>
    private void Enqueue(DeliveryKey key, bool insist = false)
    {
        if (!_active.ContainsKey(key.Id))
        {
            _ = Enqueue(new Delivery(key.Id, "", key.ConnectionId, null, "", "", default, DeliveryMode.Event, default), mustRead: true, insist);
        }
    }

    /// <summary>Completes when nothing more is due here; at once when the delivery is under way already.</summary>
    private Task Enqueue(Delivery delivery, bool mustRead, bool insist = false)
    {
        var shipment = new Shipment(delivery) { Insists = insist };
        if (!_active.TryAdd(delivery.Id, shipment))
        {
            return Task.CompletedTask;
        }

        WebhookMetrics.Active.Add(1);
        return ShipAsync(shipment, mustRead, _lanes.Enter(delivery.ConnectionId));
    }

    /// <summary>The call is not interested any more; its server still is to know what happened in it.</summary>
    private void Abandon(string deliveryId)
    {
        if (_active.TryGetValue(deliveryId, out var shipment))
        {
            shipment.Abandon();
        }
        else
        {
            _ = ReviveAsync(deliveryId);
        }
    }

    private async Task ReviveAsync(string deliveryId)
    {
        try
        {
            if (await _store.ClaimAsync(deliveryId, _stop.Token).ConfigureAwait(false) is { } delivery)
            {
                Enqueue(Shipping.AsEvent(delivery));
            }
        }
        catch (OperationCanceledException)
        {
            // The process stops; the row remains.
        }
#pragma warning disable CA1031 // the loop that owns the work: nobody above could do anything about it
        catch (Exception problem)
#pragma warning restore CA1031
        {
            LogBroken(problem, deliveryId);
        }
    }

    private async Task ShipAsync(Shipment shipment, bool mustRead, ConnectionLanes.Turn turn)
    {
        try
        {
            await turn.Previous.WaitAsync(_stop.Token).ConfigureAwait(false);
            if (!mustRead || await ReadAsync(shipment).ConfigureAwait(false))
            {
                await _shipping.DeliverAsync(shipment, turn).ConfigureAwait(false);
            }
        }
        catch (Exception problem) when (problem is OperationCanceledException or ObjectDisposedException && _stop.IsCancellationRequested)
        {
            // The process stops; the row remains.
        }
#pragma warning disable CA1031 // the loop that owns the work: the row remains and is taken up at the next start
        catch (Exception problem)
#pragma warning restore CA1031
        {
            LogBroken(problem, shipment.Delivery.Id);
        }
        finally
        {
            turn.Pass();
            _active.TryRemove(shipment.Delivery.Id, out _);
            WebhookMetrics.Active.Add(-1);
            shipment.Dispose();
        }
    }

    /// <summary>False when there is nothing to do now.</summary>
    private async ValueTask<bool> ReadAsync(Shipment shipment)
    {
        await _readers.WaitAsync(_stop.Token).ConfigureAwait(false);
        try
        {
            if (await _store.ClaimAsync(shipment.Delivery.Id, _stop.Token).ConfigureAwait(false) is not { } row)
            {
                return false;
            }

            shipment.Delivery = row with { WaitsFor = null };
            if (row is not { Mode: DeliveryMode.Event, State: DeliveryState.Scheduled, NextAttemptAt: { } due } || due <= _time.GetUtcNow())
            {
                return true;
            }

            // It waits for its time: whoever hears of that next takes it.
            await _store.SaveAsync(row, _stop.Token).ConfigureAwait(false);
            await _schedule.ScheduleAsync(row.Id, due, _stop.Token).ConfigureAwait(false);
            return false;
        }
        finally
        {
            _readers.Release();
        }
    }

    [LoggerMessage(1002, LogLevel.Error, "Delivery {DeliveryId} broke; it is taken up again soon")]
    private partial void LogBroken(Exception problem, string deliveryId);
}
