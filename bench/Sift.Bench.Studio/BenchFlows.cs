using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Sift.Bench.Shared;

namespace Sift.Bench.Studio;

/// <summary>The flows that are drawn, made by the public API.</summary>
internal static class BenchFlows
{
    /// <summary>A published flow of so many activities in a row; its id.</summary>
    public static async Task<string> InARowAsync(ServerProcess server, int steps, string type, string input, Func<int, string> value)
    {
        var (activities, connections) = (new JsonArray(), new JsonArray());
        for (var i = 0; i < steps; i++)
        {
            activities.Add(new JsonObject
            {
                ["id"] = $"step{i}",
                ["nodeId"] = $"flow:step{i}",
                ["name"] = $"Step{i}",
                ["type"] = type,
                ["version"] = 1,
                ["customProperties"] = new JsonObject { ["canStartWorkflow"] = i == 0 },
                ["metadata"] = new JsonObject
                {
                    ["designer"] = new JsonObject
                    {
                        ["position"] = new JsonObject { ["x"] = 230 * (i % 4), ["y"] = 120 * (i / 4) },
                        ["size"] = new JsonObject { ["width"] = 200, ["height"] = 60 },
                    },
                },
                [input] = new JsonObject { ["typeName"] = "String", ["expression"] = new JsonObject { ["type"] = "Literal", ["value"] = value(i) } },
            });
            if (i > 0)
            {
                connections.Add(new JsonObject
                {
                    ["source"] = new JsonObject { ["activity"] = $"step{i - 1}", ["port"] = "Done" },
                    ["target"] = new JsonObject { ["activity"] = $"step{i}", ["port"] = "In" },
                    ["vertices"] = new JsonArray(),
                });
            }
        }

        using var client = server.Client(BenchAccount.Id, BenchAccount.AuthToken);
        using var answer = await client.PostAsJsonAsync("/v0/workflows?publish=true", new JsonObject
        {
            ["name"] = type,
            ["root"] = new JsonObject
            {
                ["type"] = "Elsa.Flowchart",
                ["version"] = 1,
                ["id"] = "flow",
                ["nodeId"] = "flow",
                ["name"] = "Flowchart1",
                ["customProperties"] = new JsonObject(),
                ["metadata"] = new JsonObject(),
                ["variables"] = new JsonArray(),
                ["activities"] = activities,
                ["connections"] = connections,
            },
        });
        var text = await answer.Content.ReadAsStringAsync();
        return answer.IsSuccessStatusCode ? answer.Headers.Location!.ToString().Split('/')[^1] : throw new InvalidOperationException($"The flow was not taken: {text}");
    }
}

internal static class BenchAccount
{
    public const string Id = "573e49212d2c62e6";
    public const string AuthToken = "bench-auth-token-0123456789abcdef";
}
