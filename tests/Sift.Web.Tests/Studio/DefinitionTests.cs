using System.IO.Compression;
using System.Net;
using System.Text.Json.Nodes;
using Sift.Web.Tests.Testing;

namespace Sift.Web.Tests.Studio;

[Collection(SiftServerCollection.Name)]
public sealed class DefinitionTests(SiftServer server)
{
    private readonly StudioClient studio = new(server.Client);

    private static JsonObject Runnable(string? name = null) => StudioClient.NewFlow(name, StudioClient.Activity("log1", "Sift.Log", ("message", "hello")));

    [Fact]
    public async Task A_new_flow_comes_back_with_everything_the_editor_needs()
    {
        var saved = await studio.SaveAsync(StudioClient.NewFlow());

        Assert.Equal(1, (int)saved["version"]!);
        Assert.True((bool)saved["isLatest"]!);
        Assert.False((bool)saved["isPublished"]!);
        Assert.Equal("root", (string)saved["root"]!["nodeId"]!);
        Assert.Empty(saved["root"]!["activities"]!.AsArray());
        Assert.Empty(saved["root"]!["connections"]!.AsArray());
        Assert.IsType<JsonObject>(saved["options"]);
        Assert.IsType<JsonObject>(saved["customProperties"]);
        Assert.Contains(saved["links"]!.AsArray(), link => (string?)link!["rel"] == "publish");
    }

