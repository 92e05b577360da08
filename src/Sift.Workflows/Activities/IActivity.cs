using System.Text.Json;
using System.Text.Json.Nodes;
using Sift.Workflows.Journal;

namespace Sift.Workflows.Activities;

/// <summary>
/// One kind of activity. An instance of this class is shared by all executions and holds no state of its own: what must outlive a
/// crash goes into the journal through the context. Every method runs to its end without waiting; a wait is a bookmark or a timer.
/// Given the same context and signal it must decide the same, because histories are replayed.
/// </summary>
public interface IActivity
{
    /// <summary>Name, inputs, outputs and outcomes, for the engine and for designers.</summary>
    ActivityDescriptor Descriptor { get; }

    /// <summary>Begins one execution.</summary>
    void Start(ActivityContext context);

    /// <summary>A signal this execution waits for arrived, or one of its timers fell due.</summary>
    void Resume(ActivityContext context, ActivitySignal signal)
    {
    }

    /// <summary>A child this execution scheduled has completed.</summary>
    void ChildCompleted(ActivityContext context, ChildCompletion child)
    {
    }

    /// <summary>
    /// A child, or something below it that nothing nearer handled, has failed. True when this execution goes on without the child, of which
    /// whatever still runs is then cancelled; false, having done nothing, hands the fault on to the parent, in the end to the instance.
    /// </summary>
    bool ChildFaulted(ActivityContext context, ChildFault fault) => false;

    /// <summary>The execution is cancelled: request the effects that stop what it started. Its bookmarks and timers go by themselves.</summary>
    void Cancel(ActivityContext context)
    {
    }
}

/// <summary>A signal that resumes an execution.</summary>
/// <param name="Name">What was waited for, or <c>timer</c>.</param>
/// <param name="Key">The correlation key of the signal, or the timer's name; null when none.</param>
public readonly record struct ActivitySignal(string Name, string? Key)
{
    /// <summary>What came with it; its kind is Undefined when nothing came, as for a timer. Made anew each time it is asked for.</summary>
    public JsonElement Payload => JsonValues.ToElement(Journalled);

    internal JsonNode? Journalled { get; init; }

    /// <summary>The text of that name in <see cref="Payload"/>; null when it holds none.</summary>
    public string? Text(string name) =>
        Journalled is JsonObject payload && payload[name] is JsonValue value && value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : null;
}

/// <summary>How a child ended.</summary>
/// <param name="Slot">The name the parent scheduled it under.</param>
/// <param name="Outcome">The outcome port, for example <c>Done</c>.</param>
public readonly record struct ChildCompletion(string ExecutionId, string NodeId, string? Slot, string Outcome, JsonObject? Outputs);

/// <summary>How a child failed.</summary>
/// <param name="ExecutionId">The direct child of the execution that is asked.</param>
/// <param name="Slot">The name that child was scheduled under.</param>
public readonly record struct ChildFault(string ExecutionId, string NodeId, string? Slot, string Message);
