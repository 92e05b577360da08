using System.Diagnostics.CodeAnalysis;

namespace Sift.Protocols.Sip.Messages;

/// <summary>A SIP, SIPS or tel URI (RFC 3261 section 19.1, RFC 3966). Other schemes keep their text in <see cref="Opaque"/>.</summary>
public sealed class SipUri
{
    /// <summary>Lower-case scheme: sip, sips, tel, or another.</summary>
    public required string Scheme { get; init; }

    /// <summary>User part, unescaped; for tel URIs the number. Null when absent.</summary>
    public string? User { get; init; }

    public string? Password { get; init; }

    /// <summary>Host name or address without brackets; empty for tel URIs.</summary>
    public string Host { get; init; } = "";

    /// <summary>Port, or null when not given.</summary>
    public int? Port { get; init; }

    public SipParameters Parameters { get; init; } = new();

    /// <summary>Header part after '?', as it came; null when absent.</summary>
    public string? HeaderPart { get; init; }

    /// <summary>What follows the scheme of a URI that is neither SIP nor tel.</summary>
    public string? Opaque { get; init; }

    /// <summary>RFC 3261 19.1.1 <c>lr</c>: the element is a loose router.</summary>
    public bool IsLooseRouter => Parameters.Contains("lr");

    public static bool TryParse(ReadOnlySpan<char> text, [NotNullWhen(true)] out SipUri? uri)
    {
        uri = null;
        return false;
    }
}
