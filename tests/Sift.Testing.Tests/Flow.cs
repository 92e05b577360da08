using System.Text.Json.Nodes;

namespace Sift.Testing.Tests;

/// <summary>Definitions as Studio would save them, written short.</summary>
internal static class Flow
{
    /// <param name="connections">Each <c>from.Port > to</c>.</param>
    public static string Of(string id, JsonObject[] activities, params string[] connections) => new JsonObject
    {
        ["definitionId"] = id,
        ["name"] = id,
        ["root"] = new JsonObject
        {
            ["id"] = "root",
            ["type"] = "Elsa.Flowchart",
            ["version"] = 1,
            ["activities"] = new JsonArray([.. activities]),
            ["connections"] = new JsonArray([.. connections.Select(Connection)]),
        },
    }.ToJsonString();

    public static JsonObject Activity(string type, string id, params (string Input, JsonNode Value)[] inputs)
    {
        var activity = new JsonObject { ["id"] = id, ["name"] = id, ["type"] = "Sift." + type, ["version"] = 1 };
        foreach (var (input, value) in inputs)
        {
            var isObject = value is JsonArray or JsonObject;
            activity[input] = new JsonObject
            {
                ["typeName"] = isObject ? "Object" : "String",
                ["expression"] = new JsonObject
                {
                    ["type"] = isObject ? "Object" : value.ToString().Contains("{{", StringComparison.Ordinal) ? "Template" : "Literal",
                    ["value"] = isObject ? value.ToJsonString() : value.ToString(),
                },
            };
        }

        return activity;
    }

    public static JsonObject Say(string id, string text) => Activity("Say", id, ("text", text));

    private static JsonNode Connection(string text)
    {
        var sides = text.Split(" > ");
        var source = sides[0].Split('.');
        return new JsonObject
        {
            ["source"] = new JsonObject { ["activity"] = source[0], ["port"] = source.Length > 1 ? source[1] : "Done" },
            ["target"] = new JsonObject { ["activity"] = sides[1], ["port"] = "In" },
        };
    }
}
