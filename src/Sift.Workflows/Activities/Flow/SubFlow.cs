namespace Sift.Workflows.Activities.Flow;

/// <summary>
/// Runs another flow as one step. The other flow is put into this one when it is published, so that an instance follows what was published
/// with it, whatever becomes of the other flow later. Both share the instance: its call, its variables, its journal.
/// </summary>
internal sealed class SubFlow : IActivity
{
    public const string TypeName = "Sift.SubFlow";
    public const string FlowInput = "Flow";

    public ActivityDescriptor Descriptor { get; } =
        new(TypeName, 1, FlowActivities.Category, "Sub flow", "Runs another published flow and goes on when nothing in it runs any more.")
        {
            Inputs = [new InputDescriptor(FlowInput, "String", "Flow", "The flow to run. A later version of it is taken when this flow is published again.", "workflow-definition-picker") { IsRequired = true }],
        };

    public void Start(ActivityContext context)
    {
        if (context.Node.Children is [{ } root, ..]) context.Schedule(root);
        else context.Fault("The other flow was not published when this one was");
    }

    public void ChildCompleted(ActivityContext context, ChildCompletion child) => context.Complete();
}
