using System.Text;
using Sift.Web.SignIn;

namespace Sift.Web.Studio;

/// <summary>The page beside the viewer that steps through the history of an instance. It is plain HTML and a script of our own.</summary>
internal static class HistoryPage
{
    // Nothing inline, nothing from elsewhere: a text of a caller that slips through as HTML could still do nothing.
    private const string Policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

    public static void Map(IEndpointRouteBuilder studio)
    {
        studio.MapGet("/workflows/instances/{id}/history", PageAsync);
        studio.MapGet("history.js", static () => EmbeddedPage.Result("history.js", "text/javascript; charset=utf-8")).AllowAnonymous();
        studio.MapGet("history.css", static () => EmbeddedPage.Result("history.css", "text/css; charset=utf-8")).AllowAnonymous();
    }

    private static Task PageAsync(HttpContext http)
    {
        var headers = http.Response.Headers;
        headers.ContentSecurityPolicy = Policy;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "same-origin";
        headers.CacheControl = "no-cache";
        http.Response.ContentType = "text/html; charset=utf-8";
        return http.Response.WriteAsync(EmbeddedPage.Text("history.html"), Encoding.UTF8, http.RequestAborted);
    }
}
