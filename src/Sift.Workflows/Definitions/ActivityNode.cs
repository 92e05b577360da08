using System.Text.Json;
using System.Text.Json.Nodes;

namespace Sift.Workflows.Definitions;

/// <summary>One activity of a definition, or a child made at run time. The JSON is Elsa 3's and is kept whole, unknown members too.</summary>
/// <remarks>Compared by reference: two nodes of equal content are still two places in a flow. The JSON must not be changed.</remarks>
/// <param name="Id">Unique within the definition.</param>
/// <param name="NodeId">Path of ids from the root, joined with <c>:</c>.</param>
/// <param name="Type">Activity type name, for example <c>Sift.Say</c>.</param>
/// <param name="Json">The activity object as stored: wrapped inputs, metadata, custom properties.</param>
public sealed record ActivityNode(string Id, string NodeId, string Type, int Version, JsonObject Json)
{
    private IReadOnlyList<ActivityNode>? _children;

    /// <summary>The activity's name, by which templates address its outputs; the id when it has none.</summary>
    public string Name { get; } = Json["name"] is JsonValue name && name.TryGetValue(out string? text) && text.Length > 0 ? text : Id;

    /// <summary>The nodes under <c>activities</c>.</summary>
    public IReadOnlyList<ActivityNode> Children => _children ??= ParseChildren();

    /// <summary>What the engine worked out about this node, remembered by its owner.</summary>
    internal NodePlan? Plan { get; set; }

    /// <summary>What a composite activity worked out about this node's JSON.</summary>
    internal object? Structure { get; set; }

    /// <summary>Reads an activity object. Missing ids are made from its place.</summary>
    public static ActivityNode Parse(JsonObject json, string? parentNodeId, int position = 0)
    {
        var type = Text(json, "type") ?? "";
        var id = Text(json, "id") ?? $"{(type.Length == 0 ? "activity" : type)}{position + 1}";
        var version = json["version"] is JsonValue v && v.TryGetValue(out int number) ? number : 1;
        return new ActivityNode(id, parentNodeId is null ? id : $"{parentNodeId}:{id}", type, version, json);
    }

    /// <summary>
    /// A child made at run time. <paramref name="inputs"/> are plain JSON values by input name; they are taken as they are, without
    /// templates or conversion of texts.
    /// </summary>
    public static ActivityNode Create(string id, string parentNodeId, string type, JsonObject inputs)
    {
        var json = new JsonObject { ["id"] = id, ["nodeId"] = $"{parentNodeId}:{id}", ["type"] = type, ["version"] = 1 };
        foreach (var (name, value) in inputs)
        {
            json[JsonNamingPolicy.CamelCase.ConvertName(name)] = new JsonObject
            {
                ["typeName"] = null,
                ["expression"] = new JsonObject { ["type"] = "Value", ["value"] = value?.DeepClone() },
            };
        }

        return new ActivityNode(id, $"{parentNodeId}:{id}", type, 1, json);
    }

    public bool Equals(ActivityNode? other) => ReferenceEquals(this, other);

    public override int GetHashCode() => NodeId.GetHashCode(StringComparison.Ordinal);

    /// <summary>A member of <c>customProperties</c> that is true.</summary>
    internal bool Flag(string name) =>
        Json["customProperties"] is JsonObject properties && properties[name] is JsonValue value && value.GetValueKind() == JsonValueKind.True;

    private static string? Text(JsonObject json, string name) =>
        json[name] is JsonValue value && value.TryGetValue(out string? text) && text.Length > 0 ? text : null;

    private IReadOnlyList<ActivityNode> ParseChildren()
    {
        if (Json["activities"] is not JsonArray array) return [];

        var children = new List<ActivityNode>(array.Count);
        foreach (var item in array)
        {
            if (item is JsonObject child) children.Add(Parse(child, NodeId, children.Count));
        }

        return children;
    }
}
