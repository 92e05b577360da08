using System.Text.Json.Nodes;

namespace Sift.EndToEnd.Tests.Studio;

/// <summary>Definitions in Elsa's JSON, in few words: activities in a row.</summary>
internal static class DrawnFlow
{
    public static JsonObject InARow(string name, params JsonObject[] activities) => new()
    {
        ["name"] = name,
        ["root"] = new JsonObject
        {
            ["type"] = "Elsa.Flowchart",
            ["id"] = "root",
            ["activities"] = new JsonArray([.. activities.Select((activity, index) => Placed(activity, index))]),
            ["connections"] = new JsonArray([.. activities.Zip(activities.Skip(1)).Select(pair => (JsonNode)new JsonObject
            {
                ["source"] = new JsonObject { ["activity"] = (string)pair.First["id"]!, ["port"] = "Done" },
                ["target"] = new JsonObject { ["activity"] = (string)pair.Second["id"]!, ["port"] = "In" },
            })]),
        },
    };

    public static JsonObject Activity(string id, string type, params (string Input, string Value)[] inputs)
    {
        var json = new JsonObject { ["id"] = id, ["name"] = id, ["type"] = type, ["version"] = 1, ["customProperties"] = new JsonObject(), ["metadata"] = new JsonObject() };
        foreach (var (input, value) in inputs)
        {
            json[input] = new JsonObject { ["typeName"] = null, ["expression"] = new JsonObject { ["type"] = value.Contains("{{", StringComparison.Ordinal) ? "Template" : "Literal", ["value"] = value } };
        }

        return json;
    }

    private static JsonNode Placed(JsonObject activity, int index)
    {
        activity["metadata"] = new JsonObject
        {
            ["designer"] = new JsonObject
            {
                ["position"] = new JsonObject { ["x"] = index * 240, ["y"] = (index % 2) * 60 },
                ["size"] = new JsonObject { ["width"] = 180, ["height"] = 56 },
            },
        };
        return activity;
    }
}
