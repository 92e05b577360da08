using System.Text.Json;
using System.Text.Json.Nodes;

namespace Sift.Workflows.Definitions;

/// <summary>
/// One version of a flow, in Elsa 3's JSON. The whole object is kept, members that Sift does not know too; it must not be changed in
/// place, the <c>With…</c> methods return changed copies.
/// </summary>
public sealed class WorkflowDefinition
{
    private WorkflowDefinition(JsonObject json)
    {
        Json = json;
        Id = Text("id") ?? "";
        DefinitionId = Text("definitionId") ?? "";
        Version = json["version"] is JsonValue value && value.TryGetValue(out int version) ? version : 1;
    }

    public JsonObject Json { get; }

    /// <summary>Identifies this version.</summary>
    public string Id { get; }

    /// <summary>Identifies the flow over all its versions.</summary>
    public string DefinitionId { get; }

    public string Name => Text("name") ?? DefinitionId;

    public string? Description => Text("description");

    public int Version { get; }

    public bool IsLatest => Flag("isLatest");

    public bool IsPublished => Flag("isPublished");

    public bool IsReadonly => Flag("isReadonly");

    public DateTimeOffset CreatedAt => Json["createdAt"] is JsonValue value && value.TryGetValue(out DateTimeOffset at) ? at : default;

    /// <summary>Was published once: instances may follow it, so it is never overwritten. Not part of the JSON; stores keep it beside.</summary>
    public bool IsFrozen { get; private init; }

    /// <summary>Whose it is; null for one shipped with the server, which everybody sees and nobody changes. Kept beside the JSON too.</summary>
    public string? AccountId { get; private init; }

    /// <summary>Takes a copy, gives every activity its <c>nodeId</c> and the root what Studio leaves out of a new flow.</summary>
    /// <exception cref="DefinitionFormatException">There is no root activity.</exception>
    public static WorkflowDefinition Parse(JsonObject json, bool isFrozen = false, string? accountId = null)
    {
        var copy = (JsonObject)json.DeepClone();
        if (copy["root"] is not JsonObject root || root["type"] is not JsonValue)
        {
            throw new DefinitionFormatException("A definition needs a root activity with a type.");
        }

        FillIn(root, null, 0);
        return new WorkflowDefinition(copy) { IsFrozen = isFrozen, AccountId = accountId };
    }

    /// <exception cref="DefinitionFormatException">Not JSON, or no root activity.</exception>
    public static WorkflowDefinition Parse(ReadOnlySpan<byte> utf8, bool isFrozen = false, string? accountId = null)
    {
        try
        {
            return JsonNode.Parse(utf8, documentOptions: s_tolerant) is JsonObject json
                ? Parse(json, isFrozen, accountId)
                : throw new DefinitionFormatException("A definition is a JSON object.");
        }
        catch (JsonException e)
        {
            throw new DefinitionFormatException($"This is not JSON: {e.Message}");
        }
    }

    /// <summary>A copy with some members of the definition replaced.</summary>
    public WorkflowDefinition With(params ReadOnlySpan<(string Name, JsonNode? Value)> members)
    {
        var copy = (JsonObject)Json.DeepClone();
        foreach (var (name, value) in members) copy[name] = value;
        return new WorkflowDefinition(copy) { IsFrozen = IsFrozen, AccountId = AccountId };
    }

    public WorkflowDefinition AsFrozen() => new(Json) { IsFrozen = true, AccountId = AccountId };

    /// <summary>A draft copy.</summary>
    public WorkflowDefinition AsDraft() => new(Json) { IsFrozen = false, AccountId = AccountId };

    public WorkflowDefinition OwnedBy(string? accountId) => new(Json) { IsFrozen = IsFrozen, AccountId = accountId };

    public byte[] ToUtf8() => JsonSerializer.SerializeToUtf8Bytes(Json, Journal.JsonValuesContext.Default.JsonNode);

    private static void FillIn(JsonObject activity, string? parentNodeId, int position)
    {
        var node = ActivityNode.Parse(activity, parentNodeId, position);
        activity["id"] = node.Id;
        activity["nodeId"] = node.NodeId;
        if (parentNodeId is null)
        {
            activity["activities"] ??= new JsonArray();
            if (node.Type == Activities.Flow.Flowchart.TypeName) activity["connections"] ??= new JsonArray();
        }

        if (activity["activities"] is not JsonArray children) return;
        var index = 0;
        foreach (var child in children)
        {
            if (child is JsonObject item) FillIn(item, node.NodeId, index++);
        }
    }

    private string? Text(string name) => Json[name] is JsonValue value && value.TryGetValue(out string? text) ? text : null;

    private bool Flag(string name) => Json[name] is JsonValue value && value.GetValueKind() == JsonValueKind.True;

    private static readonly JsonDocumentOptions s_tolerant = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };
}

/// <summary>What was given is not a workflow definition.</summary>
public sealed class DefinitionFormatException(string message) : Exception(message);
