using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using Microsoft.Extensions.DependencyInjection;
using Sift.Activities.Connections;
using Sift.Web.Browser;
using Sift.Web.Storage.GroupCommit;
using Sift.Web.Tests.Testing;

namespace Sift.Web.Tests.Phone;

[Collection(SiftServerCollection.Name)]
public sealed class PhoneTests(SiftServer server)
{
    [Fact]
    public async Task The_page_runs_no_script_but_its_own()
    {
        using var response = await server.Anonymous.GetAsync("/phone");

        Assert.Equal("text/html", response.Content.Headers.ContentType!.MediaType);
        var policy = response.Headers.GetValues("Content-Security-Policy").Single();
        Assert.StartsWith("default-src 'none'; script-src 'self'; style-src 'self';", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
        var html = await response.Content.ReadAsStringAsync();
        Assert.DoesNotContain("http", html, StringComparison.Ordinal);
        Assert.DoesNotMatch("<script(?![^>]*src=)|\\son\\w+=|style=", html);
    }

    [Theory]
    [InlineData("/phone/phone.js", "text/javascript")]
    [InlineData("/phone/phone.css", "text/css")]
    [InlineData("/phone/phone.svg", "image/svg+xml")]
    public async Task Its_parts_are_served(string path, string type)
    {
        using var response = await server.Anonymous.GetAsync(path);

        Assert.Equal((HttpStatusCode.OK, type), (response.StatusCode, response.Content.Headers.ContentType!.MediaType));
    }

    [Fact]
    public async Task The_password_or_an_accounts_credentials_sign_a_phone_in()
    {
        foreach (var login in new object[]
        {
            new { number = "+15554443333", password = SiftServer.SandboxPassword },
            new { number = "+15554443333", account_id = SiftServer.Account, auth_token = SiftServer.Token },
        })
        {
            var body = await SiftServer.JsonAsync(await server.Anonymous.PostAsJsonAsync("/phone/session", login));
            var (capability, _) = await server.Services.GetRequiredService<CapabilityTokens>().VerifyAsync((string?)body["token"]);
            Assert.Equal(("+15554443333", "+15554443333"), (capability!.PhoneNumber, capability.Endpoint));
            Assert.Null(capability.Outgoing);
        }
    }

    [Fact]
    public async Task Wrong_credentials_and_numbers_are_refused()
    {
        Assert.Equal(HttpStatusCode.Unauthorized, (await server.Anonymous.PostAsJsonAsync("/phone/session", new { number = "+15554443333", password = "wrong" })).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await server.Anonymous.PostAsJsonAsync("/phone/session", new { number = "+15554443333" })).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await server.Anonymous.PostAsJsonAsync("/phone/session", new { number = "+15554443333", account_id = SiftServer.Account, auth_token = "wrong" })).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await server.Anonymous.PostAsJsonAsync("/phone/session", new { number = "5554443333", password = SiftServer.SandboxPassword })).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await server.Anonymous.PostAsync("/phone/session", new FormUrlEncodedContent([new("number", "+15554443333"), new("password", SiftServer.SandboxPassword)]))).StatusCode);
    }

    [Fact]
    public async Task A_phone_sees_the_steps_of_its_own_calls_only()
    {
        var time = server.Services.GetRequiredService<TimeProvider>();
        var connection = new Connection(Ids.New(), SiftServer.Account, "+15550100200", "+15554443333", "outgoing", ConnectionStatus.Connecting, time.GetUtcNow());
        await server.Services.GetRequiredService<GroupCommitWriter>().WriteAsync(null, [connection], default);
        var path = $"/phone/calls/{connection.Id}/steps";

        Assert.Equal(HttpStatusCode.Unauthorized, (await server.Anonymous.GetAsync(path)).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await GetAsync(path, CapabilityTokenOfAnAccount())).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await GetAsync(path, await TokenAsync("+15557770000"))).StatusCode);
        var steps = await SiftServer.JsonAsync(await GetAsync(path, await TokenAsync("+15554443333")));
        Assert.Empty(steps["steps"]!.AsArray());
        Assert.False((bool)steps["ended"]!);
    }

    private static string CapabilityTokenOfAnAccount() => Browser.CapabilityTokenTests.Mint(Browser.CapabilityTokenTests.Claims("scope:client:incoming?clientName=x", Browser.CapabilityTokenTests.Soon));

    private async Task<string> TokenAsync(string number)
        => (string)(await SiftServer.JsonAsync(await server.Anonymous.PostAsJsonAsync("/phone/session", new { number, password = SiftServer.SandboxPassword })))["token"]!;

    private Task<HttpResponseMessage> GetAsync(string path, string token)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return server.Anonymous.SendAsync(request);
    }
}
