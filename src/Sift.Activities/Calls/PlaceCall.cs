using System.Text.Json;
using System.Text.Json.Nodes;
using Sift.Media.Legs;
using Sift.Workflows.Activities;

namespace Sift.Activities.Calls;

/// <summary>
/// Dials the connection's own leg and completes when it is answered. The status callback for <c>connecting</c> goes first. A call that
/// fails ends the whole instance, so there is no outcome for it.
/// </summary>
internal sealed class PlaceCall : IActivity
{
    public const string TypeName = "Sift.PlaceCall";

    public ActivityDescriptor Descriptor { get; } = new(TypeName, 1, "Call", "Place call", "Dials the connection and waits for the answer.")
    {
        Outcomes = ["Answered"],
        IsBrowsable = false,
    };

    public void Start(ActivityContext context)
    {
        var call = new CallScope(context);
        if (call.IsUp)
        {
            context.Complete("Answered");
            return;
        }

        context.WaitFor(CallSignals.Answered);
        Dial(context);
    }

    /// <summary>Dials, after the status callback for <c>connecting</c>.</summary>
    internal static void Dial(ActivityContext context)
    {
        context.SetVariable(CallScope.DialledVariable, true);
        var call = new CallScope(context);
        var plan = call.Plan;
        context.SetVariable(CallScope.DialledVariable, true);
        if (plan.StatusUrl is { } url)
        {
            Callback.Notify(context, "status", url, StatusBody(plan, call.Connection));
        }

        call.Ask(new DialLeg(call.Leg, call.Connection.Text("to")!, plan.CallerId, TimeSpan.FromSeconds(plan.RingSeconds), []) { AccountId = plan.AccountId });
    }

    public void Resume(ActivityContext context, ActivitySignal signal) => context.Complete("Answered");

    public void Cancel(ActivityContext context)
    {
        var call = new CallScope(context);
        call.Ask(new HangUpLeg(call.Leg, "cancelled before the answer"));
    }

    internal static byte[] StatusBody(CallPlan plan, JsonNode? connection) =>
        JsonSerializer.SerializeToUtf8Bytes(new ConnectionCallback(plan.AccountId, connection), CallbackJsonContext.Readable.ConnectionCallback);
}
