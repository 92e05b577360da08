using System.Text.Json;
using System.Text.Json.Nodes;
using Sift.Workflows.Definitions;

namespace Sift.Workflows.Tests;

/// <summary>Definitions in few words.</summary>
internal static class Flows
{
    /// <param name="connections">Each as <c>a.Port > b</c>, or <c>a > b</c> for Done.</param>
    public static WorkflowDefinition Flowchart(JsonObject[] activities, string[]? connections = null, string id = "flow", JsonArray? variables = null) =>
        Definition("Elsa.Flowchart", activities, connections ?? [], id, variables);

    public static WorkflowDefinition Sequence(params JsonObject[] activities) => Definition("Elsa.Sequence", activities, [], "flow", null);

    public static JsonObject Activity(string type, string id, params (string Name, JsonNode? Value)[] inputs)
    {
        var json = new JsonObject { ["id"] = id, ["type"] = type, ["version"] = 1, ["name"] = id };
        foreach (var (name, value) in inputs) json[JsonNamingPolicy.CamelCase.ConvertName(name)] = value as JsonObject ?? Literal(value?.ToString());
        return json;
    }

    public static JsonObject Probe(string id, string signal, params (string Name, JsonNode? Value)[] more) =>
        Activity("Test.Probe", id, [("Signal", signal), .. more]);

    public static JsonObject Literal(string? text) => Wrapped("Literal", text);

    public static JsonObject Template(string text) => Wrapped("Template", text);

    public static JsonObject Wrapped(string type, string? value) =>
        new() { ["typeName"] = null, ["expression"] = new JsonObject { ["type"] = type, ["value"] = value }, ["memoryReference"] = null };

    private static WorkflowDefinition Definition(string root, JsonObject[] activities, string[] connections, string id, JsonArray? variables) =>
        WorkflowDefinition.Parse(new JsonObject
        {
            ["id"] = id + "-v1",
            ["definitionId"] = id,
            ["name"] = id,
            ["version"] = 1,
            ["isLatest"] = true,
            ["variables"] = variables ?? [],
            ["root"] = new JsonObject
            {
                ["type"] = root,
                ["version"] = 1,
                ["id"] = "root",
                ["activities"] = new JsonArray([.. activities]),
                ["connections"] = new JsonArray([.. connections.Select(Connection)]),
            },
        });

    private static JsonObject Connection(string text)
    {
        var ends = text.Split('>', StringSplitOptions.TrimEntries);
        var source = ends[0].Split('.');
        return new JsonObject
        {
            ["source"] = new JsonObject { ["activity"] = source[0], ["port"] = source.Length > 1 ? source[1] : "Done" },
            ["target"] = new JsonObject { ["activity"] = ends[1], ["port"] = "In" },
        };
    }
}
