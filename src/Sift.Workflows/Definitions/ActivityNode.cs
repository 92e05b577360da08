using System.Text.Json.Nodes;

namespace Sift.Workflows.Definitions;

/// <summary>One activity of a definition, or a child made at run time. The JSON is Elsa 3's and is kept whole, unknown members too.</summary>
/// <param name="Id">Unique within the definition.</param>
/// <param name="Type">Activity type name, for example <c>Sift.Say</c>.</param>
/// <param name="Json">The activity object as stored: wrapped inputs, metadata, custom properties.</param>
public sealed record ActivityNode(string Id, string NodeId, string Type, int Version, JsonObject Json);
