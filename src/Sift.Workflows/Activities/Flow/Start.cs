namespace Sift.Workflows.Activities.Flow;

/// <summary>Marks where a flowchart begins.</summary>
internal sealed class Start : IActivity
{
    public const string TypeName = "Sift.Start";

    public ActivityDescriptor Descriptor { get; } =
        new(TypeName, 1, FlowActivities.Category, "Start", "Where the flow begins.") { IsStart = true };

    void IActivity.Start(ActivityContext context) => context.Complete();
}
