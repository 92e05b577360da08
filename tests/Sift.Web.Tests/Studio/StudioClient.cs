using System.Net;
using System.Text;
using System.Text.Json.Nodes;

namespace Sift.Web.Tests.Studio;

/// <summary>The API as the Studio elements call it.</summary>
internal sealed class StudioClient(HttpClient http)
{
    private const string Root = "/elsa/api/";

    public async Task<JsonObject> GetAsync(string path) => await ReadAsync(await http.GetAsync(Root + path), path);

    public async Task<JsonObject> PostAsync(string path, JsonNode? body = null) => await ReadAsync(await SendAsync(path, body), path);

    public Task<HttpResponseMessage> SendAsync(string path, JsonNode? body = null) =>
        http.PostAsync(Root + path, new StringContent((body ?? new JsonObject()).ToJsonString(), Encoding.UTF8, "application/json"));

    public Task<HttpResponseMessage> RawAsync(string path) => http.GetAsync(Root + path);

    public Task<HttpResponseMessage> DeleteAsync(string path) => http.DeleteAsync(Root + path);

    /// <summary>Saves a flow as the editor does; the definition of the answer.</summary>
    public async Task<JsonObject> SaveAsync(JsonObject model, bool? publish = null) =>
        (await PostAsync("workflow-definitions", new JsonObject { ["model"] = model.DeepClone(), ["publish"] = publish }))["workflowDefinition"]!.AsObject();

    /// <summary>Runs a flow; the id of the instance that the header names.</summary>
    public async Task<string> RunAsync(string definitionId)
    {
        var response = await SendAsync($"workflow-definitions/{definitionId}/execute", new JsonObject { ["versionOptions"] = "Latest" });
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return response.Headers.GetValues("x-elsa-workflow-instance-id").Single();
    }

    /// <summary>A flow that the create dialog sends: most members null, and a root without activities.</summary>
    public static JsonObject NewFlow(string? name = null, params JsonObject[] activities) => new()
    {
        ["id"] = null,
        ["definitionId"] = null,
        ["name"] = name ?? $"Flow {Guid.NewGuid():n}",
        ["version"] = 1,
        ["toolVersion"] = "3.8.0.0",
        ["createdAt"] = "0001-01-01T00:00:00+00:00",
        ["variables"] = null,
        ["inputs"] = null,
        ["outputs"] = null,
        ["outcomes"] = null,
        ["options"] = null,
        ["customProperties"] = null,
        ["links"] = null,
        ["root"] = activities.Length == 0
            ? new JsonObject { ["type"] = "Elsa.Flowchart", ["version"] = 1, ["id"] = "root", ["name"] = "Flowchart1" }
            : new JsonObject
            {
                ["type"] = "Elsa.Flowchart",
                ["version"] = 1,
                ["id"] = "root",
                ["name"] = "Flowchart1",
                ["activities"] = new JsonArray([.. activities]),
                ["connections"] = new JsonArray([.. activities.Zip(activities.Skip(1)).Select(pair => (JsonNode)new JsonObject
                {
                    ["source"] = new JsonObject { ["activity"] = (string)pair.First["id"]!, ["port"] = "Done" },
                    ["target"] = new JsonObject { ["activity"] = (string)pair.Second["id"]!, ["port"] = "In" },
                })]),
            },
    };

    public static JsonObject Activity(string id, string type, params (string Input, string Value)[] inputs)
    {
        var json = new JsonObject { ["id"] = id, ["name"] = id, ["type"] = type, ["version"] = 1, ["customProperties"] = new JsonObject() };
        foreach (var (input, value) in inputs)
        {
            json[input] = new JsonObject { ["typeName"] = null, ["expression"] = new JsonObject { ["type"] = "Literal", ["value"] = value } };
        }

        return json;
    }

    private static async Task<JsonObject> ReadAsync(HttpResponseMessage response, string path)
    {
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, $"{path}: {(int)response.StatusCode} {text}");
        Assert.Equal("application/json", response.Content.Headers.ContentType?.MediaType);
        return JsonNode.Parse(text)!.AsObject();
    }
}
