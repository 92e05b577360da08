namespace Sift.Workflows.Activities.Flow;

/// <summary>Ends the whole instance, whatever else runs in it.</summary>
internal sealed class End : IActivity
{
    public ActivityDescriptor Descriptor { get; } =
        new("Sift.End", 1, FlowActivities.Category, "End", "Ends the flow, stopping whatever else still runs in it.")
        {
            IsTerminal = true,
            Outcomes = [],
            Inputs = [new InputDescriptor("Reason", "String", "Reason", "Why it ends, for the journal.", "singleline", "\"Finished\"")],
        };

    public void Start(ActivityContext context) => context.Finish(context.Input<string>("Reason") ?? "Finished");
}
