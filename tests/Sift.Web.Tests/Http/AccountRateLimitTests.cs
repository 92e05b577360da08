using System.Security.Claims;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Sift.Web.Hosting;
using Sift.Web.Http;

namespace Sift.Web.Tests.Http;

public sealed class AccountRateLimitTests
{
    private readonly IServiceProvider services = new ServiceCollection().AddLogging().BuildServiceProvider();
    private readonly AccountRateLimit limit;
    private int passed;

    public AccountRateLimitTests() => limit = new AccountRateLimit(
        _ =>
        {
            passed++;
            return Task.CompletedTask;
        },
        new ApiOptions { RequestsPerSecond = 1 });

    [Fact]
    public async Task An_account_that_asks_too_often_is_told_when_to_come_again()
    {
        for (var i = 0; i < 4; i++)
        {
            Assert.Equal(200, (await AskAsync("a")).Response.StatusCode);
        }

        var refused = await AskAsync("a");

        Assert.Equal(4, passed);
        Assert.Equal(429, refused.Response.StatusCode);
        Assert.InRange(int.Parse(refused.Response.Headers.RetryAfter.ToString(), System.Globalization.CultureInfo.InvariantCulture), 1, 10);
    }

    [Fact]
    public async Task One_account_does_not_use_up_what_another_may_ask()
    {
        for (var i = 0; i < 5; i++)
        {
            await AskAsync("a");
        }

        Assert.Equal(200, (await AskAsync("b")).Response.StatusCode);
    }

    [Fact]
    public async Task Who_is_not_signed_in_is_not_counted_here()
    {
        for (var i = 0; i < 20; i++)
        {
            await AskAsync(null);
        }

        Assert.Equal(20, passed);
    }

    private async Task<HttpContext> AskAsync(string? account)
    {
        var http = new DefaultHttpContext { RequestServices = services };
        if (account is not null)
        {
            http.User = new ClaimsPrincipal(new ClaimsIdentity([new Claim(ClaimTypes.NameIdentifier, account)], "test"));
        }

        await limit.InvokeAsync(http);
        return http;
    }
}
