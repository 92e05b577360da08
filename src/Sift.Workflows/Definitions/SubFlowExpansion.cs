using System.Text.Json.Nodes;
using Sift.Workflows.Activities.Flow;

namespace Sift.Workflows.Definitions;

/// <summary>Puts the published version of each flow that a definition runs as a step into the definition itself.</summary>
internal static class SubFlowExpansion
{
    /// <summary>A copy with all of them in it, and what stands in the way.</summary>
    public static async ValueTask<(WorkflowDefinition Definition, IReadOnlyList<DefinitionProblem> Problems)> ExpandAsync(
        WorkflowDefinition definition, IDefinitionStore store, CancellationToken cancellationToken)
    {
        if (!Uses(definition.Json["root"])) return (definition, []);

        var problems = new List<DefinitionProblem>();
        var json = (JsonObject)definition.Json.DeepClone();
        var root = (JsonObject)json["root"]!;
        await ExpandAsync(root, root, [definition.DefinitionId], definition.AccountId, store, problems, cancellationToken).ConfigureAwait(false);
        return (WorkflowDefinition.Parse(json, definition.IsFrozen, definition.AccountId), problems);
    }

    private static bool Uses(JsonNode? activity) =>
        activity is JsonObject json && (IsSubFlow(json) || (json["activities"] is JsonArray children && children.Any(Uses)));

    private static bool IsSubFlow(JsonObject activity) => activity["type"] is JsonValue type && type.TryGetValue(out string? name) && name == SubFlow.TypeName;

    private static async ValueTask ExpandAsync(
        JsonObject activity, JsonObject top, IReadOnlyList<string> path, string? accountId, IDefinitionStore store, List<DefinitionProblem> problems, CancellationToken cancellationToken)
    {
        if (IsSubFlow(activity))
        {
            activity.Remove("activities");
            var id = (activity["id"] as JsonValue)?.ToString();
            if (FlowOf(activity) is not { } flow) return;
            if (path.Contains(flow))
            {
                problems.Add(new DefinitionProblem(id, $"{NameOf(activity)}: the flow '{flow}' runs itself."));
                return;
            }

            var published = await store.FindPublishedAsync(flow, cancellationToken).ConfigureAwait(false);
            if (published is null || (published.AccountId is not null && published.AccountId != accountId))
            {
                problems.Add(new DefinitionProblem(id, $"{NameOf(activity)}: no version of the flow '{flow}' is published."));
                return;
            }

            var body = (JsonObject)published.Json["root"]!.DeepClone();
            activity["activities"] = new JsonArray(body);
            TakeVariables(published.Json["variables"], top);
            TakeVariables(body["variables"], top);
            path = [.. path, flow];
        }

        foreach (var child in (activity["activities"] as JsonArray)?.OfType<JsonObject>().ToArray() ?? [])
        {
            await ExpandAsync(child, top, path, accountId, store, problems, cancellationToken).ConfigureAwait(false);
        }
    }

    // Variables are the instance's: a name that both flows use is one variable.
    private static void TakeVariables(JsonNode? from, JsonObject top)
    {
        if (from is not JsonArray variables) return;
        if (top["variables"] is not JsonArray known) top["variables"] = known = [];
        foreach (var variable in variables.OfType<JsonObject>())
        {
            var name = variable["name"]?.ToString();
            if (!known.OfType<JsonObject>().Any(other => other["name"]?.ToString() == name)) known.Add(variable.DeepClone());
        }
    }

    private static string? FlowOf(JsonObject activity) =>
        activity["flow"]?["expression"]?["value"] is JsonValue value && value.TryGetValue(out string? flow) && flow.Length > 0 ? flow : null;

    private static string NameOf(JsonObject activity) => activity["name"]?.ToString() ?? SubFlow.TypeName;
}
