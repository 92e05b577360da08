using System.Text.Json;
using System.Text.Json.Nodes;

namespace Sift.Workflows.Journal;

/// <summary>Between the two JSON models of .NET.</summary>
internal static class JsonValues
{
    /// <summary>A node of its own that does not keep the element's document alive.</summary>
    public static JsonNode? From(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Null or JsonValueKind.Undefined => null,
        JsonValueKind.String => JsonValue.Create(element.GetString()),
        JsonValueKind.True => JsonValue.Create(true),
        JsonValueKind.False => JsonValue.Create(false),
        JsonValueKind.Object => JsonObject.Create(element.Clone()),
        JsonValueKind.Array => JsonArray.Create(element.Clone()),
        _ => JsonValue.Create(element.Clone()),
    };

    public static JsonElement ToElement(JsonNode? node)
    {
        if (node is null) return default;
        if (node is JsonValue value && value.TryGetValue(out JsonElement backing)) return backing;
        return JsonSerializer.SerializeToElement(node, JsonValuesContext.Default.JsonNode);
    }
}

[System.Text.Json.Serialization.JsonSerializable(typeof(JsonNode))]
internal sealed partial class JsonValuesContext : System.Text.Json.Serialization.JsonSerializerContext;
