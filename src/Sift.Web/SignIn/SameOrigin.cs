using Sift.Web.Accounts;
using Sift.Web.Http;

namespace Sift.Web.SignIn;

/// <summary>
/// Refuses what another site's page makes a signed-in browser send: requests that change something, and web sockets, must come from a page
/// of this server. HTTP Basic too is added by a browser that once asked for it, and no session rule of cookies keeps it from going along with another
/// site's form; programs send no Origin.
/// </summary>
internal static class SameOrigin
{
    public static void UseSameOriginCheck(this IApplicationBuilder app) => app.Use(static (http, next) =>
    {
        var request = http.Request;
        var changes = !(HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method) || HttpMethods.IsOptions(request.Method)) || http.WebSockets.IsWebSocketRequest
            || string.Equals(request.Headers.Upgrade, "websocket", StringComparison.OrdinalIgnoreCase);
        var bySession = http.User.Identity?.AuthenticationType == SessionCookie.SchemeName || request.Path == SignInPage.Path;
        var byBrowser = http.User.Identity?.AuthenticationType == BasicAuthentication.SchemeName && request.Headers.Origin.Count > 0;
        return changes && (bySession || byBrowser) && !IsSame(request)
            ? Problems.Of(StatusCodes.Status403Forbidden, "The request does not come from a page of this server.").ExecuteAsync(http)
            : next(http);
    });

    private static bool IsSame(HttpRequest request) =>
        request.Headers.Origin is [{ Length: > 0 } origin]
        && Uri.TryCreate(origin, UriKind.Absolute, out var from)
        && string.Equals(from.Authority, Authority(request), StringComparison.OrdinalIgnoreCase);

    // Uri leaves out the scheme's own port; a Host header may carry it.
    private static string Authority(HttpRequest request) =>
        Uri.TryCreate($"{request.Scheme}://{request.Host}", UriKind.Absolute, out var here) ? here.Authority : request.Host.Value ?? "";
}
