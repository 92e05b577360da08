using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Sift.Web.Tests.Studio;
using Sift.Web.Tests.Testing;

namespace Sift.Web.Tests.Workflows;

[Collection(SiftServerCollection.Name)]
public sealed class WorkflowTests(SiftServer server)
{
    private static JsonObject Waiting() => StudioClient.NewFlow(null, StudioClient.Activity("wait1", "Sift.WaitForEvent", ("event", "go")));

    [Fact]
    public async Task A_workflow_is_created_changed_published_and_deleted()
    {
        var created = await SendAsync(HttpMethod.Post, "/v0/workflows", Waiting());
        Assert.Equal(HttpStatusCode.Created, created.StatusCode);
        var id = (string)(await SiftServer.JsonAsync(created))["workflow_id"]!;
        Assert.EndsWith($"/v0/workflows/{id}", created.Headers.Location!.ToString(), StringComparison.Ordinal);

        var published = await SiftServer.JsonAsync(await SendAsync(HttpMethod.Post, $"/v0/workflows/{id}/publish"));
        Assert.True((bool)published["is_published"]!);
        var changed = await SiftServer.JsonAsync(await SendAsync(HttpMethod.Put, $"/v0/workflows/{id}", Waiting()));
        Assert.Equal(2, (int)changed["version"]!);
        Assert.Equal(1, (int)(await SiftServer.JsonAsync(await server.Client.GetAsync($"/v0/workflows/{id}?version=published")))["version"]!);
        Assert.Contains(id, await server.Client.GetStringAsync("/v0/workflows"), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, (await server.Stranger.GetAsync($"/v0/workflows/{id}")).StatusCode);

        Assert.Equal(HttpStatusCode.NoContent, (await server.Client.DeleteAsync($"/v0/workflows/{id}")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await server.Client.GetAsync($"/v0/workflows/{id}")).StatusCode);
    }

    [Fact]
    public async Task Publishing_reports_every_error_under_its_activity()
    {
        var refused = await SendAsync(HttpMethod.Post, "/v0/workflows?publish=true", StudioClient.NewFlow(null, StudioClient.Activity("say1", "Sift.Say"), StudioClient.Activity("fax1", "Acme.Fax")));

        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        Assert.Single(await SiftServer.ErrorsAsync(refused, "say1"));
        Assert.Single(await SiftServer.ErrorsAsync(refused, "fax1"));
    }

