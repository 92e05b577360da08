namespace Sift.Protocols.Sip.Authentication;

/// <summary>Hash algorithms of RFC 7616 section 3.2 that SIP uses (RFC 8760 section 2.1).</summary>
public enum DigestAlgorithm
{
    Md5,
    Md5Sess,
    Sha256,
    Sha256Sess,
}

public static class DigestAlgorithms
{
    /// <summary>The token on the wire.</summary>
    public static string Token(this DigestAlgorithm algorithm) => algorithm switch
    {
        DigestAlgorithm.Md5 => "MD5",
        DigestAlgorithm.Md5Sess => "MD5-sess",
        DigestAlgorithm.Sha256 => "SHA-256",
        DigestAlgorithm.Sha256Sess => "SHA-256-sess",
    };

    public static bool IsSession(this DigestAlgorithm algorithm) => algorithm is DigestAlgorithm.Md5Sess or DigestAlgorithm.Sha256Sess;

    /// <summary>Null means MD5 (RFC 7616 3.3); false for an algorithm that Sift does not know.</summary>
    internal static bool TryParse(string? token, out DigestAlgorithm algorithm)
    {
        DigestAlgorithm? known = token?.ToUpperInvariant() switch
        {
            null or "MD5" => DigestAlgorithm.Md5,
            "MD5-SESS" => DigestAlgorithm.Md5Sess,
            "SHA-256" => DigestAlgorithm.Sha256,
            "SHA-256-SESS" => DigestAlgorithm.Sha256Sess,
            _ => null,
        };
        algorithm = known ?? default;
        return known is not null;
    }
}
