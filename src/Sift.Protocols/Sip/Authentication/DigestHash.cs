using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Sift.Protocols.Sip.Authentication;

/// <summary>The hash arithmetic of RFC 7616 section 3.4, in lower-case hex.</summary>
public static class DigestHash
{
    /// <summary>
    /// H(username:realm:password), what a server stores instead of the password. It depends on the hash, not on the -sess variant.
    /// </summary>
    public static string Ha1(DigestAlgorithm algorithm, string userName, string realm, string password) =>
        Hash(algorithm, $"{userName}:{realm}:{password}");

    /// <param name="ha1">From <see cref="Ha1"/>; the session step of -sess is done here.</param>
    /// <param name="qop">"auth", or null for the RFC 2069 form.</param>
    public static string Response(
        DigestAlgorithm algorithm,
        string ha1,
        string method,
        string uri,
        string nonce,
        string? qop,
        uint nonceCount,
        string? cnonce)
    {
        var key = algorithm.IsSession() ? Hash(algorithm, $"{ha1}:{nonce}:{cnonce}") : ha1;
        var ha2 = Hash(algorithm, $"{method}:{uri}");
        return Hash(algorithm, qop is null ? $"{key}:{nonce}:{ha2}" : $"{key}:{nonce}:{Count(nonceCount)}:{cnonce}:{qop}:{ha2}");
    }

    internal static string Count(uint nonceCount) => nonceCount.ToString("x8", CultureInfo.InvariantCulture);

    private static string Hash(DigestAlgorithm algorithm, string text)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        var bytes = Encoding.UTF8.GetBytes(text);
        var length = algorithm is DigestAlgorithm.Sha256 or DigestAlgorithm.Sha256Sess
            ? SHA256.HashData(bytes, hash)
            : MD5.HashData(bytes, hash);
        return Convert.ToHexStringLower(hash[..length]);
    }
}
