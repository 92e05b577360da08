using System.Net;
using Sift.Web.Tests.Testing;

namespace Sift.Web.Tests.SignIn;

[Collection(SiftServerCollection.Name)]
public sealed class SignInTests(SiftServer server)
{
    [Fact]
    public async Task A_page_sends_to_the_sign_in_and_back()
    {
        var client = server.Browser();
        var asked = await client.GetAsync("/studio/workflows/definitions");
        Assert.Equal(HttpStatusCode.Redirect, asked.StatusCode);
        Assert.Contains("/sign-in?return=%2Fstudio%2Fworkflows%2Fdefinitions", asked.Headers.Location!.ToString(), StringComparison.Ordinal);

        var signedIn = await SignInAsync(client, SiftServer.Token, "/studio/workflows/instances");

        Assert.Equal(HttpStatusCode.Redirect, signedIn.StatusCode);
        Assert.Equal("/studio/workflows/instances", signedIn.Headers.Location!.ToString());
        var cookie = signedIn.Headers.GetValues("Set-Cookie").Single();
        Assert.Contains("httponly", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("samesite=strict", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/studio/workflows/definitions")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/elsa/api/features/installed")).StatusCode);
    }

    [Theory]
    [InlineData("https://evil.example/")]
    [InlineData("//evil.example/")]
    [InlineData("/\\evil.example/")]
    public async Task Nobody_is_sent_to_another_site_after_signing_in(string target)
    {
        var signedIn = await SignInAsync(server.Browser(), SiftServer.Token, target);

        Assert.Equal("/console", signedIn.Headers.Location!.ToString());
    }

    [Fact]
    public async Task A_wrong_token_gets_the_form_again_and_no_cookie()
    {
        var refused = await SignInAsync(server.Browser(), "wrong", "/studio");

        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        Assert.False(refused.Headers.Contains("Set-Cookie"));
        Assert.Contains("do not belong together", await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        await SignInAsync(server.Browser(), SiftServer.Token, "/studio");
    }

    [Theory]
    [InlineData(null)]
    [InlineData("https://evil.example")]
    public async Task Changes_in_a_session_must_come_from_a_page_of_this_server(string? origin)
    {
        var client = server.Browser();
        await SignInAsync(client, SiftServer.Token, "/studio");

        using var forged = new HttpRequestMessage(HttpMethod.Post, "/elsa/api/workflow-instances") { Content = new StringContent("{}", null, "application/json") };
        if (origin is not null)
        {
            forged.Headers.Add("Origin", origin);
        }

        Assert.Equal(HttpStatusCode.Forbidden, (await client.SendAsync(forged)).StatusCode);
        using var own = new HttpRequestMessage(HttpMethod.Post, "/elsa/api/workflow-instances") { Content = new StringContent("{}", null, "application/json") };
        own.Headers.Add("Origin", client.BaseAddress!.GetLeftPart(UriPartial.Authority));
        Assert.Equal(HttpStatusCode.OK, (await client.SendAsync(own)).StatusCode);
    }

    [Theory]
    [InlineData(null, HttpStatusCode.OK)]
    [InlineData("https://evil.example", HttpStatusCode.Forbidden)]
    [InlineData("null", HttpStatusCode.Forbidden)]
    public async Task Credentials_that_a_browser_remembers_are_of_no_use_to_another_sites_page(string? origin, HttpStatusCode expected)
    {
        using var posted = new HttpRequestMessage(HttpMethod.Post, "/elsa/api/workflow-instances") { Content = new StringContent("{}", null, "application/json") };
        if (origin is not null)
        {
            posted.Headers.Add("Origin", origin);
        }

        Assert.Equal(expected, (await server.Client.SendAsync(posted)).StatusCode);
    }

    [Fact]
    public async Task Signing_out_ends_the_session()
    {
        var client = server.Browser();
        await SignInAsync(client, SiftServer.Token, "/studio");

        using var leave = new HttpRequestMessage(HttpMethod.Post, "/sign-out");
        leave.Headers.Add("Origin", client.BaseAddress!.GetLeftPart(UriPartial.Authority));
        Assert.Equal(HttpStatusCode.Redirect, (await client.SendAsync(leave)).StatusCode);

        Assert.Equal(HttpStatusCode.Redirect, (await client.GetAsync("/studio/workflows/definitions")).StatusCode);
    }

    private static async Task<HttpResponseMessage> SignInAsync(HttpClient client, string token, string target)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/sign-in")
        {
            Content = new FormUrlEncodedContent([
                KeyValuePair.Create("account_id", SiftServer.Account), KeyValuePair.Create("token", token), KeyValuePair.Create("return", target)]),
        };
        request.Headers.Add("Origin", client.BaseAddress!.GetLeftPart(UriPartial.Authority));
        return await client.SendAsync(request);
    }
}
