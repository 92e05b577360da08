using System.Text.Json;
using System.Text.Json.Nodes;
using Sift.Workflows.Activities;

namespace Sift.Activities.Calls;

/// <summary>How a command ends: its Done callback first, when it has one, then its outcome.</summary>
internal static class Ending
{
    /// <summary>Output of every command: the routine that the reply to its Done callback gave.</summary>
    public const string RoutineOutput = "Routine";

    /// <summary>Output of a command whose Done callback could not be had: why.</summary>
    public const string ProblemOutput = "CallbackProblem";

    public static IReadOnlyList<OutputDescriptor> Outputs { get; } =
    [
        new(RoutineOutput, "Object", "Routine", "The routine in the reply to the Done callback, when it gave one."),
    ];

    /// <summary>Completes, or posts the Done callback and completes when <see cref="Resume"/> has its reply.</summary>
    public static void Finish(ActivityContext context, string? onDone, string outcome, JsonObject outputs, Func<DoneCallbackBody, DoneCallbackBody>? fill = null, bool sensitive = false)
    {
        if (onDone is null)
        {
            context.Complete(outcome, outputs);
            return;
        }

        var body = new DoneCallbackBody(new CallScope(context).Plan.AccountId, context.InstanceId);
        var bytes = JsonSerializer.SerializeToUtf8Bytes(fill is null ? body : fill(body), CallbackJsonContext.Readable.DoneCallbackBody);
        var delivery = Callback.Post(context, "on_done", onDone, bytes, sensitive);
        context.State = new JsonObject { ["delivery"] = delivery, ["outcome"] = outcome, ["outputs"] = outputs };
    }

    /// <summary>True when the signal was the reply to the Done callback, and the execution has completed.</summary>
    public static bool Resume(ActivityContext context, ActivitySignal signal)
    {
        if (signal.Name != CallSignals.Delivery || context.State is not JsonObject state)
        {
            return false;
        }

        var reply = Callback.Accept(context, signal);
        var outputs = state["outputs"]?.DeepClone() as JsonObject ?? [];
        if (reply.Problem is { } problem)
        {
            outputs[ProblemOutput] = problem;
        }
        else if (reply.Routine is { } routine)
        {
            outputs[RoutineOutput] = routine;
        }

        context.Complete(state.Text("outcome") ?? "Done", outputs);
        return true;
    }

    /// <summary>Gives up the Done callback if one is under way. True when it was.</summary>
    public static bool Cancel(ActivityContext context)
    {
        if (context.State.Text("delivery") is not { } delivery)
        {
            return false;
        }

        Callback.Abandon(context, delivery);
        return true;
    }
}
