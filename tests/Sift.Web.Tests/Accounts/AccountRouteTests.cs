using System.Net;
using System.Net.Http.Json;
using Sift.Web.Tests.Testing;

namespace Sift.Web.Tests.Accounts;

[Collection(SiftServerCollection.Name)]
public sealed class AccountRouteTests(SiftServer server)
{
    [Fact]
    public async Task Accounts_are_the_operators_business()
    {
        foreach (var answer in new[]
        {
            await server.Stranger.GetAsync("/v0/accounts"),
            await server.Stranger.PostAsJsonAsync("/v0/accounts", new { name = "mine" }),
            await server.Stranger.PostAsync($"/v0/accounts/{SiftServer.Account}/token", null),
            await server.Stranger.PostAsync($"/v0/accounts/{SiftServer.Account}/disable", null),
        })
        {
            Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        }
    }

    [Fact]
    public async Task An_account_is_made_with_a_token_that_works_and_changes_its_own()
    {
        var created = await SiftServer.JsonAsync(await server.Client.PostAsJsonAsync("/v0/accounts", new { name = "branch" }));
        var (id, token) = ((string)created["account_id"]!, (string)created["auth_token"]!);
        using var client = server.ClientOf(id, token);

        var changed = await SiftServer.JsonAsync(await client.PostAsync($"/v0/accounts/{id}/token", null));

        Assert.Equal(HttpStatusCode.Unauthorized, (await client.GetAsync("/v0/applications")).StatusCode);
        using var again = server.ClientOf(id, (string)changed["auth_token"]!);
        Assert.Equal(HttpStatusCode.OK, (await again.GetAsync("/v0/applications")).StatusCode);
        var listed = (await SiftServer.JsonAsync(await server.Client.GetAsync("/v0/accounts")))["results"]!.AsArray().Single(row => (string?)row!["account_id"] == id)!;
        Assert.Null(listed["auth_token"]);
    }

    [Fact]
    public async Task The_operator_can_neither_lock_everybody_out_nor_change_a_token_that_the_settings_hold()
    {
        Assert.Equal(HttpStatusCode.Conflict, (await server.Client.PostAsync($"/v0/accounts/{SiftServer.Account}/disable", null)).StatusCode);
        var refused = await server.Client.PostAsync($"/v0/accounts/{SiftServer.Account}/token", null);
        Assert.Equal(HttpStatusCode.Conflict, refused.StatusCode);
        Assert.Contains("Sift__Account__AuthToken", await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_name_is_asked_for()
        => Assert.NotEmpty(await SiftServer.ErrorsAsync(await server.Client.PostAsJsonAsync("/v0/accounts", new { }), "name"));
}
