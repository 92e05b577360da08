using System.Text.Json.Nodes;

namespace Sift.Web.Studio.Descriptors;

/// <summary>What the editor offers: activities, kinds of expressions, strategies, types. Only what the engine really does is listed.</summary>
internal static class DescriptorEndpoints
{
    private const string Storage = "Sift.InstanceStorage";

    private static readonly (string Type, string Name)[] VariableTypes =
        [("String", "Text"), ("Int32", "Whole number"), ("Double", "Number"), ("Boolean", "Yes or no"), ("Object", "JSON")];

    public static void Map(IEndpointRouteBuilder api)
    {
        api.MapGet("/descriptors/activities", static (ActivityDescriptorAnswer answer, HttpContext http) =>
        {
            http.Response.Headers.CacheControl = "no-store";
            return Results.Bytes(answer.Json, "application/json; charset=utf-8");
        });

        // Input values come from the descriptors themselves, none of which asks for a refresh.
        api.MapPost("/descriptors/activities/{type}/options/{property}", static () => StudioJson.Ok(new JsonObject { ["items"] = new JsonObject() }));
        api.MapGet("/descriptors/expression-descriptors", static () => StudioJson.Items(
        [
            Expression("Literal", "Literal", false),
            Expression("Object", "JSON", false),
            Expression("Variable", "Variable", true),
            Expression("Input", "Input", true),
            Expression("Template", "Template", true, ("UIHint", "multiline")),
        ]));
        api.MapGet("/descriptors/workflow-activation-strategies", static () => StudioJson.Items([Strategy("Sift.Always", "Always", "Every call and every run starts an instance of its own.")]));
        api.MapGet("/descriptors/incident-strategies", static () => StudioJson.Items(
            [Strategy("Sift.Fault", "Fault", "A failed activity follows its Faulted port; without one the instance faults and can be retried from there.")]));
        api.MapGet("/descriptors/log-persistence-strategies", static () => StudioJson.Items([Strategy("Sift.Journal", "Journal", "Everything is kept in the journal, sensitive values masked.")]));
        api.MapGet("/descriptors/commit-strategies/workflows", static () => StudioJson.Items([]));
        api.MapGet("/descriptors/commit-strategies/activities", static () => StudioJson.Items([]));
        api.MapGet("/descriptors/storage-drivers", static () => StudioJson.Items(
            [new JsonObject { ["typeName"] = Storage, ["displayName"] = "Instance", ["priority"] = 0, ["deprecated"] = false }]));
        api.MapGet("/descriptors/variables", static () => StudioJson.Items([.. VariableTypes.Select(type => (JsonNode)new JsonObject
        {
            ["typeName"] = type.Type,
            ["displayName"] = type.Name,
            ["category"] = "Values",
            ["description"] = null,
        })]));
        api.MapGet("/descriptors/output-converters", static () => StudioJson.Items([]));
        api.MapGet("/features/installed", static () => StudioJson.Items(
        [
            new JsonObject
            {
                ["name"] = "RealTimeWorkflowUpdates",
                ["namespace"] = "Elsa",
                ["fullName"] = "Elsa.RealTimeWorkflowUpdates",
                ["displayName"] = "Live updates",
                ["description"] = "The viewer follows a call as it goes on.",
            },
        ]));

        // There is no JavaScript to declare types for; the answer is fed to the editor as it is, so it must be empty.
        api.MapPost("/scripting/javascript/type-definitions/{definitionId}", static () => Results.Text("", "application/x-typescript"));
    }

    private static JsonObject Expression(string type, string name, bool isBrowsable, params (string Name, string Value)[] properties) => new()
    {
        ["type"] = type,
        ["displayName"] = name,
        ["isSerializable"] = true,
        ["isBrowsable"] = isBrowsable,
        ["properties"] = new JsonObject(properties.Select(property => KeyValuePair.Create(property.Name, (JsonNode?)property.Value))),
    };

    private static JsonObject Strategy(string type, string name, string description) =>
        new() { ["typeName"] = type, ["displayName"] = name, ["description"] = description };
}
