using Sift.Protocols;
using Sift.Protocols.Sip.Authentication;
using Sift.Protocols.Sip.Messages;

namespace Sift.Media.Sip;

/// <summary>What the credentials of a request are worth.</summary>
internal enum DigestGateVerdict
{
    Granted,

    /// <summary>None, or wrong ones: challenge.</summary>
    Challenge,

    /// <summary>Right, but with an old nonce or one used before: challenge again with stale=true.</summary>
    Stale,
}

/// <summary>The challenging side of Digest with its guard against replays (RFC 3261 22, RFC 7616 3.4, RFC 8760).</summary>
internal sealed class DigestGate
{
    private static readonly TimeSpan NonceLifetime = TimeSpan.FromMinutes(5);

    private readonly TimeProvider _time;
    private readonly DigestServer _digest;
    private readonly Dictionary<string, (uint Count, TimeSpan SeenAt)> _nonceCounts = new(StringComparer.Ordinal);
    private TimeSpan _lastSweep;

    public DigestGate(string realm, IEntropy entropy, TimeProvider time)
    {
        _time = time;
        var key = new byte[32];
        entropy.Fill(key);
        _digest = new DigestServer(key, realm, NonceLifetime);
    }

    /// <summary>The user that the credentials for our realm name; null when there are none. Says nothing about their worth.</summary>
    public string? UserOf(SipRequest request) => Credentials(request)?.UserName;

    public DigestGateVerdict Check(SipRequest request, string password, TimeSpan now)
    {
        if (password.Length == 0 || Credentials(request) is not { } credentials)
        {
            return DigestGateVerdict.Challenge;
        }

        return _digest.Verify(credentials, request.Method, password, _time.GetUtcNow()) switch
        {
            DigestVerdict.Accepted => Replayed(credentials, now) ? DigestGateVerdict.Stale : DigestGateVerdict.Granted,
            DigestVerdict.Stale => DigestGateVerdict.Stale,
            DigestVerdict.Refused => DigestGateVerdict.Challenge,
        };
    }

    /// <summary>The header fields of a 401 to that request.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Challenge(SipRequest request, bool stale) =>
        [.. _digest.Challenge(_time.GetUtcNow(), stale)
            .Where(challenge => challenge.Algorithm == DigestAlgorithm.Md5 || SkipsUnknownAlgorithms(request))
            .Select(static challenge => new KeyValuePair<string, string>("WWW-Authenticate", challenge.ToString()))];

    /// <summary>
    /// RFC 8760 2.4 lets a client choose among challenges. libre before 2.0 (baresip 0 and 1) gives up instead when it meets one
    /// whose algorithm it does not know, so it is challenged with MD5 alone.
    /// </summary>
    private static bool SkipsUnknownAlgorithms(SipRequest request)
    {
        var agent = request.Headers.Get("User-Agent");
        return agent is null
            || !(agent.StartsWith("baresip v0.", StringComparison.Ordinal) || agent.StartsWith("baresip v1.", StringComparison.Ordinal));
    }

    private DigestCredentials? Credentials(SipRequest request)
    {
        // RFC 3261 22.3: a request may carry credentials for several realms; ours is the one that counts.
        foreach (var value in request.Headers.GetAll("Authorization"))
        {
            if (DigestCredentials.TryParse(value, out var credentials) && credentials.Realm == _digest.Realm)
            {
                return credentials;
            }
        }

        return null;
    }

    /// <summary>RFC 7616 3.4: the count rises with each use of a nonce; one that does not is a replay.</summary>
    private bool Replayed(DigestCredentials credentials, TimeSpan now)
    {
        if (now - _lastSweep > NonceLifetime)
        {
            _lastSweep = now;
            foreach (var (nonce, use) in _nonceCounts)
            {
                if (now - use.SeenAt > NonceLifetime)
                {
                    _nonceCounts.Remove(nonce);
                }
            }
        }

        // Phones challenged in one millisecond share a nonce; the cnonce, which the response covers, tells their counts apart.
        var key = credentials.Nonce + ' ' + credentials.Cnonce;
        if (_nonceCounts.TryGetValue(key, out var last) && credentials.NonceCount <= last.Count)
        {
            return true;
        }

        _nonceCounts[key] = (credentials.NonceCount, now);
        return false;
    }
}
