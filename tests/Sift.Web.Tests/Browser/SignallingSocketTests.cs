using System.Net;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Sift.Web.Accounts;
using Sift.Web.Browser;
using Sift.Web.Tests.Testing;

namespace Sift.Web.Tests.Browser;

/// <summary>The socket as a client of the documented protocol sees it, through the server's own pipeline.</summary>
[Collection(SiftServerCollection.Name)]
public sealed class SignallingSocketTests(SiftServer server)
{
    private static string Token => CapabilityTokenTests.Mint(CapabilityTokenTests.Claims("scope:client:incoming?clientName=socket", CapabilityTokenTests.Soon));

    [Fact]
    public async Task A_good_token_is_answered_OK_and_a_session_follows()
    {
        using var socket = await server.BrowserSocketAsync();

        await SayAsync(socket, new JsonObject { ["type"] = "auth", ["body"] = Token });

        Assert.Equal("""{"type":"auth","body":"OK"}""", await HearAsync(socket));
        Assert.Matches("""^\{"type":"config","body":\{"session":"[0-9a-f]{32}","ice_servers":\[\]\}\}$""", await HearAsync(socket));
    }

    [Fact]
    public async Task A_bad_token_is_refused_in_words_and_the_socket_closes()
    {
        using var socket = await server.BrowserSocketAsync();

        await SayAsync(socket, new JsonObject { ["type"] = "auth", ["body"] = Token[..^4] });

        Assert.Equal("""{"type":"auth","body":"the token is not valid"}""", await HearAsync(socket));
        Assert.Null(await HearAsync(socket));
        Assert.Equal(WebSocketCloseStatus.PolicyViolation, socket.CloseStatus);
    }

    [Theory]
    [InlineData("""{"type":"connect"}""")]
    [InlineData("""{"type":"auth","body":{}}""")]
    [InlineData("""{"type":7}""")]
    [InlineData("""["auth"]""")]
    [InlineData("not JSON")]
    [InlineData("")]
    public async Task Anything_but_a_token_first_closes_the_socket(string message)
    {
        using var socket = await server.BrowserSocketAsync();

        await SayAsync(socket, message);

        while (await HearAsync(socket) is { } text)
        {
            Assert.DoesNotContain("OK", text, StringComparison.Ordinal);
        }

        Assert.Equal(WebSocketCloseStatus.PolicyViolation, socket.CloseStatus);
    }

    [Fact]
    public async Task Messages_have_a_greatest_length()
    {
        using var socket = await LogInAsync();

        await SayAsync(socket, """{"type":"connect","body":" """ + new string('a', BrowserLimits.LongestMessage) + "\"}");

        await UntilClosedAsync(socket);
        Assert.Equal(WebSocketCloseStatus.MessageTooBig, socket.CloseStatus);
    }

    [Fact]
    public async Task Binary_messages_close_the_socket()
    {
        using var socket = await LogInAsync();

        await socket.SendAsync(new byte[] { 1, 2, 3 }, WebSocketMessageType.Binary, true, default);

        await UntilClosedAsync(socket);
        Assert.Equal(WebSocketCloseStatus.InvalidMessageType, socket.CloseStatus);
    }

    [Fact]
    public async Task A_flood_closes_the_socket()
    {
        using var socket = await LogInAsync();
        var limits = server.Services.GetRequiredService<BrowserLimits>();

        for (var i = 0; i < 40 * limits.MessagesPerSecond && socket.State == WebSocketState.Open; i++)
        {
            try
            {
                await SayAsync(socket, """{"type":"candidate","body":{}}""");
            }
            catch (Exception e) when (e is IOException or WebSocketException or OperationCanceledException)
            {
                break;
            }
        }

        await UntilClosedAsync(socket);
        Assert.Equal(WebSocketCloseStatus.PolicyViolation, socket.CloseStatus);
    }

