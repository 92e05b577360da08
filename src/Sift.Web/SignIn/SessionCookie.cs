using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.DataProtection;
using Sift.Web.Accounts;
using Sift.Web.Hosting;
using Sift.Web.Http;

namespace Sift.Web.SignIn;

/// <summary>
/// The session of a person at a browser: an encrypted cookie that names the account, good for every page and API of this server. It
/// ends with the token it was made with: changing the token signs everybody out.
/// </summary>
internal static class SessionCookie
{
    public const string SchemeName = "Session";
    public const string CookieName = "sift-session";

    private const string TokenClaim = "sift:token";
    private const string PasswordClaim = "sift:password";

    /// <summary>Chooses between the cookie and HTTP Basic per request; the default scheme of the server.</summary>
    public const string SelectorName = "Account";

    public static AuthenticationBuilder AddSessionCookie(this AuthenticationBuilder authentication, string dataDirectory)
    {
        var keys = Directory.CreateDirectory(Path.Combine(dataDirectory, "keys"));
        if (!OperatingSystem.IsWindows())
        {
            keys.UnixFileMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        }

        authentication.Services.AddDataProtection().SetApplicationName("sift").PersistKeysToFileSystem(keys);
        authentication.AddPolicyScheme(SelectorName, null, selector => selector.ForwardDefaultSelector = http =>
            http.Request.Headers.Authorization.Count == 0 && (http.Request.Cookies.ContainsKey(CookieName) || IsPage(http.Request)) ? SchemeName : BasicAuthentication.SchemeName);
        return authentication.AddCookie(SchemeName, cookie =>
        {
            cookie.Cookie.Name = CookieName;
            cookie.Cookie.HttpOnly = true;
            cookie.Cookie.SameSite = SameSiteMode.Strict;
            cookie.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
            cookie.ExpireTimeSpan = TimeSpan.FromHours(12);
            cookie.SlidingExpiration = true;
            cookie.LoginPath = SignInPage.Path;
            cookie.ReturnUrlParameter = SignInPage.ReturnParameter;
            cookie.Events.OnValidatePrincipal = CheckAccountAsync;
            cookie.Events.OnRedirectToLogin = context =>
            {
                if (IsPage(context.Request))
                {
                    context.Response.Redirect(context.RedirectUri);
                    return Task.CompletedTask;
                }

                return Problems.Of(StatusCodes.Status401Unauthorized, "Sign in first, or give account id and auth token by HTTP Basic.").ExecuteAsync(context.HttpContext);
            };
        });
    }

    /// <param name="password">The operator password when that was what somebody signed in with: the session ends with it too.</param>
    public static ClaimsPrincipal NewPrincipal(string accountId, string token, string? password = null)
    {
        var identity = new ClaimsIdentity([new Claim(ClaimTypes.NameIdentifier, accountId), new Claim(TokenClaim, Fingerprint(token))], SchemeName);
        if (password is not null)
        {
            identity.AddClaim(new Claim(PasswordClaim, Fingerprint(password)));
        }

        return new ClaimsPrincipal(identity);
    }

    /// <summary>Whether the request asks for something a person looks at, rather than a program.</summary>
    private static bool IsPage(HttpRequest request) =>
        HttpMethods.IsGet(request.Method) && (request.Path.StartsWithSegments("/studio") || request.Path.StartsWithSegments("/console"));

    private static async Task CheckAccountAsync(CookieValidatePrincipalContext context)
    {
        var accounts = context.HttpContext.RequestServices.GetRequiredService<AccountRegistry>();
        var account = context.Principal?.FindFirstValue(ClaimTypes.NameIdentifier);
        var token = account is null ? null : await accounts.TokenAsync(account);
        var password = context.HttpContext.RequestServices.GetRequiredService<SiftOptions>().Console.Password;
        var signedWith = context.Principal?.FindFirstValue(PasswordClaim);
        if ((signedWith is not null && (password is null || signedWith != Fingerprint(password))) || token is null || context.Principal!.FindFirstValue(TokenClaim) != Fingerprint(token))
        {
            context.RejectPrincipal();
        }
    }

    // Says whether two tokens are the same without saying which; the cookie itself is encrypted as well.
    private static string Fingerprint(string token) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes("session:" + token)).AsSpan(0, 16));
}
