using System.Text.Json.Nodes;
using Sift.Web.Storage;
using Sift.Workflows.Activities;
using Sift.Workflows.Definitions;

namespace Sift.Web.Studio.Definitions;

/// <summary>Definitions in the form that Studio draws without complaint (contract 6.2), and back.</summary>
internal sealed class DefinitionAnswers(DefinitionStore store, ActivityCatalog catalog)
{
    private const string SubFlowType = "Sift.SubFlow";
    private const string NotFoundType = "Elsa.NotFoundActivity";
    private const string OriginalType = "siftOriginalType";
    private const string OriginalVersion = "siftOriginalVersion";
    private const string Schema = "https://elsaworkflows.io/schemas/workflow-definition/v3.0.0/schema.json";

    /// <summary>The version that query options name, if the account may see it.</summary>
    public async ValueTask<WorkflowDefinition?> FindAsync(string accountId, string definitionId, string? versionOptions, CancellationToken cancellationToken)
    {
        var versions = await store.VersionsAsync(definitionId, cancellationToken);
        if (versions.Count == 0 || !IsVisible(versions[^1], accountId))
        {
            return null;
        }

        return versionOptions switch
        {
            "Published" => versions.LastOrDefault(version => version.IsPublished),
            "LatestOrPublished" => versions.LastOrDefault(version => version.IsPublished) ?? versions[^1],
            "Draft" => versions[^1].IsPublished ? null : versions[^1],
            { Length: > 0 } number when int.TryParse(number, out var wanted) => versions.FirstOrDefault(version => version.Version == wanted),
            _ => versions[^1],
        };
    }

    /// <summary>A version by its own id, deleted ones too: calls still show them.</summary>
    public async ValueTask<WorkflowDefinition?> FindVersionAsync(string accountId, string versionId, CancellationToken cancellationToken) =>
        await store.FindVersionAsync(versionId, cancellationToken) is { } found && IsVisible(found, accountId) ? found : null;

    /// <summary>The latest version of a flow that the account may change; null for flows of others and of the server.</summary>
    public async ValueTask<WorkflowDefinition?> FindOwnAsync(string accountId, string definitionId, CancellationToken cancellationToken) =>
        await FindAsync(accountId, definitionId, null, cancellationToken) is { } found && found.AccountId == accountId ? found : null;

    public static bool IsVisible(WorkflowDefinition definition, string accountId) => definition.AccountId is null || definition.AccountId == accountId;

    public JsonObject Full(WorkflowDefinition definition, string accountId)
    {
        var json = (JsonObject)definition.Json.DeepClone();
        json["links"] = Links(definition.AccountId == accountId && definition.IsLatest, definition.DefinitionId);
        json["materializerName"] ??= "Json";
        json["isReadonly"] = definition.AccountId != accountId;
        json["isSystem"] ??= false;
        if (!System.Version.TryParse(json["toolVersion"] as JsonValue is { } tool && tool.TryGetValue(out string? text) ? text : null, out _))
        {
            json["toolVersion"] = null;
        }

        // Null in place of these raises the page's error bar.
        json["options"] ??= new JsonObject();
        json["customProperties"] ??= new JsonObject();
        foreach (var list in (ReadOnlySpan<string>)["variables", "inputs", "outputs", "outcomes"])
        {
            json[list] ??= new JsonArray();
        }

        if (json["root"] is JsonObject root)
        {
            Known(root);
        }

        return json;
    }

    public static JsonObject Summary(DefinitionRow row, string accountId) => new()
    {
        ["links"] = Links(row.AccountId == accountId, row.DefinitionId),
        ["id"] = row.Id,
        ["definitionId"] = row.DefinitionId,
        ["name"] = row.Name,
        ["description"] = row.Description,
        ["version"] = row.Version,
        ["isLatest"] = row.IsLatest,
        ["isPublished"] = row.IsPublished,
        ["isReadonly"] = row.AccountId != accountId,
        ["createdAt"] = row.CreatedAt,
        ["materializerName"] = "Json",
        ["isMaterializerAvailable"] = true,
    };

    public static JsonObject Summary(WorkflowDefinition definition, string accountId) => Summary(
        new DefinitionRow(
            definition.Id, definition.DefinitionId, definition.Version, definition.AccountId, definition.Name, definition.Description,
            definition.IsPublished, definition.IsLatest, definition.IsFrozen, definition.CreatedAt),
        accountId);

    public JsonObject Saved(WorkflowDefinition definition, string accountId, bool alreadyPublished = false) => new()
    {
        ["workflowDefinition"] = Full(definition, accountId),
        ["alreadyPublished"] = alreadyPublished,
        ["consumingWorkflowCount"] = 0,
        ["validationErrors"] = new JsonArray(),
    };

    /// <summary>As a file: what an import, also of Elsa itself, recognises as a definition.</summary>
    public static JsonObject Exported(WorkflowDefinition definition)
    {
        var json = new JsonObject { ["$schema"] = Schema };
        foreach (var (name, value) in definition.Json)
        {
            if (name is not ("links" or "$schema"))
            {
                json[name] = value?.DeepClone();
            }
        }

        return json;
    }

    /// <summary>What a person saves, with vanished activities back under their own names.</summary>
    public static JsonObject Incoming(JsonObject model)
    {
        var json = (JsonObject)model.DeepClone();
        json.Remove("links");
        json.Remove("$schema");
        if (json["root"] is JsonObject root)
        {
            Restore(root);
        }

        return json;
    }

    private static JsonArray Links(bool mayChange, string definitionId) =>
        mayChange ? [new JsonObject { ["href"] = $"/workflow-definitions/{definitionId}/publish", ["rel"] = "publish", ["method"] = "POST" }] : [];

    // A type and version without a descriptor leaves the whole canvas empty, without a message.
    private void Known(JsonObject activity)
    {
        var type = activity.Text("type") ?? "";
        var version = activity.Number("version") ?? 1;
        if (catalog.Find(type, version) is not { } found)
        {
            Properties(activity)[OriginalType] = type;
            Properties(activity)[OriginalVersion] = version;
            activity["type"] = NotFoundType;
            activity["version"] = 1;
        }
        else if (found.Descriptor.Version != version)
        {
            activity["version"] = found.Descriptor.Version;
        }

        // The other flow inside a sub flow is what instances follow; the designer shows the step alone.
        if (type == SubFlowType)
        {
            activity.Remove("activities");
        }

        foreach (var child in (activity["activities"] as JsonArray)?.OfType<JsonObject>() ?? [])
        {
            Known(child);
        }
    }

    private static void Restore(JsonObject activity)
    {
        if (activity.Text("type") == NotFoundType && activity["customProperties"] is JsonObject properties && properties.Text(OriginalType) is { } type)
        {
            activity["type"] = type;
            activity["version"] = properties.Number(OriginalVersion) ?? 1;
            properties.Remove(OriginalType);
            properties.Remove(OriginalVersion);
        }

        foreach (var child in (activity["activities"] as JsonArray)?.OfType<JsonObject>() ?? [])
        {
            Restore(child);
        }
    }

    private static JsonObject Properties(JsonObject activity)
    {
        if (activity["customProperties"] is not JsonObject properties)
        {
            activity["customProperties"] = properties = [];
        }

        return properties;
    }
}
