using System.Security.Cryptography;
using System.Text;

namespace Sift.Protocols.Sip.Authentication;

/// <summary>Judgement on credentials.</summary>
public enum DigestVerdict
{
    /// <summary>Right. The caller still checks that the nonce count rises for this nonce, which is what stops a replay.</summary>
    Accepted,

    /// <summary>Right, with a nonce that is too old: challenge with stale=true.</summary>
    Stale,

    /// <summary>Wrong password, realm or nonce, or a quality of protection that was not offered: challenge anew.</summary>
    Refused,
}

/// <summary>
/// The challenging side of Digest (RFC 3261 22.1, RFC 8760). Without state: the key signs the nonces, the caller keeps the highest
/// nonce count of each.
/// </summary>
/// <param name="key">At least 32 random bytes, the same on all nodes.</param>
/// <param name="nonceLifetime">How long a nonce may be used.</param>
public sealed class DigestServer(ReadOnlyMemory<byte> key, string realm, TimeSpan nonceLifetime)
{
    public string Realm => realm;

    /// <summary>What is offered, the strongest first (RFC 8760 2.3). Some old phones give up at an algorithm that they do not know: MD5 alone suits them.</summary>
    public IReadOnlyList<DigestAlgorithm> Algorithms { get; init; } = [DigestAlgorithm.Sha256, DigestAlgorithm.Md5];

    /// <summary>
    /// Accept responses without qop, from clients that only know RFC 2069. Off by default: without a nonce count nothing stops a replay
    /// within the nonce's lifetime, and RFC 3261 22.4 obliges clients that are offered qop to use it.
    /// </summary>
    public bool AcceptsWithoutQop { get; init; }

    /// <summary>The challenges to put into a 401 or 407, one field each.</summary>
    public IReadOnlyList<DigestChallenge> Challenge(DateTimeOffset now, bool stale = false)
    {
        var nonce = DigestNonce.Create(key.Span, realm, now);
        return [.. Algorithms.Select(algorithm => new DigestChallenge(realm, nonce, algorithm) { Stale = stale })];
    }

    public DigestVerdict Verify(DigestCredentials credentials, string method, string password, DateTimeOffset now) =>
        VerifyHash(credentials, method, DigestHash.Ha1(credentials.Algorithm, credentials.UserName, realm, password), now);

    /// <param name="ha1">Stored <see cref="DigestHash.Ha1"/> for the hash of the credentials' algorithm.</param>
    public DigestVerdict VerifyHash(DigestCredentials credentials, string method, string ha1, DateTimeOffset now)
    {
        if (credentials.Realm != realm || !IsOffered(credentials))
        {
            return DigestVerdict.Refused;
        }

        var state = DigestNonce.Check(key.Span, realm, credentials.Nonce, now, nonceLifetime);
        if (state == DigestNonceState.Forged)
        {
            return DigestVerdict.Refused;
        }

        var expected = DigestHash.Response(
            credentials.Algorithm,
            ha1,
            method,
            credentials.Uri,
            credentials.Nonce,
            credentials.Qop,
            credentials.NonceCount,
            credentials.Cnonce);
        if (!CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(expected), Encoding.UTF8.GetBytes(credentials.Response)))
        {
            return DigestVerdict.Refused;
        }

        // RFC 7616 3.3: stale only when the rest was right, else it would confirm a wrong password to be worth another try.
        return state == DigestNonceState.Stale ? DigestVerdict.Stale : DigestVerdict.Accepted;
    }

    private bool IsOffered(DigestCredentials credentials) =>
        Algorithms.Contains(credentials.Algorithm)
        && (credentials.Qop is null ? AcceptsWithoutQop : credentials is { Qop: "auth", NonceCount: > 0 });
}
