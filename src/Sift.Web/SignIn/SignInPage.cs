using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Sift.Web.Accounts;
using Sift.Web.Hosting;
using Sift.Web.Http;

namespace Sift.Web.SignIn;

/// <summary>Account id and token in, session cookie out.</summary>
internal static class SignInPage
{
    public const string Path = "/sign-in";
    public const string SignOutPath = "/sign-out";
    public const string ReturnParameter = "return";

    /// <summary>Stands in the place of the account id when somebody signs in with the operator password.</summary>
    public const string OperatorName = "operator";

    private const string HomePath = "/console";
    private const string Policy = "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet(Path, static (HttpContext http) => PageAsync(http, null, null, StatusCodes.Status200OK)).AllowAnonymous().ExcludeFromDescription();
        routes.MapPost(Path, SignInAsync).AllowAnonymous().ExcludeFromDescription();
        routes.MapPost(SignOutPath, SignOutAsync).AllowAnonymous().ExcludeFromDescription();
        routes.MapGet("/sign-in.css", static () => EmbeddedPage.Result("sign-in.css", "text/css; charset=utf-8")).AllowAnonymous().ExcludeFromDescription();
    }

    private static async Task SignInAsync(HttpContext http, AccountRegistry accounts, LoginThrottle throttle, FirstAccount first, SiftOptions options)
    {
        if (!http.Request.HasFormContentType)
        {
            await Problems.Of(StatusCodes.Status415UnsupportedMediaType, "Send the form of the sign-in page.").ExecuteAsync(http);
            return;
        }

        var form = await http.Request.ReadFormAsync(http.RequestAborted);
        var (account, token) = (form["account_id"].ToString().Trim(), form["token"].ToString().Trim());
        var address = http.Connection.RemoteIpAddress;
        if (throttle.MustWait(address) is { } wait)
        {
            http.Response.Headers.RetryAfter = Math.Ceiling(wait.TotalSeconds).ToString(CultureInfo.InvariantCulture);
            await PageAsync(http, account, "Too many failed attempts from this address. Try again later.", StatusCodes.Status429TooManyRequests);
            return;
        }

        var isOperator = account == OperatorName;
        if (isOperator && OperatorPassword.Verify(options, token) && await accounts.TokenAsync(first.Id) is { } own)
        {
            throttle.Succeeded(address);
            await http.SignInAsync(SessionCookie.SchemeName, SessionCookie.NewPrincipal(first.Id, own, options.Console.Password), new AuthenticationProperties { IsPersistent = true });
            http.Response.Redirect(ReturnPath(form[ReturnParameter].ToString()));
            return;
        }

        if (!await accounts.VerifyAsync(account, token))
        {
            throttle.Failed(address);
            await PageAsync(http, account, isOperator ? "This is not the operator password, or none is configured (Sift__Console__Password)." : "This account id and token do not belong together.", StatusCodes.Status401Unauthorized);
            return;
        }

        throttle.Succeeded(address);
        await http.SignInAsync(SessionCookie.SchemeName, SessionCookie.NewPrincipal(account, token), new AuthenticationProperties { IsPersistent = true });
        http.Response.Redirect(ReturnPath(form[ReturnParameter].ToString()));
    }

    private static async Task SignOutAsync(HttpContext http)
    {
        await http.SignOutAsync(SessionCookie.SchemeName);
        http.Response.Redirect(Path);
    }

    private static async Task PageAsync(HttpContext http, string? account, string? problem, int status)
    {
        var target = http.Request.HasFormContentType ? (await http.Request.ReadFormAsync(http.RequestAborted))[ReturnParameter].ToString() : http.Request.Query[ReturnParameter].ToString();
        var page = EmbeddedPage.Text("sign-in.html")
            .Replace("{{account}}", Html(account), StringComparison.Ordinal)
            .Replace("{{return}}", Html(ReturnPath(target)), StringComparison.Ordinal)
            .Replace("{{problem}}", problem is null ? "" : $"<p class=\"problem\" role=\"alert\">{Html(problem)}</p>", StringComparison.Ordinal);
        http.Response.StatusCode = status;
        http.Response.ContentType = "text/html; charset=utf-8";
        http.Response.Headers.ContentSecurityPolicy = Policy;
        http.Response.Headers.CacheControl = "no-store";
        await http.Response.WriteAsync(page, Encoding.UTF8, http.RequestAborted);
    }

    /// <summary>A path of this server; anything else would send people who just typed their token to somebody else's page.</summary>
    private static string ReturnPath(string? given) =>
        given is ['/', not ('/' or '\\'), ..] && !given.AsSpan().ContainsAny('\\', '\r', '\n') && Uri.TryCreate(given, UriKind.Relative, out _) ? given : HomePath;

    private static string Html(string? text) => HtmlEncoder.Default.Encode(text ?? "");
}
