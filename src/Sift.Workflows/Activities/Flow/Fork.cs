namespace Sift.Workflows.Activities.Flow;

/// <summary>Leaves by all its ports at once.</summary>
internal sealed class Fork : IActivity
{
    public ActivityDescriptor Descriptor { get; } =
        new("Sift.Fork", 1, FlowActivities.Category, "Fork", "Takes all its ways at the same time.")
        {
            Inputs = [new InputDescriptor("Branches", "Object", "Branches", "The names of the ways.", "dynamic-outcomes")],
            Outcomes = ["Done"],
            DynamicOutcomesInput = "Branches",
        };

    public void Start(ActivityContext context) => context.Complete(Flowchart.AllPorts);
}
