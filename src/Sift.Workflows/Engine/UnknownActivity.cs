using System.Text.Json.Nodes;
using Sift.Workflows.Activities;
using Sift.Workflows.Definitions;

namespace Sift.Workflows.Engine;

/// <summary>Stands in for a node whose type nobody implements, so that the fault has an execution to belong to.</summary>
internal sealed class UnknownActivity : IActivity
{
    public const string TypeName = "Elsa.NotFoundActivity";

    public ActivityDescriptor Descriptor { get; } =
        new(TypeName, 1, "Flow", "Unknown activity", "An activity whose type this server does not know.") { IsBrowsable = false };

    public static ActivityNode Replace(ActivityNode node)
    {
        var json = new JsonObject { ["id"] = node.Id, ["type"] = TypeName, ["version"] = 1, ["originalType"] = node.Type };
        return new ActivityNode(node.Id, node.NodeId, TypeName, 1, json);
    }

    public void Start(ActivityContext context) => context.Fault("The activity's type is not known");
}
