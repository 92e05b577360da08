using Sift.Workflows.Engine;

namespace Sift.Workflows.Activities.Flow;

/// <summary>The activities every catalogue has.</summary>
internal static class FlowActivities
{
    public static IEnumerable<IActivity> All() =>
    [
        new Flowchart(), new Sequence(), new Start(), new End(), new If(), new Switch(), new Fork(), new Join(), new Delay(),
        new SetVariable(), new Log(), new WaitForEvent(), new SendEvent(), new SubFlow(), new UnknownActivity(),
    ];

    public const string Category = "Flow";

    public const string Data = "Data";

    public const string Events = "Events";
}
