using System.Net;
using System.Text.Json.Nodes;
using Sift.Web.Tests.Testing;

namespace Sift.Web.Tests.Studio;

/// <summary>What breaks the designer without a message, each looked at where the server decides it.</summary>
[Collection(SiftServerCollection.Name)]
public sealed class PitfallTests(SiftServer server)
{
    private readonly StudioClient studio = new(server.Client);

    [Fact]
    public async Task Node_ids_are_filled_in_wherever_they_are_missing()
    {
        var saved = await studio.SaveAsync(StudioClient.NewFlow(null, StudioClient.Activity("a", "Sift.Log"), StudioClient.Activity("b", "Sift.Log")));

        Assert.Equal(["root:a", "root:b"], saved["root"]!["activities"]!.AsArray().Select(activity => (string)activity!["nodeId"]!));
    }

    [Fact]
    public async Task An_activity_that_has_vanished_is_drawn_as_not_found_and_saved_as_itself()
    {
        var gone = StudioClient.Activity("gone", "Acme.Fax");
        gone["version"] = 7;
        gone["number"] = "1";
        var saved = await studio.SaveAsync(StudioClient.NewFlow(null, gone));
        var drawn = saved["root"]!["activities"]![0]!;
        Assert.Equal(("Elsa.NotFoundActivity", 1), ((string)drawn["type"]!, (int)drawn["version"]!));

        var again = await studio.SaveAsync(saved);
        var exported = await studio.GetAsync($"workflow-definitions/{(string)again["definitionId"]!}/export");

        var stored = exported["root"]!["activities"]![0]!;
        Assert.Equal(("Acme.Fax", 7, "1"), ((string)stored["type"]!, (int)stored["version"]!, (string)stored["number"]!));
    }

    [Fact]
    public async Task A_version_without_a_descriptor_is_shown_as_the_one_there_is()
    {
        var newer = StudioClient.Activity("say", "Sift.Say");
        newer["version"] = 9;

        var saved = await studio.SaveAsync(StudioClient.NewFlow(null, newer));

        Assert.Equal(1, (int)saved["root"]!["activities"]![0]!["version"]!);
    }

    [Fact]
    public async Task Half_finished_drafts_are_stored_and_never_run_by_calls()
    {
        var saved = await studio.SaveAsync(StudioClient.NewFlow(null, StudioClient.Activity("say1", "Sift.Say")));

        var response = await server.Client.PostAsync("/v0/applications", new FormUrlEncodedContent([
            KeyValuePair.Create("name", "x"), KeyValuePair.Create("workflow_id", (string)saved["definitionId"]!)]));

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Single(await SiftServer.ErrorsAsync(response, "workflow_id"));
    }

    [Fact]
    public async Task Literals_are_texts_and_booleans_are_spelt_the_dotnet_way()
    {
        var instance = await studio.RunAsync((string)(await studio.SaveAsync(StudioClient.NewFlow(
            null, StudioClient.Activity("delay1", "Sift.Delay", ("seconds", "0.5")))))["definitionId"]!);

        var record = (await studio.GetAsync($"activity-executions/list?WorkflowInstanceId={instance}&ActivityNodeId=root:delay1"))["items"]!.AsArray().Single()!;
        Assert.Equal(0.5, (double)record["activityState"]!["Seconds"]!);
    }

    [Fact]
    public async Task A_save_that_is_repeated_changes_nothing()
    {
        var first = await studio.SaveAsync(StudioClient.NewFlow());
        var ids = new HashSet<string>();
        for (var i = 0; i < 3; i++)
        {
            ids.Add((string)(await studio.SaveAsync(first))["id"]!);
        }

        Assert.Single(ids);
    }

    [Fact]
    public async Task Options_and_custom_properties_are_never_null()
    {
        var model = StudioClient.NewFlow();
        var id = (string)(await studio.SaveAsync(model))["definitionId"]!;

        var read = await studio.GetAsync($"workflow-definitions/by-definition-id/{id}?versionOptions=Latest");

        Assert.IsType<JsonObject>(read["options"]);
        Assert.IsType<JsonObject>(read["customProperties"]);
        Assert.All(["variables", "inputs", "outputs", "outcomes"], (string list) => Assert.IsType<JsonArray>(read[list]));
    }

    [Fact]
    public async Task What_may_be_edited_carries_the_links_that_say_so()
    {
        var saved = await studio.SaveAsync(StudioClient.NewFlow());
        var list = await studio.GetAsync("workflow-definitions?VersionOptions=Latest&Page=0&PageSize=50");

        Assert.Contains(saved["links"]!.AsArray(), link => (string)link!["rel"]! == "publish");
        Assert.Contains(list["links"]!.AsArray(), link => (string)link!["rel"]! == "bulk-publish");
        var row = list["items"]!.AsArray().Single(item => (string)item!["definitionId"]! == (string)saved["definitionId"]!)!;
        Assert.Contains(row["links"]!.AsArray(), link => (string)link!["rel"]! == "publish");
    }

    [Fact]
    public async Task The_address_that_the_elements_are_given_has_no_slash_at_its_end()
    {
        var script = await server.Client.GetStringAsync("/studio/host.js");

        Assert.Contains("setAttribute(\"remote-endpoint\", api)", script, StringComparison.Ordinal);
        Assert.Matches("const api = location\\.origin \\+ \"/elsa/api\";", script);
    }

    [Fact]
    public async Task Heights_of_editors_are_numbers()
    {
        var descriptors = await studio.GetAsync("descriptors/activities?Refresh=True");
        var inputs = descriptors["items"]!.AsArray().SelectMany(activity => activity!["inputs"]!.AsArray()).ToList();

        Assert.NotEmpty(inputs);
        Assert.All(inputs, input => Assert.All(
            Heights(input!["uiSpecifications"]), height => Assert.Equal(System.Text.Json.JsonValueKind.Number, height.GetValueKind())));

        static IEnumerable<JsonNode> Heights(JsonNode? node) => node switch
        {
            JsonObject members => members.SelectMany(member =>
                member.Key.Contains("height", StringComparison.OrdinalIgnoreCase) && member.Value is JsonValue height ? [height] : Heights(member.Value)),
            JsonArray items => items.SelectMany(Heights),
            _ => [],
        };
    }

    [Theory]
    [InlineData("/elsa/api/workflow-definitions")]
    [InlineData("/elsa/api/descriptors/activities")]
    [InlineData("/elsa/hubs/workflow-instance/negotiate?negotiateVersion=1")]
    public async Task Nothing_is_answered_to_strangers(string path)
    {
        var response = path.Contains("negotiate", StringComparison.Ordinal) ? await server.Anonymous.PostAsync(path, null) : await server.Anonymous.GetAsync(path);

        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
    }
}
