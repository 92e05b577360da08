using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Sift.Web.Tests.Testing;

namespace Sift.Web.Tests.Studio;

/// <summary>A flow that answers the calls of an application is not taken away under it.</summary>
[Collection(SiftServerCollection.Name)]
public sealed class KeptFlowTests(SiftServer server)
{
    private readonly StudioClient studio = new(server.Client);

    [Fact]
    public async Task Taking_back_or_deleting_it_by_program_is_refused_with_the_names_of_the_applications()
    {
        var (flow, _, application) = await InUseAsync();

        foreach (var response in new[] { await server.Client.PostAsync($"/v0/workflows/{flow}/retract", null), await server.Client.DeleteAsync($"/v0/workflows/{flow}") })
        {
            Assert.Equal(HttpStatusCode.Conflict, response.StatusCode);
            Assert.Equal(
                $"The flow answers the calls of the application Night desk ({application}). Give it another flow or routine first.",
                (string)(await SiftServer.JsonAsync(response))["detail"]!);
        }

        Assert.True((bool)(await SiftServer.JsonAsync(await server.Client.GetAsync($"/v0/workflows/{flow}")))["is_published"]!);
        await server.Client.DeleteAsync($"/v0/applications/{application}");
        Assert.Equal(HttpStatusCode.OK, (await server.Client.PostAsync($"/v0/workflows/{flow}/retract", null)).StatusCode);
    }

    [Fact]
    public async Task Unpublishing_in_the_designer_shows_them_as_a_red_message()
    {
        var (flow, _, application) = await InUseAsync();

        var response = await studio.SendAsync($"workflow-definitions/{flow}/retract");

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Contains(application, (string)(await SiftServer.JsonAsync(response))["detail"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Buttons_whose_elements_take_no_refusal_leave_it_and_have_the_host_page_say_why()
    {
        var (flow, version, application) = await InUseAsync();
        var unpublish = await studio.SendAsync("bulk-actions/retract/workflow-definitions/by-definition-ids", new JsonObject { ["definitionIds"] = new JsonArray(flow) });
        var delete = await studio.DeleteAsync($"workflow-definitions/{flow}");
        var deleteVersion = await studio.DeleteAsync($"workflow-definition-versions/{version}");
        var deleteMany = await studio.SendAsync("bulk-actions/delete/workflow-definitions/by-definition-id", new JsonObject { ["definitionIds"] = new JsonArray(flow) });

        Assert.All([unpublish, delete, deleteVersion, deleteMany], response =>
            Assert.Contains(application, Uri.UnescapeDataString(response.Headers.GetValues("x-sift-message").Single()), StringComparison.Ordinal));
        Assert.Equal([200, 404, 404, 200], new[] { unpublish, delete, deleteVersion, deleteMany }.Select(response => (int)response.StatusCode));
        Assert.True((bool)(await SiftServer.JsonAsync(await server.Client.GetAsync($"/v0/workflows/{flow}")))["is_published"]!);
    }

    private async Task<(string Flow, string Version, string Application)> InUseAsync()
    {
        var saved = await studio.SaveAsync(StudioClient.NewFlow(null, StudioClient.Activity("say1", "Sift.Say", ("text", "hi"))), publish: true);
        var flow = (string)saved["definitionId"]!;
        var created = await SiftServer.JsonAsync(await server.Client.PostAsJsonAsync("/v0/applications", new { name = "Night desk", workflow_id = flow }));
        return (flow, (string)saved["id"]!, (string)created["app_id"]!);
    }
}