    [Fact]
    public async Task An_application_and_a_call_take_a_published_workflow()
    {
        var id = (string)(await SiftServer.JsonAsync(await SendAsync(HttpMethod.Post, "/v0/workflows?publish=true", StudioClient.NewFlow(null, StudioClient.Activity("say1", "Sift.Say", ("text", "hi"))))))["workflow_id"]!;

        Assert.Equal(HttpStatusCode.Created, (await server.Client.PostAsJsonAsync("/v0/applications", new { name = "flow", workflow_id = id })).StatusCode);
        var call = await server.Client.PostAsJsonAsync("/v0/connections", new { phone_number = "+15554443333", workflow_id = id, input = new { topic = "bills" } });
        Assert.Equal(HttpStatusCode.Created, call.StatusCode);

        var placed = server.Calls.Placed.Single(request => request.Workflow?.DefinitionId == id);
        Assert.Equal("bills", (string)placed.Workflow!.Input!["topic"]!);
        Assert.Equal(HttpStatusCode.BadRequest, (await server.Client.PostAsJsonAsync("/v0/connections", new { phone_number = "+15554443333", workflow_id = "nobody" })).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await server.Stranger.PostAsJsonAsync("/v0/connections", new { phone_number = "+15554443333", workflow_id = id })).StatusCode);
    }

    [Fact]
    public async Task An_event_resumes_the_instance_that_waits_for_it()
    {
        var studio = new StudioClient(server.Client);
        var instance = await studio.RunAsync((string)(await studio.SaveAsync(Waiting()))["definitionId"]!);
        Assert.Equal("waiting", (string)(await ReadAsync(instance))["status"]!);

        Assert.Equal(HttpStatusCode.BadRequest, (await server.Client.PostAsJsonAsync($"/v0/instances/{instance}/events", new { payload = 1 })).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await server.Client.PostAsJsonAsync($"/v0/instances/{instance}/events", new { @event = "go", payload = new { ok = true } })).StatusCode);

        Assert.Equal("finished", (string)(await ReadAsync(instance))["status"]!);
        var journal = (await SiftServer.JsonAsync(await server.Client.GetAsync($"/v0/instances/{instance}/journal")))["entries"]!.AsArray();
        Assert.Equal("instance.started", (string)journal[0]!["kind"]!);
        Assert.Equal(HttpStatusCode.Conflict, (await server.Client.PostAsJsonAsync($"/v0/instances/{instance}/events", new { @event = "go" })).StatusCode);
        Assert.Equal(HttpStatusCode.Conflict, (await server.Client.PostAsync($"/v0/instances/{instance}/cancel", null)).StatusCode);
    }

    [Fact]
    public async Task A_faulted_instance_is_retried_from_the_failed_activity()
    {
        var studio = new StudioClient(server.Client);
        var delay = StudioClient.Activity("delay1", "Sift.Delay");
        delay["seconds"] = new JsonObject { ["expression"] = new JsonObject { ["type"] = "Template", ["value"] = "{{ \"soon\" }}" } };
        var instance = await studio.RunAsync((string)(await studio.SaveAsync(StudioClient.NewFlow(null, StudioClient.Activity("log1", "Sift.Log", ("message", "x")), delay)))["definitionId"]!);
        Assert.Equal("faulted", (string)(await ReadAsync(instance))["status"]!);

        Assert.Equal(HttpStatusCode.OK, (await server.Client.PostAsync($"/v0/instances/{instance}/retry", null)).StatusCode);

        var read = await ReadAsync(instance);
        Assert.Equal(2, (int)read["incident_count"]!);
        var started = (await SiftServer.JsonAsync(await server.Client.GetAsync($"/v0/instances/{instance}/journal")))["entries"]!.AsArray()
            .Where(entry => (string?)entry!["kind"] == "activity.started").Select(entry => (string)entry!["data"]!["nodeId"]!);
        Assert.Equal(["root", "root:log1", "root:delay1", "root:delay1"], started);
    }

    [Fact]
    public async Task The_past_of_an_instance_can_be_looked_at_and_replayed_by_another_version()
    {
        var studio = new StudioClient(server.Client);
        var wait = StudioClient.Activity("wait1", "Sift.WaitForEvent", ("event", "go"));
        var saved = await studio.SaveAsync(StudioClient.NewFlow(null, StudioClient.Activity("set1", "Sift.SetVariable", ("variable", "x"), ("value", "1")), wait), publish: true);
        var instance = await studio.RunAsync((string)saved["definitionId"]!);
        await server.Client.PostAsJsonAsync($"/v0/instances/{instance}/events", new { @event = "go" });
        saved["root"]!["activities"]![0]!["value"]!["expression"]!["value"] = "2";
        await studio.SaveAsync(saved, publish: true);

        var first = await SiftServer.JsonAsync(await server.Client.GetAsync($"/v0/instances/{instance}?at=2"));
        Assert.Null(first["variables"]!["x"]);
        var last = (await SiftServer.JsonAsync(await server.Client.GetAsync($"/v0/instances/{instance}/journal")))["entries"]!.AsArray().Count;
        Assert.Equal("1", (string)(await SiftServer.JsonAsync(await server.Client.GetAsync($"/v0/instances/{instance}?at={last}")))["variables"]!["x"]!);
        Assert.Equal(HttpStatusCode.BadRequest, (await server.Client.GetAsync($"/v0/instances/{instance}?at={last + 1}")).StatusCode);

        Assert.True((bool)(await SiftServer.JsonAsync(await server.Client.GetAsync($"/v0/instances/{instance}/replay")))["same"]!);
        var other = await SiftServer.JsonAsync(await server.Client.GetAsync($"/v0/instances/{instance}/replay?version=2"));
        Assert.False((bool)other["same"]!);
        Assert.Equal("x = \"2\"", (string)other["decided"]!);
    }

    private async Task<JsonObject> ReadAsync(string instance) => await SiftServer.JsonAsync(await server.Client.GetAsync($"/v0/instances/{instance}"));

    private Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, JsonNode? body = null) => server.Client.SendAsync(new HttpRequestMessage(method, path)
    {
        Content = body is null ? null : new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json"),
    });
}