    [Fact]
    public async Task Unknown_messages_are_passed_over()
    {
        using var socket = await LogInAsync();

        await SayAsync(socket, """{"type":"transfer","body":[1,{"a":null}]}""");
        await SayAsync(socket, """{"type":"resume","body":{"session":"0123"}}""");

        Assert.StartsWith("""{"type":"resumed","body":{"connected":false""", await HearAsync(socket), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_disabled_account_is_refused_at_the_next_action_of_an_open_socket()
    {
        var accounts = server.Services.GetRequiredService<AccountStore>();
        var (id, secret) = (await accounts.CreateAsync("socket", null, null, default))!.Value;
        var token = CapabilityTokenTests.Mint($$"""{"iss":"{{id}}","exp":{{CapabilityTokenTests.Soon}},"scope":"scope:client:outgoing?appSid=a"}""", secret: secret);
        using var socket = await LogInAsync(token);

        await accounts.SetEnabledAsync(id, false, default);
        await SayAsync(socket, """{"type":"connect"}""");

        Assert.Equal("""{"type":"auth","body":"the token does not hold any more"}""", await HearAsync(socket));
        await UntilClosedAsync(socket);
    }

    [Fact]
    public async Task A_call_to_an_application_of_another_account_fails()
    {
        var created = await SiftServer.JsonAsync(await server.Stranger.PostAsync("/v0/applications", new StringContent("""{"name":"theirs","on_incoming":"https://x.example/in"}""", Encoding.UTF8, "application/json")));
        var token = CapabilityTokenTests.Mint(CapabilityTokenTests.Claims($"scope:client:outgoing?appSid={created["app_id"]}", CapabilityTokenTests.Soon));
        using var socket = await LogInAsync(token);

        await SayAsync(socket, """{"type":"connect"}""");

        Assert.StartsWith("""{"type":"connection",""", await HearAsync(socket), StringComparison.Ordinal);
        Assert.Equal("""{"type":"cancel","body":{"reason":"not_found"}}""", await HearAsync(socket));
    }

    [Fact]
    public async Task A_plain_request_is_told_to_upgrade()
    {
        using var response = await server.Anonymous.GetAsync("/webrtc/");

        Assert.Equal(HttpStatusCode.UpgradeRequired, response.StatusCode);
        Assert.Equal("websocket", response.Headers.GetValues("Upgrade").Single());
    }

    [Theory]
    [InlineData("/sift.js", "text/javascript")]
    [InlineData("/sift.mjs", "text/javascript")]
    [InlineData("/sift.d.ts", "text/plain")]
    public async Task The_library_is_served_to_pages_of_any_origin(string path, string type)
    {
        using var response = await server.Anonymous.GetAsync(path);

        Assert.Equal(type, response.Content.Headers.ContentType!.MediaType);
        Assert.Equal("*", response.Headers.GetValues("Access-Control-Allow-Origin").Single());
        using var again = new HttpRequestMessage(HttpMethod.Get, path);
        again.Headers.IfNoneMatch.Add(response.Headers.ETag!);
        using var unchanged = await server.Anonymous.SendAsync(again);
        Assert.Equal(HttpStatusCode.NotModified, unchanged.StatusCode);
    }

    private async Task<WebSocket> LogInAsync(string? token = null)
    {
        var socket = await server.BrowserSocketAsync();
        await SayAsync(socket, new JsonObject { ["type"] = "auth", ["body"] = token ?? Token });
        Assert.Contains("OK", await HearAsync(socket), StringComparison.Ordinal);
        Assert.Contains("config", await HearAsync(socket), StringComparison.Ordinal);
        return socket;
    }

    private static Task SayAsync(WebSocket socket, JsonNode message) => SayAsync(socket, message.ToJsonString());

    private static Task SayAsync(WebSocket socket, string text) => socket.SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, true, default);

    /// <summary>The next message; null when the server closed.</summary>
    private static async Task<string?> HearAsync(WebSocket socket)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        var buffer = new byte[16 * 1024];
        var result = await socket.ReceiveAsync(buffer, limit.Token);
        return result.MessageType == WebSocketMessageType.Close ? null : Encoding.UTF8.GetString(buffer, 0, result.Count);
    }

    private static async Task UntilClosedAsync(WebSocket socket)
    {
        while (await HearAsync(socket) is not null)
        {
        }
    }
}
