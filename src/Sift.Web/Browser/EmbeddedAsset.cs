using System.Reflection;
using System.Security.Cryptography;
using Microsoft.Net.Http.Headers;

namespace Sift.Web.Browser;

/// <summary>A file that is part of the program, served with its validator.</summary>
internal sealed class EmbeddedAsset
{
    private readonly byte[] _content;
    private readonly EntityTagHeaderValue _tag;
    private readonly string _type;

    private EmbeddedAsset(byte[] content, string type)
    {
        _content = content;
        _type = type;
        _tag = new EntityTagHeaderValue($"\"{Convert.ToHexStringLower(SHA256.HashData(content).AsSpan(0, 12))}\"");
    }

    public static EmbeddedAsset Read(string name)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream("assets/" + name)
            ?? throw new InvalidOperationException($"{name} is not part of the program.");
        var content = new byte[stream.Length];
        stream.ReadExactly(content);
        return new EmbeddedAsset(content, Path.GetExtension(name) switch
        {
            ".html" => "text/html; charset=utf-8",
            ".js" or ".mjs" => "text/javascript; charset=utf-8",
            ".css" => "text/css; charset=utf-8",
            ".svg" => "image/svg+xml",
            _ => "text/plain; charset=utf-8",
        });
    }

    public IResult Serve(HttpContext http)
    {
        // Asked for again each time, and then answered with 304: a new server is never talked to by an old page.
        http.Response.Headers.CacheControl = "no-cache";
        http.Response.Headers.XContentTypeOptions = "nosniff";
        return Results.Bytes(_content, _type, entityTag: _tag);
    }
}
