using System.Text.Json.Nodes;
using Sift.Workflows.Definitions;

namespace Sift.Web.Workflows;

/// <summary>
/// Breakpoints as people set them: a check box on every activity of the designer, kept in the definition like any other input. The engine
/// does not know it; a test run is told which activities hold it.
/// </summary>
internal static class Breakpoints
{
    public const string InputName = "Breakpoint";

    private const string Member = "breakpoint";

    /// <summary>Node ids of the activities whose box is ticked.</summary>
    public static IReadOnlyList<string> MarkedIn(WorkflowGraph graph) => [.. graph.Nodes.Where(IsMarked).Select(node => node.NodeId)];

    /// <summary>The activity that a person means by its name, id or node id.</summary>
    public static ActivityNode? Find(WorkflowGraph graph, string given) =>
        graph.Find(given) ?? graph.Nodes.FirstOrDefault(node => node.Id == given || node.Name == given);

    private static bool IsMarked(ActivityNode node) =>
        node.Json[Member] is JsonObject input && input["expression"] is JsonObject expression && expression["value"] is JsonValue value && value.ToString() is "True" or "true";
}
