using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Sift.Protocols.Sip.Authentication;

/// <summary>One Digest challenge of WWW-Authenticate or Proxy-Authenticate (RFC 7616 section 3.3).</summary>
public sealed record DigestChallenge(string Realm, string Nonce, DigestAlgorithm Algorithm)
{
    public string? Opaque { get; init; }

    /// <summary>The credentials were right and only the nonce too old: answer again without asking the user.</summary>
    public bool Stale { get; init; }

    /// <summary>Quality of protection offered; empty for a challenge in the manner of RFC 2069.</summary>
    public IReadOnlyList<string> Qop { get; init; } = ["auth"];

    /// <summary>A challenge that asks for auth-int only cannot be answered.</summary>
    public bool IsAnswerable => Qop.Count == 0 || Qop.Contains("auth", StringComparer.OrdinalIgnoreCase);

    /// <summary>False for another scheme, another algorithm, or broken syntax.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, [NotNullWhen(true)] out DigestChallenge? challenge)
    {
        challenge = null;
        if (!DigestParameters.TryParse(text, out var parameters)
            || parameters.Get("realm") is not { } realm
            || parameters.Get("nonce") is not { } nonce
            || !DigestAlgorithms.TryParse(parameters.Get("algorithm"), out var algorithm))
        {
            return false;
        }

        challenge = new DigestChallenge(realm, nonce, algorithm)
        {
            Opaque = parameters.Get("opaque"),
            Stale = string.Equals(parameters.Get("stale"), "true", StringComparison.OrdinalIgnoreCase),
            Qop = parameters.Get("qop")?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) ?? [],
        };
        return true;
    }

    /// <summary>
    /// The challenge to answer among several (RFC 8760 2.4): SHA-256 before MD5, the topmost of equals. Null when none can be answered.
    /// </summary>
    public static DigestChallenge? Choose(IEnumerable<string> fieldValues)
    {
        DigestChallenge? best = null;
        foreach (var value in fieldValues)
        {
            if (TryParse(value, out var challenge) && challenge.IsAnswerable && (best is null || Strength(challenge) > Strength(best)))
            {
                best = challenge;
            }
        }

        return best;
    }

    public override string ToString()
    {
        var output = new StringBuilder(160);
        DigestParameters.AppendQuoted(output, "realm", Realm);
        DigestParameters.AppendQuoted(output, "nonce", Nonce);
        DigestParameters.AppendQuoted(output, "opaque", Opaque);
        DigestParameters.AppendToken(output, "stale", Stale ? "true" : null);
        DigestParameters.AppendToken(output, "algorithm", Algorithm.Token());
        DigestParameters.AppendQuoted(output, "qop", Qop.Count == 0 ? null : string.Join(',', Qop));
        return output.ToString();
    }

    private static int Strength(DigestChallenge challenge) =>
        challenge.Algorithm is DigestAlgorithm.Sha256 or DigestAlgorithm.Sha256Sess ? 1 : 0;
}
