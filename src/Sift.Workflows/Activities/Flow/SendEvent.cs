using System.Text.Json.Nodes;

namespace Sift.Workflows.Activities.Flow;

/// <summary>Sends a named event to an instance.</summary>
internal sealed class SendEvent : IActivity
{
    /// <summary>The effect by which the runtime hands a signal to an instance: <c>instance</c>, <c>name</c>, <c>key</c>, <c>payload</c>.</summary>
    public const string EffectType = "workflow.signal";

    public ActivityDescriptor Descriptor { get; } =
        new("Sift.SendEvent", 1, FlowActivities.Events, "Send event", "Sends an event to a flow that waits for it.")
        {
            Inputs =
            [
                new InputDescriptor("Event", "String", "Event", "The name of the event.", "singleline") { IsRequired = true },
                new InputDescriptor("Instance", "String", "Instance", "The id of the instance; empty for this one.", "singleline"),
                new InputDescriptor("Key", "String", "Key", "The key of the event; empty for none.", "singleline"),
                new InputDescriptor("Payload", "Object", "Payload", "What to send along.", "json-editor"),
            ],
        };

    public void Start(ActivityContext context)
    {
        if (context.Input<string>("Event") is not { Length: > 0 } name)
        {
            context.Fault("Input 'Event' is missing");
            return;
        }

        var payload = new JsonObject
        {
            ["instance"] = context.Input<string>("Instance") is { Length: > 0 } other ? other : context.InstanceId,
            ["name"] = WaitForEvent.SignalOf(name),
            ["key"] = context.Input<string>("Key") is { Length: > 0 } key ? key : null,
            ["payload"] = context.Input("Payload"),
        };
        context.Request(new Effect(EffectType, payload, EffectGuarantee.Committed));
        context.Complete();
    }
}
