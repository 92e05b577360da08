using System.Collections.Concurrent;
using System.Reflection;
using System.Text;

namespace Sift.Web.SignIn;

/// <summary>Pages, scripts and styles of the server's own, carried inside the program.</summary>
internal static class EmbeddedPage
{
    private static readonly ConcurrentDictionary<string, string> Texts = new(StringComparer.Ordinal);

    public static string Text(string name) => Texts.GetOrAdd(name, static name =>
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream("Pages." + name)
            ?? throw new InvalidOperationException($"There is no embedded page {name}");
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return reader.ReadToEnd();
    });

    /// <summary>Served with revalidation: the names do not change with the content.</summary>
    public static IResult Result(string name, string contentType)
    {
        var text = Text(name);
        var tag = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, 8));
        return new RevalidatedText(text, contentType, $"\"{tag}\"");
    }

    private sealed class RevalidatedText(string text, string contentType, string tag) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext)
        {
            httpContext.Response.Headers.CacheControl = "no-cache";
            httpContext.Response.Headers.ETag = tag;
            if (httpContext.Request.Headers.IfNoneMatch == tag)
            {
                httpContext.Response.StatusCode = StatusCodes.Status304NotModified;
                return Task.CompletedTask;
            }

            httpContext.Response.ContentType = contentType;
            return httpContext.Response.WriteAsync(text, Encoding.UTF8, httpContext.RequestAborted);
        }
    }
}
