using System.Diagnostics.CodeAnalysis;

namespace Sift.Protocols.Sip.Messages;

/// <summary>A name-addr or addr-spec with header parameters: From, To, Contact, Route, Record-Route … (RFC 3261 section 20.10).</summary>
public sealed class NameAddress
{
    /// <summary>Display name without quotes, unescaped; null when absent.</summary>
    public string? DisplayName { get; init; }

    public required SipUri Uri { get; init; }

    /// <summary>Header parameters (behind the angle brackets).</summary>
    public SipParameters Parameters { get; init; } = new();

    /// <summary>The tag of a From or To header.</summary>
    public string? Tag => Parameters.Get("tag");

    public static bool TryParse(ReadOnlySpan<char> text, [NotNullWhen(true)] out NameAddress? address)
    {
        address = null;
        return false;
    }
}
