using System.Text.Json;
using System.Text.Json.Nodes;
using Sift.Workflows.Activities;
using Sift.Workflows.Definitions;

namespace Sift.Activities.Calls;

/// <summary>
/// What runs when a callback cannot be had or gives a routine that cannot run: the application's fallback routine, else what its
/// fallback URL replies, else an apology and a hang-up. A call takes its fallback once; the second time it gets the apology.
/// </summary>
internal sealed class Fallback : IActivity
{
    public const string TypeName = "Sift.Fallback";

    private const string UsedVariable = "fallback_used";

    public ActivityDescriptor Descriptor { get; } = new(TypeName, 1, "Call", "Fallback", "Finds the routine that runs when a callback failed.")
    {
        Inputs = [new("Reason", "String", "Reason", "Why the fallback is needed.", "singleline")],
        Outputs = [new(Ending.RoutineOutput, "Object", "Routine", "The list of commands to run.")],
        IsBrowsable = false,
    };

    public static ActivityNode Node(ActivityContext parent, string reason) =>
        ActivityNode.Create("fallback", parent.Node.NodeId, TypeName, new JsonObject { ["Reason"] = reason });

    public void Start(ActivityContext context)
    {
        var call = new CallScope(context);
        var plan = call.Plan;
        context.Log($"Taking the fallback: {context.Input<string>("Reason")}", new JsonObject { ["level"] = "warning" });
        var used = context.Variable(UsedVariable) is not null;
        context.SetVariable(UsedVariable, true);
        if (used)
        {
            Apologise(context, plan);
        }
        else if (plan.FallbackRoutine is { ValueKind: JsonValueKind.Array } routine)
        {
            Complete(context, JsonArray.Create(routine)!);
        }
        else if (plan.FallbackUrl is { } url)
        {
            var body = PlaceCall.StatusBody(plan, call.Connection);
            context.State = new JsonObject { ["delivery"] = Callback.Post(context, "fallback", url, body) };
        }
        else
        {
            Apologise(context, plan);
        }
    }

    public void Resume(ActivityContext context, ActivitySignal signal)
    {
        var reply = Callback.Accept(context, signal);
        if (reply.Routine is { } routine)
        {
            Complete(context, routine);
        }
        else
        {
            context.Log($"The fallback URL gave no routine: {reply.Problem ?? "none in the reply"}", new JsonObject { ["level"] = "warning" });
            Apologise(context, new CallScope(context).Plan);
        }
    }

    public void Cancel(ActivityContext context)
    {
        if (context.State.Text("delivery") is { } delivery)
        {
            Callback.Abandon(context, delivery);
        }
    }

    private static void Apologise(ActivityContext context, CallPlan plan)
    {
        context.Log("The call is given up with an apology.", new JsonObject { ["level"] = "warning" });
        Complete(context, [new JsonObject { ["name"] = "Say", ["text"] = plan.Apology }, new JsonObject { ["name"] = "HangUp" }]);
    }

    private static void Complete(ActivityContext context, JsonNode routine) =>
        context.Complete("Done", new JsonObject { [Ending.RoutineOutput] = routine });

    private static void Complete(ActivityContext context, JsonArray routine) => Complete(context, (JsonNode)routine);
}
