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
    private const int KeptResponse = 16 * 1024;
    private const int SweptAtOnce = 500;

    // Deliveries that are read back come in thousands; the store's connections are few.
    private const int ReadersAtOnce = 8;

    /// <summary>How long after it was due a delivery is taken up by <see cref="SweepAsync"/>: whoever it belongs to has had the time to do it.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(15);

    // An in-call callback looks often whether its host may be tried again: somebody listens to a hold tone.
    private static readonly TimeSpan InCallLook = TimeSpan.FromSeconds(1);

    private readonly IDeliveryStore _store;
    private readonly IRetrySchedule _schedule;
    private readonly Func<IWorkflowRuntime> _runtime;
    private readonly TimeProvider _time;
    private readonly ILogger<DeliveryPipeline> _log;
    private readonly IWebhookEndpoints? _endpoints;
    private readonly ConcurrentDictionary<string, Shipment> _active = new(StringComparer.Ordinal);
    private readonly Attempts _attempts;
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
        _runtime = runtime;
        _time = time;
        _log = log;
        _endpoints = endpoints;
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
    public void Enqueue(Delivery delivery) => Enqueue(delivery, mustRead: false);

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
            await _store.ReopenAsync(AsEvent(delivery) with { State = DeliveryState.Pending, NextAttemptAt = _time.GetUtcNow() }, cancellationToken).ConfigureAwait(false);
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
    }

    /// <summary>
    /// Takes up what should have been sent a while ago and is not under way: its reminder was lost in a crash, or the store was away when its
    /// attempt was to be recorded. Call it every now and then.
    /// </summary>
    public async ValueTask SweepAsync(CancellationToken cancellationToken)
    {
        foreach (var key in await _store.OverdueAsync(_time.GetUtcNow() - Grace, SweptAtOnce, cancellationToken).ConfigureAwait(false))
        {
            Enqueue(key);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _stop.Cancel();
        _attempts.Dispose();
    }

    /// <summary>From 0 to 1, the same for the same delivery.</summary>
    private static double Spread(string id) => ulong.TryParse(id, System.Globalization.NumberStyles.HexNumber, null, out var number) ? (number & 0xFFFF) / 65536.0 : 0;

    private static Delivery AsEvent(Delivery delivery) => delivery with
    {
        Mode = DeliveryMode.Event,
        InstanceId = null,
        Deadline = null,

        // The last attempt within the call is the first of the event.
        InCallAttempts = delivery.Mode == DeliveryMode.InCall ? Math.Max(0, delivery.Attempts - 1) : delivery.InCallAttempts,
    };

    private static bool OutlivesItsCall(Delivery delivery) => delivery.Kind is not ("on_incoming" or "fallback");

    /// <summary>Takes up a delivery whose row has to be read: it says what is left to do, and whose it is.</summary>
    private void Enqueue(DeliveryKey key, bool insist = false)
    {
        if (!_active.ContainsKey(key.Id))
        {
            Enqueue(new Delivery(key.Id, "", key.ConnectionId, null, "", "", default, DeliveryMode.Event, default), mustRead: true, insist);
        }
    }

    private void Enqueue(Delivery delivery, bool mustRead, bool insist = false)
    {
        var shipment = new Shipment(delivery) { Insists = insist };
        if (_active.TryAdd(delivery.Id, shipment))
        {
            WebhookMetrics.Active.Add(1);
            _ = ShipAsync(shipment, mustRead, _lanes.Enter(delivery.ConnectionId));
        }
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
                Enqueue(AsEvent(delivery));
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
                await DeliverAsync(shipment, turn).ConfigureAwait(false);
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

            shipment.Delivery = row;
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

    private async Task DeliverAsync(Shipment shipment, ConnectionLanes.Turn turn)
    {
        while (true)
        {
            await _store.ReadyAsync(_stop.Token).ConfigureAwait(false);
            if (HasExpired(shipment))
            {
                await ExpireAsync(shipment).ConfigureAwait(false);
            }

            if (_endpoints?.HeldBecause(shipment.Delivery.AccountId, WebhookHost.Of(shipment.Delivery.Url)) is { } reason)
            {
                await HoldAsync(shipment, reason).ConfigureAwait(false);
                return;
            }

            var attempt = await _attempts.MakeAsync(shipment, _stop.Token).ConfigureAwait(false);
            turn.Pass();
            var next = attempt.Answer is { } answer
                ? await ConcludeAsync(shipment, answer, attempt.At, attempt.Took).ConfigureAwait(false)
                : await PutOffAsync(shipment, attempt.PutOff).ConfigureAwait(false);
            if (next is null)
            {
                return;
            }

            await shipment.WaitAsync(next.Value - _time.GetUtcNow(), _time, _stop.Token).ConfigureAwait(false);
        }
    }

    private bool HasExpired(Shipment shipment) =>
        shipment.Delivery is { Mode: DeliveryMode.InCall, Deadline: { } deadline } && deadline <= _time.GetUtcNow();

    /// <summary>The call waits no longer. What it had to tell is told all the same.</summary>
    private async ValueTask ExpireAsync(Shipment shipment)
    {
        await SignalAsync(shipment.Delivery, new JsonObject { ["problem"] = "no answer before the deadline" }).ConfigureAwait(false);
        shipment.Delivery = AsEvent(shipment.Delivery);
    }

    /// <summary>
    /// The receiver gets nothing for now: a call that waits goes on without it, and an event stays until the endpoint is taken up again. No
    /// attempt is used up.
    /// </summary>
    private async ValueTask HoldAsync(Shipment shipment, string reason)
    {
        var delivery = shipment.Delivery;
        if (delivery.Mode == DeliveryMode.InCall)
        {
            await SignalAsync(delivery, new JsonObject { ["problem"] = reason }).ConfigureAwait(false);
            delivery = AsEvent(delivery);
        }

        // Saved although it may have been held before: from then on it is nobody's, and whoever resumes the endpoint takes it.
        shipment.Delivery = delivery with { State = OutlivesItsCall(delivery) ? DeliveryState.Scheduled : DeliveryState.Expired, NextAttemptAt = null };
        await _store.SaveAsync(shipment.Delivery, _stop.Token).ConfigureAwait(false);
    }

    /// <summary>
    /// The host is left alone for now, and no attempt is used up by that. A call looks again soon, until its deadline; an event waits for its host. When
    /// the next attempt is due in this process, else null.
    /// </summary>
    private async ValueTask<DateTimeOffset?> PutOffAsync(Shipment shipment, TimeSpan wait)
    {
        var now = _time.GetUtcNow();
        if (shipment.Delivery is { Mode: DeliveryMode.InCall, Deadline: { } deadline } && !shipment.IsAbandoned)
        {
            var look = now + (wait < InCallLook ? wait : InCallLook);
            return look < deadline ? look : deadline;
        }

        var due = now + RetryPlan.PutOff(wait, now - shipment.Delivery.CreatedAt, Spread(shipment.Delivery.Id));
        if (!OutlivesItsCall(shipment.Delivery))
        {
            await _store.SaveAsync(AsEvent(shipment.Delivery) with { State = DeliveryState.Expired, NextAttemptAt = null }, _stop.Token).ConfigureAwait(false);
            return null;
        }

        shipment.Delivery = AsEvent(shipment.Delivery) with { State = DeliveryState.Scheduled, NextAttemptAt = due };
        await _store.SaveAsync(shipment.Delivery, _stop.Token).ConfigureAwait(false);
        await _schedule.ScheduleAsync(shipment.Delivery.Id, due, _stop.Token).ConfigureAwait(false);
        return null;
    }

    /// <summary>Draws the consequences of an attempt; when the next one is due in this process, else null.</summary>
    private async ValueTask<DateTimeOffset?> ConcludeAsync(Shipment shipment, WebhookAnswer answer, DateTimeOffset at, TimeSpan took)
    {
        var delivery = shipment.Delivery with { Attempts = shipment.Delivery.Attempts + 1, NextAttemptAt = null };
        if (answer.Error is null)
        {
            await SignalAsync(delivery, WebhookReply.Read(answer.Body)).ConfigureAwait(false);
            delivery = delivery with { State = DeliveryState.Succeeded };
        }
        else if (answer.IsAbort)
        {
            await SignalAsync(delivery, new JsonObject { ["problem"] = "the receiver wants no more of this callback" }).ConfigureAwait(false);
            delivery = delivery with { State = DeliveryState.Aborted };
        }
        else
        {
            LogFailed(delivery.Id, delivery.Kind, delivery.Attempts, answer.Error);
            delivery = await PlanNextAsync(shipment, delivery, answer.Error).ConfigureAwait(false);
        }

        shipment.Delivery = delivery;
        await _store.RecordAsync(delivery, Describe(delivery, answer, at, took), _stop.Token).ConfigureAwait(false);
        if (delivery.NextAttemptAt is not { } due)
        {
            return null;
        }

        if (delivery.Mode == DeliveryMode.InCall)
        {
            return due;
        }

        await _schedule.ScheduleAsync(delivery.Id, due, _stop.Token).ConfigureAwait(false);
        return null;
    }

    private async ValueTask<Delivery> PlanNextAsync(Shipment shipment, Delivery delivery, string error)
    {
        if (delivery.Mode == DeliveryMode.InCall && !shipment.IsAbandoned)
        {
            var due = Later(delivery.CreatedAt + RetryPlan.InCallOffset(delivery.Attempts), _time.GetUtcNow());
            if (due < delivery.Deadline)
            {
                return delivery with { State = DeliveryState.Scheduled, NextAttemptAt = due };
            }

            await SignalAsync(delivery, new JsonObject { ["problem"] = error }).ConfigureAwait(false);
        }

        delivery = AsEvent(delivery);
        if (!OutlivesItsCall(delivery))
        {
            return delivery with { State = DeliveryState.Expired };
        }

        return RetryPlan.AfterEventAttempts(delivery.Attempts - delivery.InCallAttempts) is { } wait
            ? delivery with { State = DeliveryState.Scheduled, NextAttemptAt = _time.GetUtcNow() + wait }
            : delivery with { State = DeliveryState.Dead };
    }

    /// <summary>Durable before the delivery is marked as done: after a crash in between it is sent again, and its second reply finds nobody waiting.</summary>
    private async ValueTask SignalAsync(Delivery delivery, JsonObject payload)
    {
        if (delivery.InstanceId is { } instance)
        {
            await _runtime().SignalAsync(instance, new InstanceSignal(CallSignals.Delivery, delivery.Id, payload), _stop.Token).ConfigureAwait(false);
        }
    }

    private static DateTimeOffset Later(DateTimeOffset a, DateTimeOffset b) => a > b ? a : b;

    private static DeliveryAttempt Describe(Delivery delivery, WebhookAnswer answer, DateTimeOffset at, TimeSpan took)
    {
        var shown = answer.Body.Length == 0 ? null : Encoding.UTF8.GetString(answer.Body.Span[..Math.Min(answer.Body.Length, KeptResponse)]);
        return new DeliveryAttempt(delivery.Id, delivery.Attempts, at, took, answer.Status, answer.Error, shown);
    }

    [LoggerMessage(1001, LogLevel.Information, "Delivery {DeliveryId} ({Kind}), attempt {Attempt} failed: {Error}")]
    private partial void LogFailed(string deliveryId, string kind, int attempt, string error);

    [LoggerMessage(1002, LogLevel.Error, "Delivery {DeliveryId} broke; it is taken up again soon")]
    private partial void LogBroken(Exception problem, string deliveryId);
}
