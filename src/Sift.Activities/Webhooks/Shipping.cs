using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using Sift.Activities.Calls;
using Sift.Workflows.Engine;

namespace Sift.Activities.Webhooks;

/// <summary>Takes one delivery through its attempts, as far as they are due in this process, and writes down what came of each.</summary>
internal sealed partial class Shipping(
    IDeliveryStore store, IRetrySchedule schedule, Attempts attempts, Func<IWorkflowRuntime> runtime, IWebhookEndpoints? endpoints, TimeProvider time, ILogger log, CancellationToken stop)
{
    private const int KeptResponse = 16 * 1024;

    // An in-call callback looks often whether its host may be tried again: somebody listens to a hold tone.
    private static readonly TimeSpan InCallLook = TimeSpan.FromSeconds(1);

    /// <summary>Hears that an event waits for a host, once its row says so.</summary>
    public required Action<string> Waits { get; init; }

    /// <summary>The delivery as one that no call waits for.</summary>
    public static Delivery AsEvent(Delivery delivery) => delivery with
    {
        Mode = DeliveryMode.Event,
        InstanceId = null,
        Deadline = null,
        WaitsFor = null,

        // The last attempt within the call is the first of the event.
        InCallAttempts = delivery.Mode == DeliveryMode.InCall ? Math.Max(0, delivery.Attempts - 1) : delivery.InCallAttempts,
    };

    /// <summary>Returns when nothing more is due here: it is done, or waits for its time or its host.</summary>
    public async Task DeliverAsync(Shipment shipment, ConnectionLanes.Turn turn)
    {
        while (true)
        {
            await store.ReadyAsync(stop).ConfigureAwait(false);
            if (HasExpired(shipment))
            {
                await ExpireAsync(shipment).ConfigureAwait(false);
            }

            if (endpoints?.HeldBecause(shipment.Delivery.AccountId, WebhookHost.Of(shipment.Delivery.Url)) is { } reason)
            {
                await HoldAsync(shipment, reason).ConfigureAwait(false);
                return;
            }

            var attempt = await attempts.MakeAsync(shipment, stop).ConfigureAwait(false);
            turn.Pass();
            var next = attempt.Answer is { } answer
                ? await ConcludeAsync(shipment, answer, attempt.At, attempt.Took).ConfigureAwait(false)
                : await PutOffAsync(shipment, attempt.PutOff).ConfigureAwait(false);
            if (next is null)
            {
                return;
            }

            await shipment.WaitAsync(next.Value - time.GetUtcNow(), time, stop).ConfigureAwait(false);
        }
    }

    private bool HasExpired(Shipment shipment) =>
        shipment.Delivery is { Mode: DeliveryMode.InCall, Deadline: { } deadline } && deadline <= time.GetUtcNow();

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
        await store.SaveAsync(shipment.Delivery, stop).ConfigureAwait(false);
    }

    /// <summary>
    /// The host is left alone for now, and no attempt is used up by that. A call looks again soon, until its deadline; an event waits for its host. When
    /// the next attempt is due in this process, else null.
    /// </summary>
    private async ValueTask<DateTimeOffset?> PutOffAsync(Shipment shipment, TimeSpan wait)
    {
        var now = time.GetUtcNow();
        if (shipment.Delivery is { Mode: DeliveryMode.InCall, Deadline: { } deadline } && !shipment.IsAbandoned)
        {
            var look = now + (wait < InCallLook ? wait : InCallLook);
            return look < deadline ? look : deadline;
        }

        shipment.Delivery = AsEvent(shipment.Delivery) with { NextAttemptAt = null };
        if (!OutlivesItsCall(shipment.Delivery))
        {
            await store.SaveAsync(shipment.Delivery with { State = DeliveryState.Expired }, stop).ConfigureAwait(false);
            return null;
        }

        var host = WebhookHost.Of(shipment.Delivery.Url);
        shipment.Delivery = shipment.Delivery with { State = DeliveryState.Scheduled, WaitsFor = host };
        await store.SaveAsync(shipment.Delivery, stop).ConfigureAwait(false);
        Waits(host);
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
        await store.RecordAsync(delivery, Describe(delivery, answer, at, took), stop).ConfigureAwait(false);
        if (delivery.NextAttemptAt is not { } due)
        {
            return null;
        }

        if (delivery.Mode == DeliveryMode.InCall)
        {
            return due;
        }

        await schedule.ScheduleAsync(delivery.Id, due, stop).ConfigureAwait(false);
        return null;
    }

    private async ValueTask<Delivery> PlanNextAsync(Shipment shipment, Delivery delivery, string error)
    {
        if (delivery.Mode == DeliveryMode.InCall && !shipment.IsAbandoned)
        {
            var due = Later(delivery.CreatedAt + RetryPlan.InCallOffset(delivery.Attempts), time.GetUtcNow());
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
            ? delivery with { State = DeliveryState.Scheduled, NextAttemptAt = time.GetUtcNow() + wait }
            : delivery with { State = DeliveryState.Dead };
    }

    /// <summary>Durable before the delivery is marked as done: after a crash in between it is sent again, and its second reply finds nobody waiting.</summary>
    private async ValueTask SignalAsync(Delivery delivery, JsonObject payload)
    {
        if (delivery.InstanceId is { } instance)
        {
            await runtime().SignalAsync(instance, new InstanceSignal(CallSignals.Delivery, delivery.Id, payload), stop).ConfigureAwait(false);
        }
    }

    private static DateTimeOffset Later(DateTimeOffset a, DateTimeOffset b) => a > b ? a : b;

    private static DeliveryAttempt Describe(Delivery delivery, WebhookAnswer answer, DateTimeOffset at, TimeSpan took)
    {
        var shown = answer.Body.Length == 0 ? null : Encoding.UTF8.GetString(answer.Body.Span[..Math.Min(answer.Body.Length, KeptResponse)]);
        return new DeliveryAttempt(delivery.Id, delivery.Attempts, at, took, answer.Status, answer.Error, shown);
    }

    private static bool OutlivesItsCall(Delivery delivery) => delivery.Kind is not ("on_incoming" or "fallback");

    [LoggerMessage(1001, LogLevel.Information, "Delivery {DeliveryId} ({Kind}), attempt {Attempt} failed: {Error}")]
    private partial void LogFailed(string deliveryId, string kind, int attempt, string error);
}
