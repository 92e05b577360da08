using Sift.Web.Browser;

namespace Sift.Web.Phone;

/// <summary>The virtual phone: a page with which a browser plays the phone of a sandbox number.</summary>
internal static class PhonePage
{
    private static readonly string[] Files = ["phone.js", "phone.css", "phone.svg"];

    public static void Map(IEndpointRouteBuilder routes)
    {
        var page = EmbeddedAsset.Read("phone.html");
        routes.MapGet("/phone", (HttpContext http) =>
        {
            var headers = http.Response.Headers;
            headers.ContentSecurityPolicy =
                "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; media-src 'self'; "
                + $"connect-src 'self'{SocketSource(http.Request.Host)}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
            headers["Permissions-Policy"] = "microphone=(self), speaker-selection=(self)";
            headers["Referrer-Policy"] = "no-referrer";
            return page.Serve(http);
        }).AllowAnonymous().ExcludeFromDescription();
        foreach (var file in Files)
        {
            var asset = EmbeddedAsset.Read(file);
            routes.MapGet("/phone/" + file, asset.Serve).AllowAnonymous().ExcludeFromDescription();
        }
    }

    /// <summary>Not every browser takes 'self' to include the socket of the same host.</summary>
    private static string SocketSource(HostString host)
        => host.HasValue && host.Value.All(static c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or ':' or '[' or ']') ? $" ws://{host.Value} wss://{host.Value}" : "";
}
