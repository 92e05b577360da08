using System.Buffers;
using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Sift.Protocols.Sip.Authentication;

/// <summary>What a server finds in a nonce that comes back.</summary>
public enum DigestNonceState
{
    Fresh,

    /// <summary>Ours, but too old: challenge again with stale=true.</summary>
    Stale,

    /// <summary>Not issued with this key and realm.</summary>
    Forged,
}

/// <summary>
/// Nonces that a server need not remember: the issue time and an HMAC over time and realm. Every node with the key accepts them.
/// </summary>
public static class DigestNonce
{
    private const int TimeBytes = 8;
    private const int TagBytes = 16;
    private const long ClockSkewMilliseconds = 5_000;

    public static string Create(ReadOnlySpan<byte> key, string realm, DateTimeOffset now)
    {
        Span<byte> nonce = stackalloc byte[TimeBytes + TagBytes];
        BinaryPrimitives.WriteInt64BigEndian(nonce, now.ToUnixTimeMilliseconds());
        Sign(key, realm, nonce[..TimeBytes], nonce[TimeBytes..]);
        return Base64Url.EncodeToString(nonce);
    }

    /// <param name="lifetime">How long after its issue a nonce may be used.</param>
    public static DigestNonceState Check(ReadOnlySpan<byte> key, string realm, string nonce, DateTimeOffset now, TimeSpan lifetime)
    {
        Span<byte> bytes = stackalloc byte[TimeBytes + TagBytes];
        if (nonce.Length != Base64Url.GetEncodedLength(bytes.Length)
            || Base64Url.DecodeFromChars(nonce, bytes, out _, out var length) != OperationStatus.Done
            || length != bytes.Length)
        {
            return DigestNonceState.Forged;
        }

        Span<byte> tag = stackalloc byte[TagBytes];
        Sign(key, realm, bytes[..TimeBytes], tag);
        if (!CryptographicOperations.FixedTimeEquals(tag, bytes[TimeBytes..]))
        {
            return DigestNonceState.Forged;
        }

        // Signed, so the time is one that we wrote. A clock that was set back makes it lie ahead; that is stale, not an error.
        var age = now.ToUnixTimeMilliseconds() - BinaryPrimitives.ReadInt64BigEndian(bytes);
        return age >= -ClockSkewMilliseconds && age <= lifetime.TotalMilliseconds ? DigestNonceState.Fresh : DigestNonceState.Stale;
    }

    private static void Sign(ReadOnlySpan<byte> key, string realm, ReadOnlySpan<byte> time, Span<byte> tag)
    {
        var text = new byte[TimeBytes + Encoding.UTF8.GetByteCount(realm)];
        time.CopyTo(text);
        Encoding.UTF8.GetBytes(realm, text.AsSpan(TimeBytes));
        Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(key, text, hash);
        hash[..TagBytes].CopyTo(tag);
    }
}
