using System.Text.Json;
using System.Text.Json.Nodes;
using Sift.Media.Legs;
using Sift.Workflows.Activities;
using Sift.Workflows.Definitions;

namespace Sift.Activities.Calls;

/// <summary>
/// Finds out what to do with a connection: dials it when Sift is to place it, then asks the callback that decides, or takes the routine
/// that was given beforehand. A call for which nothing can be had is told so and hung up.
/// </summary>
internal sealed class FetchRoutine : IActivity
{
    public const string TypeName = "Sift.FetchRoutine";

    /// <summary>Set when a routine is sent by REST while the call is still being placed.</summary>
    public const string PresetVariable = "preset_routine";

    private const string IdleTimer = "idle";
    private const string PlaceSlot = "place";
    private const string FallbackSlot = "fallback";

    public ActivityDescriptor Descriptor { get; } = new(TypeName, 1, "Call", "Fetch routine", "Asks the application what to do with the call.")
    {
        Outputs = [new(Ending.RoutineOutput, "Object", "Routine", "The list of commands to run.")],
    };

    public void Start(ActivityContext context)
    {
        var call = new CallScope(context);
        if (call.IsUp)
        {
            Ask(context);
        }
        else if (!call.IsIncoming)
        {
            context.Schedule(ActivityNode.Create("place", context.Node.NodeId, PlaceCall.TypeName, []), PlaceSlot);
        }
        else if (call.Plan.AnswerOnDemand)
        {
            Ask(context);
        }
        else
        {
            // Whoever took the call in answers it; the application is asked about a call that is up.
            context.WaitFor(CallSignals.Answered);
        }
    }

    public void Resume(ActivityContext context, ActivitySignal signal)
    {
        switch (signal.Name)
        {
            case CallSignals.Answered:
                context.StopWaiting(CallSignals.Answered);
                Ask(context);
                break;
            case CallSignals.Delivery:
                Take(context, Callback.Accept(context, signal));
                break;
            case CallSignals.Timer:
                context.Log("No routine came for the call; it is hung up.");
                new CallScope(context).StopBackground();
                context.Complete("Done", new JsonObject { [Ending.RoutineOutput] = new JsonArray() });
                break;
        }
    }

    public void ChildCompleted(ActivityContext context, ChildCompletion child)
    {
        if (child.Slot == PlaceSlot)
        {
            Ask(context);
        }
        else
        {
            context.Complete("Done", new JsonObject { [Ending.RoutineOutput] = child.Outputs?[Ending.RoutineOutput]?.DeepClone() ?? new JsonArray() });
        }
    }

    public void Cancel(ActivityContext context)
    {
        if (context.State.Text("delivery") is { } delivery)
        {
            Callback.Abandon(context, delivery);
        }
        else
        {
            new CallScope(context).StopBackground();
        }
    }

    private static void Ask(ActivityContext context)
    {
        var call = new CallScope(context);
        var plan = call.Plan;
        if (call.IsIncoming && plan.OnIncoming is { } onIncoming)
        {
            Post(context, "on_incoming", onIncoming, plan, call.Connection);
        }
        else if (!call.IsIncoming && plan.StatusUrl is { } statusUrl)
        {
            Post(context, "status", statusUrl, plan, call.Connection);
        }
        else
        {
            Take(context, default);
        }
    }

    private static void Post(ActivityContext context, string kind, string url, CallPlan plan, JsonNode? connection)
    {
        var delivery = Callback.Post(context, kind, url, PlaceCall.StatusBody(plan, connection));
        context.State = new JsonObject { ["delivery"] = delivery };
    }

    private static void Take(ActivityContext context, CallbackReply reply)
    {
        context.State = null;
        var plan = new CallScope(context).Plan;
        var preset = context.Variable(PresetVariable);
        if (reply.Problem is { } problem && preset is null)
        {
            context.Schedule(Fallback.Node(context, problem), FallbackSlot);
        }
        else if ((preset ?? reply.Routine ?? DefaultRoutine(plan)) is { } routine)
        {
            context.Complete("Done", new JsonObject { [Ending.RoutineOutput] = routine });
        }
        else
        {
            context.StartTimer(IdleTimer, TimeSpan.FromSeconds(plan.IdleSeconds));
            new CallScope(context).PlayBackground(ToneKind.Hold);
        }
    }

    private static JsonNode? DefaultRoutine(CallPlan plan) => plan.DefaultRoutine is { ValueKind: JsonValueKind.Array } list ? JsonArray.Create(list) : null;
}
