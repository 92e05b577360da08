namespace Sift.Protocols.Sip.Authentication;

/// <summary>The answering side of Digest (RFC 3261 22.2, 22.3).</summary>
public static class DigestClient
{
    /// <param name="uri">The Request-URI as it is written (RFC 3261 22.4).</param>
    /// <param name="nonceCount">1 for the first request with this nonce, one more for each further one.</param>
    /// <param name="cnonce">Fresh randomness; taken only when the challenge has qop or a session algorithm.</param>
    public static DigestCredentials Answer(
        DigestChallenge challenge,
        string userName,
        string password,
        string method,
        string uri,
        uint nonceCount,
        string cnonce)
    {
        var qop = challenge.Qop.Count == 0 ? null : "auth";
        var ha1 = DigestHash.Ha1(challenge.Algorithm, userName, challenge.Realm, password);
        return new DigestCredentials
        {
            UserName = userName,
            Realm = challenge.Realm,
            Nonce = challenge.Nonce,
            Uri = uri,
            Response = DigestHash.Response(challenge.Algorithm, ha1, method, uri, challenge.Nonce, qop, nonceCount, cnonce),
            Algorithm = challenge.Algorithm,
            Opaque = challenge.Opaque,
            Qop = qop,
            NonceCount = qop is null ? 0 : nonceCount,
            Cnonce = qop is null && !challenge.Algorithm.IsSession() ? null : cnonce,
        };
    }
}
