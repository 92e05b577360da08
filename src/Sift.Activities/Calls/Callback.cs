using System.Text.Json;
using System.Text.Json.Nodes;
using Sift.Activities.Webhooks;
using Sift.Media.Legs;
using Sift.Workflows.Activities;

namespace Sift.Activities.Calls;

/// <summary>What became of a callback.</summary>
/// <param name="Routine">The list of commands in the reply; null when it gave none.</param>
/// <param name="Problem">Why there is no reply; null when there is one.</param>
internal readonly record struct CallbackReply(JsonNode? Routine, string? Problem);

/// <summary>Callbacks a call waits for: posted with the journal entry that caused them, while the caller hears a hold tone.</summary>
internal static class Callback
{
    public const string SendEffect = "delivery.send";

    public const string AbandonEffect = "delivery.abandon";

    /// <summary>Posts, and waits for the signal <see cref="CallSignals.Delivery"/> with the returned id as key.</summary>
    public static string Post(ActivityContext context, string kind, string url, byte[] body, bool sensitive = false)
    {
        var call = new CallScope(context);
        var plan = call.Plan;
        var delivery = new Delivery(context.NewId(), plan.AccountId, context.InstanceId, context.InstanceId, kind, url, body, DeliveryMode.InCall, context.Now)
        {
            Deadline = context.Now + TimeSpan.FromSeconds(plan.CallbackSeconds),
            NextAttemptAt = context.Now,
            Sensitive = sensitive,
        };
        Send(context, delivery);
        context.WaitFor(CallSignals.Delivery, delivery.Id);
        call.PlayBackground(ToneKind.Hold);
        return delivery.Id;
    }

    /// <summary>Posts something whose reply is ignored.</summary>
    public static void Notify(ActivityContext context, string kind, string url, byte[] body)
    {
        var plan = new CallScope(context).Plan;
        Send(context, new Delivery(context.NewId(), plan.AccountId, context.InstanceId, null, kind, url, body, DeliveryMode.Event, context.Now) { NextAttemptAt = context.Now });
    }

    public static CallbackReply Accept(ActivityContext context, ActivitySignal signal)
    {
        context.StopWaiting(CallSignals.Delivery, signal.Key);
        new CallScope(context).StopBackground();
        var reply = signal.Payload;
        var routine = reply.ValueKind == JsonValueKind.Object && reply.TryGetProperty("routine", out var list) ? JsonArray.Create(list.Clone()) : null;
        return new CallbackReply(routine, reply.Text("problem"));
    }

    /// <summary>The call no longer waits for it.</summary>
    public static void Abandon(ActivityContext context, string deliveryId)
    {
        new CallScope(context).StopBackground();
        context.Request(new Effect(AbandonEffect, new JsonObject { ["delivery_id"] = deliveryId }, EffectGuarantee.Committed));
    }

    private static void Send(ActivityContext context, Delivery delivery)
    {
        context.Attach(delivery);
        context.Request(new Effect(SendEffect, DeliveryReference.ToJson(delivery), EffectGuarantee.Committed));
    }
}
