using System.Text.Json.Nodes;
using Sift.Workflows.Definitions;

namespace Sift.Workflows.Activities.Flow;

/// <summary>Where branches meet. The flowchart decides when it starts; starting, it is done.</summary>
internal sealed class Join : IActivity
{
    public const string TypeName = "Sift.Join";

    public ActivityDescriptor Descriptor { get; } =
        new(TypeName, 1, FlowActivities.Category, "Join", "Waits for all branches that are still under way, or for the first one and stops the others.")
        {
            Inputs =
            [
                new InputDescriptor("Mode", "String", "Mode", "WaitAll, or WaitAny: the first to arrive goes on and the others are stopped.", "dropdown", "\"WaitAll\"")
                {
                    Options = ["WaitAll", "WaitAny"],
                },
            ],
        };

    public void Start(ActivityContext context) => context.Complete();

    public static bool WaitsForAll(ActivityNode node) =>
        node.Json["mode"] is not JsonObject mode || mode["expression"]?["value"] is not JsonValue value
        || !value.TryGetValue(out string? text) || !text.Equals("WaitAny", StringComparison.OrdinalIgnoreCase);
}
