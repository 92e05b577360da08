namespace Sift.Web.Browser;

/// <summary>Serves the browser library to pages of any origin: <c>/sift.js</c>, <c>/sift.mjs</c> and the types.</summary>
internal static class BrowserLibrary
{
    private static readonly string[] Files = ["sift.js", "sift.mjs", "sift.d.ts"];

    public static void Map(IEndpointRouteBuilder routes)
    {
        foreach (var file in Files)
        {
            var asset = EmbeddedAsset.Read(file);
            routes.MapGet("/" + file, (HttpContext http) =>
            {
                http.Response.Headers.AccessControlAllowOrigin = "*";
                http.Response.Headers["Cross-Origin-Resource-Policy"] = "cross-origin";
                return asset.Serve(http);
            }).AllowAnonymous().ExcludeFromDescription();
        }
    }
}