    [Fact]
    public async Task What_the_editor_published_once_is_stored_and_comes_back_equal()
    {
        var captured = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "Studio", "Fixtures", "captured-publish-request.json")))!.AsObject();
        var model = captured["model"]!.AsObject();
        model.Remove("definitionId");
        model["name"] = $"Captured {Guid.NewGuid():n}";

        var saved = await studio.SaveAsync(model);
        var read = await studio.GetAsync($"workflow-definitions/by-id/{(string)saved["id"]!}");

        Assert.True(JsonNode.DeepEquals(model["root"], read["root"]), "the root is as it was sent");
        Assert.True(JsonNode.DeepEquals(model["variables"], read["variables"]));
    }

    [Fact]
    public async Task Saving_again_overwrites_the_draft_and_after_publishing_makes_a_new_version()
    {
        var first = await studio.SaveAsync(Runnable());
        first["description"] = "changed";
        var second = await studio.SaveAsync(first);
        Assert.Equal((string)first["id"]!, (string)second["id"]!);

        var published = await studio.SaveAsync(second, publish: true);
        Assert.Equal(1, (int)published["version"]!);
        Assert.True((bool)published["isPublished"]!);
        published["description"] = "changed again";
        var draft = await studio.SaveAsync(published);

        Assert.Equal(2, (int)draft["version"]!);
        Assert.False((bool)draft["isPublished"]!);
        var still = await studio.GetAsync($"workflow-definitions/by-definition-id/{(string)draft["definitionId"]!}?versionOptions=Published");
        Assert.Equal("changed", (string)still["description"]!);
    }

    [Fact]
    public async Task Publishing_a_flow_with_errors_is_refused_and_names_the_activity()
    {
        var model = StudioClient.NewFlow(null, StudioClient.Activity("delay1", "Sift.Delay", ("seconds", "soon")));

        var response = await studio.SendAsync("workflow-definitions", new JsonObject { ["model"] = model, ["publish"] = true });

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        var errors = (await SiftServer.JsonAsync(response))["errors"]!.AsObject();
        Assert.Contains("Seconds", (string)errors["delay1"]!.AsArray().Single()!, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Elsa.Sequence")]
    [InlineData("Elsa.StateMachine")]
    public async Task Other_roots_than_flowcharts_are_refused(string type)
    {
        var model = StudioClient.NewFlow();
        model["root"]!["type"] = type;

        var response = await studio.SendAsync("workflow-definitions", new JsonObject { ["model"] = model });

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Contains(type, (string)(await SiftServer.JsonAsync(response))["message"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Names_are_unique_within_an_account_and_a_flow_may_keep_its_own()
    {
        var saved = await studio.SaveAsync(Runnable());
        var name = Uri.EscapeDataString((string)saved["name"]!);

        Assert.False(await IsUnique($"?name={name}"));
        Assert.True(await IsUnique($"?name={name}&definitionId={(string)saved["definitionId"]!}"));
        Assert.True(await IsUnique($"?name={name}x"));

        async Task<bool> IsUnique(string query) => (bool)(await studio.GetAsync("workflow-definitions/validation/is-name-unique" + query))["isUnique"]!;
    }

    [Fact]
    public async Task Publish_retract_and_revert_make_the_history_that_a_person_expects()
    {
        var id = (string)(await studio.SaveAsync(Runnable()))["definitionId"]!;
        var published = await studio.PostAsync($"workflow-definitions/{id}/publish");
        Assert.False((bool)published["alreadyPublished"]!);
        Assert.True((bool)(await studio.PostAsync($"workflow-definitions/{id}/publish"))["alreadyPublished"]!);

        var retracted = await studio.PostAsync($"workflow-definitions/{id}/retract");
        Assert.False((bool)retracted["isPublished"]!);
        Assert.NotNull(retracted["root"]);

        var reverted = await studio.PostAsync($"workflow-definitions/{id}/revert/1");
        Assert.Equal(2, (int)reverted["version"]!);
        var history = await studio.GetAsync($"workflow-definitions?versionOptions=AllVersions&DefinitionIds={id}&OrderBy=Version&OrderDirection=Descending");
        Assert.Equal([2, 1], history["items"]!.AsArray().Select(item => (int)item!["version"]!));
        Assert.Equal(2, (int)history["totalCount"]!);
    }

    [Fact]
    public async Task The_list_is_paged_searched_and_may_be_changed()
    {
        var mark = Guid.NewGuid().ToString("n");
        for (var i = 0; i < 3; i++)
        {
            await studio.SaveAsync(Runnable($"{mark} {i}"));
        }

        var page = await studio.GetAsync($"workflow-definitions?versionOptions=Latest&SearchTerm={mark}&Page=1&PageSize=2&OrderBy=Name&OrderDirection=Ascending");

        Assert.Equal(3, (int)page["totalCount"]!);
        Assert.Equal($"{mark} 2", (string)page["items"]!.AsArray().Single()!["name"]!);
        Assert.Contains(page["links"]!.AsArray(), link => (string?)link!["rel"] == "bulk-publish");
        Assert.Contains(page["items"]![0]!["links"]!.AsArray(), link => (string?)link!["rel"] == "publish");
    }

    [Fact]
    public async Task An_export_can_be_imported_and_a_selection_comes_as_a_zip()
    {
        var saved = await studio.SaveAsync(Runnable());
        var file = await studio.RawAsync($"workflow-definitions/{(string)saved["definitionId"]!}/export?versionOptions=Latest&includeConsumingWorkflows=False");
        Assert.EndsWith(".json", file.Content.Headers.ContentDisposition!.FileName!.Trim('"'), StringComparison.Ordinal);
        var exported = await SiftServer.JsonAsync(file);
        Assert.StartsWith("https://elsaworkflows.io/schemas/workflow-definition", (string)exported["$schema"]!, StringComparison.Ordinal);

        exported.Remove("definitionId");
        var imported = await studio.PostAsync("workflow-definitions/import", exported);
        Assert.NotEqual((string)saved["definitionId"]!, (string)imported["definitionId"]!);
        Assert.Equal((string)saved["name"]!, (string)imported["name"]!);

        var zipped = await studio.SendAsync("bulk-actions/export/workflow-definitions", new JsonObject { ["ids"] = new JsonArray((string)saved["id"]!, (string)imported["id"]!) });
        using var zip = new ZipArchive(await zipped.Content.ReadAsStreamAsync());
        Assert.Equal(2, zip.Entries.Count);
    }

    [Fact]
    public async Task Bulk_actions_say_what_they_did()
    {
        var id = (string)(await studio.SaveAsync(Runnable()))["definitionId"]!;
        JsonObject Ids() => new() { ["definitionIds"] = new JsonArray(id, "nobody") };

        var published = await studio.PostAsync("bulk-actions/publish/workflow-definitions/by-definition-ids", Ids());
        Assert.Equal([id], published["published"]!.AsArray().Select(item => (string)item!));
        Assert.Equal(["nobody"], published["notFound"]!.AsArray().Select(item => (string)item!));
        var retracted = await studio.PostAsync("bulk-actions/retract/workflow-definitions/by-definition-ids", Ids());
        Assert.Equal([id], retracted["retracted"]!.AsArray().Select(item => (string)item!));
        Assert.Equal(1, (int)(await studio.PostAsync("bulk-actions/delete/workflow-definitions/by-definition-id", Ids()))["deleted"]!);
        Assert.Equal(HttpStatusCode.NotFound, (await studio.RawAsync($"workflow-definitions/by-definition-id/{id}")).StatusCode);
    }

    [Fact]
    public async Task Deleting_the_latest_version_brings_the_one_before_back()
    {
        var first = await studio.SaveAsync(Runnable(), publish: true);
        first["description"] = "second";
        var second = await studio.SaveAsync(first);

        Assert.Equal(HttpStatusCode.NoContent, (await studio.DeleteAsync($"workflow-definition-versions/{(string)second["id"]!}")).StatusCode);

        var latest = await studio.GetAsync($"workflow-definitions/by-definition-id/{(string)first["definitionId"]!}?versionOptions=Latest");
        Assert.Equal(1, (int)latest["version"]!);
        Assert.True((bool)latest["isLatest"]!);
    }

    [Fact]
    public async Task Flows_of_one_account_do_not_exist_for_another()
    {
        var saved = await studio.SaveAsync(Runnable());
        var id = (string)saved["definitionId"]!;
        var stranger = new StudioClient(server.Stranger);

        Assert.Equal(HttpStatusCode.NotFound, (await stranger.RawAsync($"workflow-definitions/by-definition-id/{id}")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await stranger.RawAsync($"workflow-definitions/by-id/{(string)saved["id"]!}")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await stranger.SendAsync($"workflow-definitions/{id}/publish")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await stranger.DeleteAsync($"workflow-definitions/{id}")).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await stranger.SendAsync("workflow-definitions", new JsonObject { ["model"] = saved.DeepClone() })).StatusCode);
    }

    [Fact]
    public async Task The_shipped_flow_can_be_seen_and_not_changed()
    {
        var shipped = await studio.GetAsync("workflow-definitions/by-definition-id/connection?versionOptions=Latest");

        Assert.Empty(shipped["links"]!.AsArray());
        Assert.Equal(HttpStatusCode.BadRequest, (await studio.SendAsync("workflow-definitions", new JsonObject { ["model"] = shipped.DeepClone() })).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await studio.DeleteAsync("workflow-definitions/connection")).StatusCode);
    }
}
