using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Sift.Web.Storage;
using Sift.Web.Tests.Testing;

namespace Sift.Web.Tests.Deliveries;

/// <summary>What is signed is checked with the reference implementation of Standard Webhooks.</summary>
public sealed class WebhookSecretTests : IClassFixture<SiftServer>, IAsyncLifetime
{
    private readonly SiftServer server;
    private WebhookReceiver receiver = null!;

    public WebhookSecretTests(SiftServer server) => this.server = server;

    public async Task InitializeAsync()
    {
        receiver = await WebhookReceiver.StartAsync();
        foreach (var secret in await ListAsync())
        {
            (await server.Client.DeleteAsync($"/v0/webhooksecrets/{secret!["secret_id"]}")).EnsureSuccessStatusCode();
        }
    }

    public async Task DisposeAsync() => await receiver.DisposeAsync();

    [Fact]
    public async Task Callbacks_of_an_account_without_a_secret_are_unsigned()
    {
        await server.SendAsync(Deliver.New(receiver.Url));
        Assert.DoesNotContain("webhook-signature", (await receiver.NextAsync()).Headers.Keys);
    }

    [Fact]
    public async Task The_reference_implementation_accepts_what_a_new_secret_signs_and_refuses_a_changed_body()
    {
        var secret = await CreateAsync();
        await server.SendAsync(Deliver.New(receiver.Url));
        var request = await receiver.NextAsync();
        Assert.Equal((0, ""), await VerifyAsync(secret, request));
        Assert.Equal(1, (await VerifyAsync(secret, request with { Body = request.Body.Replace("a +", "b +", StringComparison.Ordinal) })).ExitCode);
    }

    [Fact]
    public async Task Both_secrets_verify_during_a_rotation_and_only_the_new_one_after_it()
    {
        var old = await CreateAsync();
        var rotated = await SiftServer.JsonAsync(await server.Client.PostAsJsonAsync("/v0/webhooksecrets/rotate", new { overlap_seconds = 3600 }));
        var fresh = (string)rotated["secret"]!;
        await server.SendAsync(Deliver.New(receiver.Url));
        var during = await receiver.NextAsync();
        Assert.Equal((0, ""), await VerifyAsync(old, during));
        Assert.Equal((0, ""), await VerifyAsync(fresh, during));

        var last = (string)(await SiftServer.JsonAsync(await server.Client.PostAsJsonAsync("/v0/webhooksecrets/rotate", new { overlap_seconds = 0 })))["secret"]!;
        await server.SendAsync(Deliver.New(receiver.Url));
        var after = await receiver.NextAsync();
        Assert.Equal((0, ""), await VerifyAsync(last, after));
        Assert.Equal(1, (await VerifyAsync(old, after)).ExitCode);
        Assert.Equal(1, (await VerifyAsync(fresh, after)).ExitCode);
    }

    [Fact]
    public async Task A_secret_is_shown_once_and_stored_sealed()
    {
        var secret = await CreateAsync();
        var listed = Assert.Single(await ListAsync())!.AsObject();
        Assert.False(listed.ContainsKey("secret"));
        Assert.Equal(secret[^4..], (string?)listed["hint"]);
        await using var connection = await server.Services.GetRequiredService<Database>().OpenAsync(default);
        await using var command = connection.CreateCommand();
        command.CommandText = "SELECT sealed_secret FROM webhook_secrets";
        var stored = (byte[])(await command.ExecuteScalarAsync())!;
        Assert.DoesNotContain(secret[6..], System.Text.Encoding.Latin1.GetString(stored), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_third_active_secret_is_refused_and_a_revoked_one_makes_room()
    {
        await CreateAsync();
        await CreateAsync();
        Assert.Equal(HttpStatusCode.Conflict, (await server.Client.PostAsync("/v0/webhooksecrets", null)).StatusCode);
        await server.Client.DeleteAsync($"/v0/webhooksecrets/{(await ListAsync())[0]!["secret_id"]}");
        await CreateAsync();
    }

    [Fact]
    public async Task Another_account_sees_and_revokes_nothing()
    {
        await CreateAsync();
        var id = (string?)(await ListAsync())[0]!["secret_id"];
        Assert.Empty((await SiftServer.JsonAsync(await server.Stranger.GetAsync("/v0/webhooksecrets")))["results"]!.AsArray());
        Assert.Equal(HttpStatusCode.NotFound, (await server.Stranger.DeleteAsync($"/v0/webhooksecrets/{id}")).StatusCode);
        Assert.Single(await ListAsync());
    }

    private static Task<(int ExitCode, string Error)> VerifyAsync(string secret, WebhookReceiver.Request request)
        => NodePackages.RunAsync("verify-webhook.js", JsonSerializer.Serialize(new { secret, body = request.Body, headers = request.Headers }));

    private async Task<string> CreateAsync()
    {
        var response = await server.Client.PostAsync("/v0/webhooksecrets", null);
        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        var secret = (string)(await SiftServer.JsonAsync(response))["secret"]!;
        Assert.StartsWith("whsec_", secret, StringComparison.Ordinal);
        return secret;
    }

    private async Task<JsonArray> ListAsync() => (await SiftServer.JsonAsync(await server.Client.GetAsync("/v0/webhooksecrets")))["results"]!.AsArray();
}
