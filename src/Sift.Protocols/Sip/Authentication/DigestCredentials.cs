using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace Sift.Protocols.Sip.Authentication;

/// <summary>The Digest credentials of Authorization or Proxy-Authorization (RFC 7616 section 3.4).</summary>
public sealed record DigestCredentials
{
    public required string UserName { get; init; }

    public required string Realm { get; init; }

    public required string Nonce { get; init; }

    /// <summary>The digest-uri as the client wrote it; it enters the hash literally.</summary>
    public required string Uri { get; init; }

    /// <summary>Lower-case hex.</summary>
    public required string Response { get; init; }

    public DigestAlgorithm Algorithm { get; init; }

    public string? Opaque { get; init; }

    /// <summary>"auth", or null for a response in the manner of RFC 2069.</summary>
    public string? Qop { get; init; }

    /// <summary>How often the client has used this nonce; the server's guard against replay. 0 without qop.</summary>
    public uint NonceCount { get; init; }

    public string? Cnonce { get; init; }

    /// <summary>False for another scheme, another algorithm, missing parts, or broken syntax.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, [NotNullWhen(true)] out DigestCredentials? credentials)
    {
        credentials = null;
        if (!DigestParameters.TryParse(text, out var parameters)
            || parameters.Get("username") is not { } userName
            || parameters.Get("realm") is not { } realm
            || parameters.Get("nonce") is not { } nonce
            || parameters.Get("uri") is not { } uri
            || parameters.Get("response") is not { } response
            || !DigestAlgorithms.TryParse(parameters.Get("algorithm"), out var algorithm))
        {
            return false;
        }

        // RFC 7616 3.4: with qop, nc and cnonce must be there; nc is eight hex digits.
        var qop = parameters.Get("qop");
        var cnonce = parameters.Get("cnonce");
        uint count = 0;
        if (qop is not null && (cnonce is null || parameters.Get("nc") is not { Length: 8 } nc || !uint.TryParse(nc, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out count)))
        {
            return false;
        }

        credentials = new DigestCredentials
        {
            UserName = userName,
            Realm = realm,
            Nonce = nonce,
            Uri = uri,
            Response = response.ToLowerInvariant(),
            Algorithm = algorithm,
            Opaque = parameters.Get("opaque"),
            Qop = qop?.ToLowerInvariant(),
            NonceCount = count,
            Cnonce = cnonce,
        };
        return true;
    }

    public override string ToString()
    {
        var output = new StringBuilder(256);
        DigestParameters.AppendQuoted(output, "username", UserName);
        DigestParameters.AppendQuoted(output, "realm", Realm);
        DigestParameters.AppendQuoted(output, "nonce", Nonce);
        DigestParameters.AppendQuoted(output, "uri", Uri);
        DigestParameters.AppendQuoted(output, "response", Response);
        DigestParameters.AppendToken(output, "algorithm", Algorithm.Token());
        DigestParameters.AppendQuoted(output, "opaque", Opaque);
        DigestParameters.AppendToken(output, "qop", Qop);
        DigestParameters.AppendToken(output, "nc", Qop is null ? null : DigestHash.Count(NonceCount));
        DigestParameters.AppendQuoted(output, "cnonce", Cnonce);
        return output.ToString();
    }
}
