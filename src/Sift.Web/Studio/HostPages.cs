using System.Text;
using Sift.Web.SignIn;
using Sift.Workflows.Activities;

namespace Sift.Web.Studio;

/// <summary>
/// The pages around the Studio elements, which bring no navigation and no sign-in of their own: one page for flows, editor, calls and
/// viewer, whose script shows the element that the address asks for.
/// </summary>
internal static class HostPages
{
    public const string BasePath = "/studio";

    // The two hashes are the hot-key scripts that the editor and the call list of version 3.8.2 put into the page; they change with the package.
    private const string Policy =
        "default-src 'none'; base-uri 'self'; manifest-src 'self'; connect-src 'self' {{socket}}; "
        + "script-src 'self' 'wasm-unsafe-eval' 'sha256-snlP1jz0gjwc5cTz9ErZcliXuCK63+Mmf68RRCeptgc=' 'sha256-vu6sQrKXQHR4Yn3FMMihA/9TxxfIXnCxKwvLrTPJ5ts='; "
        + "style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; worker-src 'self' blob:; form-action 'self'; frame-ancestors 'none'";

    private static readonly string[] Paths =
        ["/workflows/definitions", "/workflows/definitions/{id}/edit", "/workflows/instances", "/workflows/instances/{id}/view"];

    public static void Map(IEndpointRouteBuilder routes)
    {
        var studio = routes.MapGroup(BasePath).ExcludeFromDescription();
        foreach (var path in Paths)
        {
            studio.MapGet(path, PageAsync);
        }

        HistoryPage.Map(studio);
        studio.MapGet("", static () => Results.Redirect($"{BasePath}/workflows/definitions"));
        studio.MapGet("host.js", static () => EmbeddedPage.Result("host.js", "text/javascript; charset=utf-8")).AllowAnonymous();
        studio.MapGet("host.css", static () => EmbeddedPage.Result("host.css", "text/css; charset=utf-8")).AllowAnonymous();

        // The package's own settings have every request of the elements told to the console of the browser, four lines each.
        studio.MapGet("appsettings.json", static () => EmbeddedPage.Result("appsettings.json", "application/json")).AllowAnonymous();
        studio.MapGet("activities.css", static (ActivityCatalog catalog, HttpContext http) => ActivityLooks.CssAsync(http, catalog)).AllowAnonymous();
        studio.MapGet("{**path}", static (string path, HttpContext http, StudioFiles files) => files.Serve(http, path) ?? Results.NotFound()).AllowAnonymous();

        // The details panel of the viewer links to its flow from the root of the site.
        routes.MapGet("/workflows/{**rest}", static (string rest, HttpContext http) => Results.Redirect($"{BasePath}/workflows/{rest}{http.Request.QueryString}"))
            .AllowAnonymous().ExcludeFromDescription();
    }

    private static Task PageAsync(HttpContext http, StudioFiles files)
    {
        var socket = $"{(http.Request.IsHttps ? "wss" : "ws")}://{http.Request.Host}";
        http.Response.Headers.ContentSecurityPolicy = Policy.Replace("{{socket}}", socket, StringComparison.Ordinal);
        http.Response.Headers.XContentTypeOptions = "nosniff";
        http.Response.Headers["Referrer-Policy"] = "same-origin";
        http.Response.Headers.CacheControl = "no-cache";
        http.Response.ContentType = "text/html; charset=utf-8";
        return http.Response.WriteAsync(EmbeddedPage.Text(files.IsPresent ? "host.html" : "missing.html"), Encoding.UTF8, http.RequestAborted);
    }
}
