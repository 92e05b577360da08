using System.Net;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Sift.Web.Accounts;
using Sift.Web.Tests.Testing;

namespace Sift.Web.Tests.Accounts;

[Collection(SiftServerCollection.Name)]
public sealed class AuthenticationTests(SiftServer server)
{
    [Fact]
    public async Task Every_route_of_the_api_asks_for_credentials()
    {
        var routes = server.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(endpoint => endpoint.RoutePattern.RawText!.StartsWith("/v0", StringComparison.Ordinal)).ToList();
        Assert.True(routes.Count >= 15, $"only {routes.Count} routes found");
        foreach (var route in routes)
        {
            foreach (var method in route.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods)
            {
                var path = System.Text.RegularExpressions.Regex.Replace(route.RoutePattern.RawText!, "{[^}]+}", "x");
                var response = await server.Anonymous.SendAsync(new HttpRequestMessage(new HttpMethod(method), path));
                Assert.True(response.StatusCode == HttpStatusCode.Unauthorized, $"{method} {path} gave {response.StatusCode}");
                Assert.Equal("Basic", response.Headers.WwwAuthenticate.Single().Scheme);
                Assert.Equal("application/problem+json", response.Content.Headers.ContentType!.MediaType);
            }
        }
    }

    [Theory]
    [InlineData("/v0/nothing")]
    [InlineData("/v0")]
    [InlineData("/anything")]
    public async Task A_path_without_a_route_is_denied_too(string path)
    {
        Assert.Equal(HttpStatusCode.Unauthorized, (await server.Anonymous.GetAsync(path)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await server.Client.GetAsync(path)).StatusCode);
    }

    [Fact]
    public async Task A_wrong_method_is_told_to_those_with_credentials_only()
    {
        Assert.Equal(HttpStatusCode.Unauthorized, (await server.Anonymous.DeleteAsync("/v0/connections")).StatusCode);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, (await server.Client.DeleteAsync("/v0/connections")).StatusCode);
    }

    [Theory]
    [InlineData(SiftServer.Account, "wrong")]
    [InlineData("ffffffffffffffff", SiftServer.Token)]
    [InlineData("", "")]
    public async Task Wrong_credentials_are_refused(string account, string token)
        => Assert.Equal(HttpStatusCode.Unauthorized, (await server.ClientOf(account, token).GetAsync("/v0/applications")).StatusCode);

    [Theory]
    [InlineData("Basic !!!")]
    [InlineData("Basic bm9jb2xvbg==")]
    [InlineData("Bearer x")]
    public async Task A_header_that_is_no_basic_login_is_refused(string header)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, "/v0/applications");
        request.Headers.TryAddWithoutValidation("Authorization", header);
        Assert.Equal(HttpStatusCode.Unauthorized, (await server.Anonymous.SendAsync(request)).StatusCode);
    }

    [Fact]
    public async Task A_disabled_account_is_refused_at_once_and_an_enabled_one_let_in_again()
    {
        var accounts = server.Services.GetRequiredService<AccountStore>();
        var (id, token) = (await accounts.CreateAsync("short-lived", null, null, default))!.Value;
        var client = server.ClientOf(id, token);
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/v0/applications")).StatusCode);
        await accounts.SetEnabledAsync(id, false, default);
        Assert.Equal(HttpStatusCode.Unauthorized, (await client.GetAsync("/v0/applications")).StatusCode);
        await accounts.SetEnabledAsync(id, true, default);
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/v0/applications")).StatusCode);
    }

    [Fact]
    public async Task A_rotated_token_replaces_the_old_one_at_once()
    {
        var accounts = server.Services.GetRequiredService<AccountStore>();
        var (id, token) = (await accounts.CreateAsync("rotating", null, null, default))!.Value;
        var fresh = await accounts.RotateTokenAsync(id, null, default);
        Assert.Equal(HttpStatusCode.Unauthorized, (await server.ClientOf(id, token).GetAsync("/v0/applications")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await server.ClientOf(id, fresh!).GetAsync("/v0/applications")).StatusCode);
    }
}
