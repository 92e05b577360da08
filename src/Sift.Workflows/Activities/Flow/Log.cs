namespace Sift.Workflows.Activities.Flow;

/// <summary>Writes a line into the journal.</summary>
internal sealed class Log : IActivity
{
    public ActivityDescriptor Descriptor { get; } =
        new("Sift.Log", 1, FlowActivities.Data, "Log", "Writes a line into the journal of the instance.")
        {
            Inputs = [new InputDescriptor("Message", "String", "Message", "What to write; templates are filled in.", "multiline") { IsRequired = true }],
        };

    public void Start(ActivityContext context)
    {
        context.Log(context.Input<string>("Message") ?? "");
        context.Complete();
    }
}
