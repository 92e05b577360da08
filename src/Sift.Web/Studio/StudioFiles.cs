using System.Collections.Frozen;
using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.StaticFiles;
using Microsoft.Net.Http.Headers;

namespace Sift.Web.Studio;

/// <summary>
/// The files of the Elsa Studio package. They are found once, with their Brotli and gzip copies; names that carry a fingerprint are good
/// for ever, the others are asked about anew each time.
/// </summary>
internal sealed partial class StudioFiles
{
    private readonly Lazy<FrozenDictionary<string, StudioFile>> files;

    public StudioFiles(string directory) => files = new(() => Find(directory));

    /// <summary>Whether the package was restored at build.</summary>
    public bool IsPresent => files.Value.ContainsKey("_framework/blazor.webassembly.js");

    /// <param name="path">Relative to the base path, without a leading slash.</param>
    public IResult? Serve(HttpContext http, string path)
    {
        if (!files.Value.TryGetValue(path, out var file))
        {
            return null;
        }

        var headers = http.Response.Headers;
        headers.CacheControl = file.IsFingerprinted ? "public, max-age=31536000, immutable" : "no-cache";
        headers.XContentTypeOptions = "nosniff";
        if (file.Brotli is not null || file.Gzip is not null)
        {
            headers.Vary = HeaderNames.AcceptEncoding;
        }

        var (source, coding) = Choose(http.Request.GetTypedHeaders().AcceptEncoding, file);
        if (coding is not null)
        {
            headers.ContentEncoding = coding;
        }

        // The tag names the coding too: a cache must not mix the copies up.
        var tag = new EntityTagHeaderValue(string.Create(CultureInfo.InvariantCulture, $"\"{file.Tag}{(coding is null ? "" : "-" + coding)}\""));
        return TypedResults.PhysicalFile(source, file.ContentType, lastModified: file.Modified, entityTag: tag);
    }

    private static (string Path, string? Coding) Choose(IList<StringWithQualityHeaderValue> accepted, StudioFile file)
    {
        if (file.Brotli is { } brotli && Accepts("br"))
        {
            return (brotli, "br");
        }

        return file.Gzip is { } gzip && Accepts("gzip") ? (gzip, "gzip") : (file.Path, null);

        bool Accepts(string coding) => accepted.Any(value => value.Value.Equals(coding, StringComparison.OrdinalIgnoreCase) && value.Quality is not 0);
    }

    private static FrozenDictionary<string, StudioFile> Find(string directory)
    {
        var found = new Dictionary<string, StudioFile>(StringComparer.Ordinal);
        if (!Directory.Exists(directory))
        {
            return found.ToFrozenDictionary(StringComparer.Ordinal);
        }

        // Unknown to ASP.NET Core, and the runtime does not start without it: the ICU data.
        var types = new FileExtensionContentTypeProvider { Mappings = { [".dat"] = "application/octet-stream", [".webmanifest"] = "application/manifest+json" } };
        foreach (var path in Directory.EnumerateFiles(directory, "*", SearchOption.AllDirectories))
        {
            var name = Path.GetRelativePath(directory, path).Replace('\\', '/');
            if (name.EndsWith(".br", StringComparison.Ordinal) || name.EndsWith(".gz", StringComparison.Ordinal) || name.EndsWith(".stamp", StringComparison.Ordinal))
            {
                continue;
            }

            var info = new FileInfo(path);
            found[name] = new StudioFile(
                path,
                File.Exists(path + ".br") ? path + ".br" : null,
                File.Exists(path + ".gz") ? path + ".gz" : null,
                types.TryGetContentType(name, out var type) ? type : "application/octet-stream",
                Fingerprinted().IsMatch(name),
                string.Create(CultureInfo.InvariantCulture, $"{info.Length:x}-{info.LastWriteTimeUtc.Ticks:x}"),
                info.LastWriteTimeUtc);
        }

        return found.ToFrozenDictionary(StringComparer.Ordinal);
    }

    [GeneratedRegex(@"^_framework/.+\.[a-z0-9]{10}\.[a-z]+$")]
    private static partial Regex Fingerprinted();

    private sealed record StudioFile(string Path, string? Brotli, string? Gzip, string ContentType, bool IsFingerprinted, string Tag, DateTimeOffset Modified);
}
