using System.Text.Json.Nodes;

namespace Sift.Workflows.Activities.Flow;

/// <summary>Runs its activities one after another.</summary>
internal sealed class Sequence : IActivity
{
    public const string TypeName = "Elsa.Sequence";

    public ActivityDescriptor Descriptor { get; } =
        new(TypeName, 1, FlowActivities.Category, "Sequence", "Runs its activities one after another.") { IsContainer = true, IsBrowsable = false };

    public void Start(ActivityContext context) => Run(context, 0);

    public void ChildCompleted(ActivityContext context, ChildCompletion child) => Run(context, (context.State?.GetValue<int>() ?? 0) + 1);

    private static void Run(ActivityContext context, int index)
    {
        var children = context.Node.Children;
        if (index >= children.Count)
        {
            context.Complete();
            return;
        }

        if (index > 0) context.State = JsonValue.Create(index);
        context.Schedule(children[index]);
    }
}
