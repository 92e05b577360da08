using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Sift.Media.Audio.Sounds;

/// <summary>What is known about the stored copy of a file. RFC 9111, as a private cache that never guesses a lifetime.</summary>
internal sealed record StoredSound
{
    public required string Url { get; init; }

    public string? ETag { get; init; }

    public DateTimeOffset? LastModified { get; init; }

    /// <summary>Until then it is played without asking.</summary>
    public DateTimeOffset FreshUntil { get; init; }

    /// <summary>RFC 9111 5.2.2.2: not to be played stale, whatever happens.</summary>
    public bool MustRevalidate { get; init; }

    /// <summary>Hash of the body; names the decoded clip and tells a body that belongs to other headers.</summary>
    public required string BodyHash { get; init; }

    public static StoredSound From(Uri url, HttpResponseMessage response, ReadOnlySpan<byte> body, DateTimeOffset now) => new()
    {
        Url = url.AbsoluteUri,
        ETag = response.Headers.ETag?.ToString(),
        LastModified = response.Content.Headers.LastModified,
        FreshUntil = now + Lifetime(response, now),
        MustRevalidate = response.Headers.CacheControl?.MustRevalidate ?? false,
        BodyHash = Convert.ToHexStringLower(SHA256.HashData(body)),
    };

    /// <summary>RFC 9111 4.3.4: a 304 renews the lifetime and may bring new validators.</summary>
    public StoredSound Renewed(HttpResponseMessage notModified, DateTimeOffset now) => this with
    {
        ETag = notModified.Headers.ETag?.ToString() ?? ETag,
        FreshUntil = now + Lifetime(notModified, now),
    };

    public void AddValidators(HttpRequestHeaders headers)
    {
        if (ETag is not null)
        {
            headers.TryAddWithoutValidation("If-None-Match", ETag);
        }

        headers.IfModifiedSince = LastModified;
    }

    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, StoredSoundJson.Default.StoredSound);

    public static StoredSound? FromJson(ReadOnlySpan<byte> json)
    {
        try
        {
            return JsonSerializer.Deserialize(json, StoredSoundJson.Default.StoredSound);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Name of the files that hold this URL's copy.</summary>
    public static string KeyOf(Uri url) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(url.AbsoluteUri)));

    private static TimeSpan Lifetime(HttpResponseMessage response, DateTimeOffset now)
    {
        var control = response.Headers.CacheControl;
        if (control is { NoCache: true } or { NoStore: true })
        {
            return TimeSpan.Zero;
        }

        // RFC 9111 5.3: max-age overrides Expires. 4.2.3: what the answer has aged on its way counts.
        var lifetime = control?.MaxAge ?? (response.Content.Headers.Expires is { } expires ? expires - (response.Headers.Date ?? now) : TimeSpan.Zero);
        lifetime -= response.Headers.Age ?? TimeSpan.Zero;
        return lifetime < TimeSpan.Zero ? TimeSpan.Zero : lifetime < MaxLifetime ? lifetime : MaxLifetime;
    }

    private static readonly TimeSpan MaxLifetime = TimeSpan.FromDays(365);
}

[JsonSerializable(typeof(StoredSound))]
internal sealed partial class StoredSoundJson : JsonSerializerContext;
