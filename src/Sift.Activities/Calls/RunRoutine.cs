using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sift.Activities.Routines;
using Sift.Workflows.Activities;
using Sift.Workflows.Definitions;

namespace Sift.Activities.Calls;

/// <summary>
/// Runs a routine, command by command, each as a child. A routine in the reply to a Done callback replaces the rest. When there is
/// nothing left the call is hung up.
/// </summary>
internal sealed class RunRoutine(RoutineParser parser) : IActivity
{
    public const string TypeName = "Sift.RunRoutine";

    private const string FallbackSlot = "fallback";
    private const string HangUpSlot = "hangup";

    public ActivityDescriptor Descriptor { get; } = new(TypeName, 1, "Call", "Run routine", "Runs a list of commands, then hangs up.")
    {
        Inputs = [new(Ending.RoutineOutput, "Object", "Routine", "The list of commands.", "json-editor")],
    };

    public void Start(ActivityContext context) => Begin(context, context.ReadInput(Ending.RoutineOutput, static routine => routine));

    public void ChildCompleted(ActivityContext context, ChildCompletion child)
    {
        if (child.Outputs?[Ending.ProblemOutput] is JsonValue problem)
        {
            context.Schedule(Fallback.Node(context, problem.GetValue<string>()), FallbackSlot);
        }
        else if (child.Outputs?[Ending.RoutineOutput] is { } routine)
        {
            Begin(context, routine.DeepClone(), isReplacement: true);
        }
        else if (child.Slot != HangUpSlot)
        {
            Continue(context, int.Parse(child.Slot!, CultureInfo.InvariantCulture) + 1);
        }
        else
        {
            context.Complete();
        }
    }

    public bool ChildFaulted(ActivityContext context, ChildFault fault)
    {
        if (fault.Slot is HangUpSlot or FallbackSlot)
        {
            return false;
        }

        context.Schedule(Fallback.Node(context, fault.Message), FallbackSlot);
        return true;
    }

    private void Begin(ActivityContext context, JsonNode? routine, bool isReplacement = false)
    {
        var result = Read(routine);
        if (!result.IsValid)
        {
            var errors = new JsonArray([.. result.Errors.Select(static error => (JsonNode)error.ToString())]);
            context.Log("The routine was refused.", new JsonObject { ["level"] = "error", ["errors"] = errors });
            context.Schedule(Fallback.Node(context, "the routine was refused: " + result.Errors[0]), FallbackSlot);
            return;
        }

        if (isReplacement)
        {
            context.State = new JsonObject { ["routine"] = routine?.DeepClone() };
        }

        Schedule(context, result.Commands.Count > 0 ? result.Commands[0] : null, 0);
    }

    private void Continue(ActivityContext context, int index)
    {
        var command = context.State is JsonObject state
            ? CommandAt(state["routine"], index)
            : context.ReadInput(Ending.RoutineOutput, routine => CommandAt(routine, index));
        Schedule(context, command, index);
    }

    // Begin has read the whole routine; one command after the other needs no more than itself.
    private RoutineCommand? CommandAt(JsonNode? routine, int index) =>
        (routine as JsonArray ?? (routine as JsonObject)?["routine"] as JsonArray) is { } list && index < list.Count ? parser.ParseCommand(list[index]) : null;

    private static void Schedule(ActivityContext context, RoutineCommand? next, int index)
    {
        if (next is var (command, arguments))
        {
            context.Schedule(command.Shape.ToNode($"{command.Shape.Name}{index + 1}", context.Node.NodeId, arguments), index.ToString(CultureInfo.InvariantCulture));
        }
        else
        {
            context.Log("The routine has run out; the call is hung up.");
            context.Schedule(ActivityNode.Create("hangup", context.Node.NodeId, "Sift.HangUp", []), HangUpSlot);
        }
    }

    private RoutineResult Read(JsonNode? routine) =>
        routine is null ? RoutineResult.Refused("$", "must be a list of commands") : parser.Parse(JsonSerializer.SerializeToElement(routine));
}
