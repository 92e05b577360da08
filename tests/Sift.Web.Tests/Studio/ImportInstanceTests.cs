using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Sift.Web.Tests.Observability;
using Sift.Web.Tests.Testing;

namespace Sift.Web.Tests.Studio;

/// <summary>Ended instances as files, out of one account or server and into another.</summary>
[Collection(SiftServerCollection.Name)]
public sealed class ImportInstanceTests(SiftServer server)
{
    private readonly StudioClient studio = new(server.Client);

    [Fact]
    public async Task An_exported_instance_is_taken_in_and_can_be_looked_at_and_replayed()
    {
        var (flow, id) = await EndedAsync();
        var file = await server.Client.GetStringAsync($"/v0/instances/{id}/export");
        await studio.DeleteAsync($"workflow-instances/{id}");
        await studio.DeleteAsync($"workflow-definitions/{flow}");
        Assert.Equal(HttpStatusCode.NotFound, (await studio.RawAsync($"workflow-instances/{id}")).StatusCode);

        var answer = await ImportAsync(file);

        Assert.Equal(1, (int)answer["count"]!);
        var read = await studio.GetAsync($"workflow-instances/{id}");
        Assert.Equal("Finished", (string)read["status"]!);
        Assert.Equal("log1", (string)(await studio.GetAsync($"workflow-definitions/by-id/{(string)read["definitionVersionId"]!}"))["root"]!["activities"]![0]!["id"]!);
        Assert.True((bool)(await SiftServer.JsonAsync(await server.Client.GetAsync($"/v0/instances/{id}/replay")))["same"]!);
        Assert.DoesNotContain(flow, await server.Client.GetStringAsync("/v0/workflows"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_not_taken_in_is_named_with_the_reason()
    {
        var (_, id) = await EndedAsync();
        var file = await server.Client.GetStringAsync($"/v0/instances/{id}/export");
        var running = JsonNode.Parse(file)!.AsObject();
        running["instance_id"] = Ids.New();
        running["journal"]!.AsArray().RemoveAt(running["journal"]!.AsArray().Count - 1);
        var torn = JsonNode.Parse(file)!.AsObject();
        torn["instance_id"] = Ids.New();
        torn["journal"]!.AsArray().RemoveAt(1);

        var answer = await ImportAsync(file, running.ToJsonString(), torn.ToJsonString(), "{}", "no json");

        Assert.Equal(0, (int)answer["count"]!);
        var errors = answer["errors"]!.AsArray().Select(error => (string)error!).ToList();
        Assert.Equal(5, errors.Count);
        Assert.Contains("which is here already", errors[0], StringComparison.Ordinal);
        Assert.Contains("had not ended", errors[1], StringComparison.Ordinal);
        Assert.Contains("cannot be read", errors[2], StringComparison.Ordinal);
        Assert.Contains("is not an instance exported by Sift", errors[3], StringComparison.Ordinal);
        Assert.Contains("cannot be read", errors[4], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_running_instance_is_not_exported_and_one_of_somebody_else_does_not_exist()
    {
        var flow = (string)(await studio.SaveAsync(StudioClient.NewFlow(null, StudioClient.Activity("wait1", "Sift.WaitForEvent", ("event", "go")))))["definitionId"]!;
        var running = await studio.RunAsync(flow);

        Assert.Equal(HttpStatusCode.Conflict, (await server.Client.GetAsync($"/v0/instances/{running}/export")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await server.Stranger.GetAsync($"/v0/instances/{running}/export")).StatusCode);
    }

    [Fact]
    public async Task Calls_are_found_by_the_numbers_at_their_ends()
    {
        var id = await RecordedCall.WriteAsync(server);

        foreach (var number in new[] { "+15551110000", "+15552220000" })
        {
            Assert.Contains(id, await server.Client.GetStringAsync($"/v0/instances?number={Uri.EscapeDataString(number)}"), StringComparison.Ordinal);
            Assert.Contains(id, (await studio.PostAsync("workflow-instances", new JsonObject { ["searchTerm"] = number[..8] })).ToJsonString(), StringComparison.Ordinal);
        }

        Assert.DoesNotContain(id, await server.Client.GetStringAsync("/v0/instances?number=%2B15553330000"), StringComparison.Ordinal);
    }

    private async Task<(string Flow, string Instance)> EndedAsync()
    {
        var flow = (string)(await studio.SaveAsync(StudioClient.NewFlow(null, StudioClient.Activity("log1", "Sift.Log", ("message", "hello")))))["definitionId"]!;
        return (flow, await studio.RunAsync(flow));
    }

    private async Task<JsonObject> ImportAsync(params string[] files)
    {
        using var form = new MultipartFormDataContent();
        for (var i = 0; i < files.Length; i++)
        {
            form.Add(new ByteArrayContent(Encoding.UTF8.GetBytes(files[i])), "files", $"file{i}.json");
        }

        var response = await server.Client.PostAsync("/elsa/api/bulk-actions/import/workflow-instances", form);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return await SiftServer.JsonAsync(response);
    }
}
