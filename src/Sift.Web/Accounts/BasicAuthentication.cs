using System.Buffers.Text;
using System.Globalization;
using System.Security.Claims;
using System.Text;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.Extensions.Options;
using Sift.Web.Http;
using Sift.Web.SignIn;

namespace Sift.Web.Accounts;

/// <summary>HTTP Basic with account id and auth token (RFC 7617, sift-api 1.2).</summary>
internal sealed class BasicAuthentication(
    IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory loggers, UrlEncoder encoder, AccountRegistry accounts, LoginThrottle throttle)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, loggers, encoder)
{
    public const string SchemeName = "Basic";

    private const int LongestHeader = 1024;

    private TimeSpan? mustWait;

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (Credentials(Request.Headers.Authorization) is not { } credentials)
        {
            return AuthenticateResult.NoResult();
        }

        var address = Context.Connection.RemoteIpAddress;
        mustWait = throttle.MustWait(address);
        if (mustWait is not null)
        {
            return AuthenticateResult.Fail("Too many failures");
        }

        if (!await accounts.VerifyAsync(credentials.AccountId, credentials.Token))
        {
            throttle.Failed(address);
            return AuthenticateResult.Fail("Unknown account or wrong token");
        }

        throttle.Succeeded(address);
        var identity = new ClaimsIdentity([new Claim(ClaimTypes.NameIdentifier, credentials.AccountId)], SchemeName);
        return AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(identity), SchemeName));
    }

    protected override async Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        if (mustWait is { } wait)
        {
            Response.Headers.RetryAfter = Math.Ceiling(wait.TotalSeconds).ToString(CultureInfo.InvariantCulture);
            await Problems.Of(StatusCodes.Status429TooManyRequests, "Too many failed logins from this address. Try again later.").ExecuteAsync(Context);
            return;
        }

        Response.Headers.WWWAuthenticate = "Basic realm=\"Sift\", charset=\"UTF-8\"";
        await Problems.Of(StatusCodes.Status401Unauthorized, "Give the account id as user name and its auth token as password, by HTTP Basic.").ExecuteAsync(Context);
    }

    private static (string AccountId, string Token)? Credentials(string? header)
    {
        if (header is null || header.Length > LongestHeader || !header.StartsWith("Basic ", StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        var encoded = header.AsSpan(6).Trim();
        var bytes = new byte[Base64.GetMaxDecodedFromUtf8Length(encoded.Length)];
        if (!Convert.TryFromBase64Chars(encoded, bytes, out var length))
        {
            return null;
        }

        var text = Encoding.UTF8.GetString(bytes, 0, length);
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        return colon < 0 ? null : (text[..colon], text[(colon + 1)..]);
    }
}

internal static class AccountServices
{
    public static IServiceCollection AddSiftAccounts(this IServiceCollection services, string dataDirectory)
    {
        services.AddSingleton(_ => TokenSeal.Open(dataDirectory));
        services.AddSingleton<AccountStore>();
        services.AddSingleton<AccountRegistry>();
        services.AddSingleton<LoginThrottle>();
        return services;
    }

    /// <summary>Denies by default: a route without a policy of its own, and a path without a route, ask for credentials.</summary>
    public static IServiceCollection AddSiftAuthentication(this IServiceCollection services, string dataDirectory)
    {
        services.AddWebEncoders();
        services.AddAuthentication(SessionCookie.SelectorName)
            .AddScheme<AuthenticationSchemeOptions, BasicAuthentication>(BasicAuthentication.SchemeName, null)
            .AddSessionCookie(dataDirectory);
        services.AddAuthorizationBuilder().SetFallbackPolicy(new AuthorizationPolicyBuilder().RequireAuthenticatedUser().Build());
        return services;
    }

    /// <summary>The account that makes the request.</summary>
    public static string AccountId(this ClaimsPrincipal user)
        => user.FindFirstValue(ClaimTypes.NameIdentifier) ?? throw new InvalidOperationException("The route was reached without credentials");
}
