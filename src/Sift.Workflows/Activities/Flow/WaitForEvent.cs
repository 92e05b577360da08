using System.Text.Json.Nodes;
using Sift.Workflows.Journal;

namespace Sift.Workflows.Activities.Flow;

/// <summary>Waits until someone sends a named event to the instance.</summary>
internal sealed class WaitForEvent : IActivity
{
    public ActivityDescriptor Descriptor { get; } =
        new("Sift.WaitForEvent", 1, FlowActivities.Events, "Wait for event", "Waits for an event sent by the API or by another flow.")
        {
            Inputs =
            [
                new InputDescriptor("Event", "String", "Event", "The name of the event.", "singleline") { IsRequired = true },
                new InputDescriptor("Key", "String", "Key", "Only events with this key; empty for all.", "singleline"),
                new InputDescriptor("Seconds", "Double", "Seconds", "How long to wait; empty for ever.", "singleline"),
            ],
            Outputs = [new OutputDescriptor("Payload", "Object", "Payload", "What was sent along.")],
            Outcomes = ["Done", "Timeout"],
        };

    /// <summary>The signal name of an event.</summary>
    public static string SignalOf(string eventName) => "event." + eventName;

    public void Start(ActivityContext context)
    {
        if (context.Input<string>("Event") is not { Length: > 0 } name)
        {
            context.Fault("Input 'Event' is missing");
            return;
        }

        context.WaitFor(SignalOf(name), context.Input<string>("Key") is { Length: > 0 } key ? key : null);
        if (context.Input<double?>("Seconds") is { } seconds) context.StartTimer("timeout", TimeSpan.FromSeconds(Math.Clamp(seconds, 0, MaxSeconds)));
    }

    public void Resume(ActivityContext context, ActivitySignal signal)
    {
        if (signal.Name == "timer") context.Complete("Timeout");
        else context.Complete("Done", new JsonObject { ["Payload"] = signal.Journalled?.DeepClone() });
    }

    private const double MaxSeconds = 10 * 366 * 86_400d;
}
