using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Sift.Web.Accounts;

namespace Sift.Web.Browser;

/// <summary>
/// Verifies capability tokens (sift-api 6.2): JSON Web Tokens, HS256 and nothing else, keyed with the account's auth token. What a refusal says is
/// the same whether the account, the key or the signature is wrong, and takes the same time.
/// </summary>
internal sealed class CapabilityTokens(AccountRegistry accounts, VirtualPhoneKey phones, TimeProvider time)
{
    public const int LongestToken = 8 * 1024;

    private const string NotValid = "the token is not valid";

    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = 8, AllowDuplicateProperties = false };

    // Signs what comes from nobody, so that an unknown account takes as long as a known one.
    private readonly string nobody = RandomNumberGenerator.GetHexString(40);

    /// <returns>The capability, or why the token is refused.</returns>
    public async ValueTask<(Capability? Capability, string? Refusal)> VerifyAsync(string? token)
    {
        if (token is null || token.Length > LongestToken || Split(token) is not var (signed, signature) || !IsHs256(signed[..signed.IndexOf('.')]))
        {
            return (null, NotValid);
        }

        using var claims = Json(signed[(signed.IndexOf('.') + 1)..]);
        if (claims is null || Text(claims, "iss") is not { } issuer)
        {
            return (null, NotValid);
        }

        var secret = await SecretAsync(issuer);
        if (!IsSignedWith(secret ?? nobody, signed, signature) || secret is null)
        {
            return (null, NotValid);
        }

        if (Time(claims, "exp") is not { } expires)
        {
            return (null, "the token has no expiry");
        }

        var now = time.GetUtcNow();
        if (expires <= now)
        {
            return (null, "the token has expired");
        }

        if (Time(claims, "nbf") is { } begin && begin > now)
        {
            return (null, "the token is not valid yet");
        }

        return (CapabilityScope.Apply(new Capability(issuer, expires, secret), Text(claims, "scope") ?? ""), null);
    }

    /// <summary>Whether a capability that was verified once still holds: not expired, the account neither disabled nor given another secret.</summary>
    public async ValueTask<bool> HoldsAsync(Capability capability)
        => capability.ExpiresAt > time.GetUtcNow() && await SecretAsync(capability.AccountId) == capability.Secret;

    /// <summary>Signs claims as <see cref="VerifyAsync"/> wants them.</summary>
    public static string Sign(string claims, string secret)
    {
        var signed = $"{Encode("""{"typ":"JWT","alg":"HS256"}""")}.{Encode(claims)}";
        return $"{signed}.{Base64Url.EncodeToString(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.ASCII.GetBytes(signed)))}";

        static string Encode(string text) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(text));
    }

    private ValueTask<string?> SecretAsync(string issuer) => issuer == Capability.SandboxIssuer ? new(phones.Secret) : accounts.TokenAsync(issuer);

    private static bool IsSignedWith(string secret, string signed, byte[] signature)
    {
        Span<byte> expected = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.ASCII.GetBytes(signed), expected);
        return CryptographicOperations.FixedTimeEquals(expected, signature);
    }

    private static (string Signed, byte[] Signature)? Split(string token)
    {
        var last = token.LastIndexOf('.');
        var first = token.IndexOf('.', StringComparison.Ordinal);
        return first > 0 && last > first + 1 && token.AsSpan(first + 1, last - first - 1).IndexOf('.') < 0 && Decode(token[(last + 1)..]) is { } signature
            ? (token[..last], signature)
            : null;
    }

    private static bool IsHs256(string segment)
    {
        using var header = Json(segment);

        // RFC 7515 4.1.11: a critical header that is not understood makes the token worthless; none is understood here.
        return header is not null && Text(header, "alg") == "HS256" && !header.RootElement.TryGetProperty("crit", out _);
    }

    private static JsonDocument? Json(string segment)
    {
        try
        {
            if (Decode(segment) is { } bytes && JsonDocument.Parse(bytes, Strict) is var document)
            {
                if (document.RootElement.ValueKind == JsonValueKind.Object)
                {
                    return document;
                }

                document.Dispose();
            }
        }
        catch (JsonException)
        {
            return null;
        }

        return null;
    }

    private static byte[]? Decode(string segment)
    {
        var bytes = new byte[Base64Url.GetMaxDecodedLength(segment.Length)];
        return Base64Url.DecodeFromChars(segment, bytes, out var read, out var written) == System.Buffers.OperationStatus.Done && read == segment.Length
            ? bytes[..written]
            : null;
    }

    private static string? Text(JsonDocument document, string name)
        => document.RootElement.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    /// <summary>Seconds since 1970, with or without a fraction.</summary>
    private static DateTimeOffset? Time(JsonDocument document, string name)
        => document.RootElement.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var seconds) && seconds is >= 0 and < 253_402_300_799
            ? DateTimeOffset.UnixEpoch.AddSeconds(seconds)
            : null;
}

/// <summary>Signs the tokens of virtual phones. Made anew by each process: a page signs in again after a restart.</summary>
internal sealed class VirtualPhoneKey
{
    public string Secret { get; } = RandomNumberGenerator.GetHexString(64);
}
