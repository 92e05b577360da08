using System.Diagnostics.CodeAnalysis;

namespace Sift.Protocols.Sip.Messages;

/// <summary>One Via value (RFC 3261 section 20.42).</summary>
public sealed class Via
{
    /// <summary>Upper-case transport: UDP, TCP, TLS, WS, WSS.</summary>
    public required string Transport { get; init; }

    public required string Host { get; init; }

    public int? Port { get; init; }

    public SipParameters Parameters { get; init; } = new();

    public string? Branch => Parameters.Get("branch");

    public static bool TryParse(ReadOnlySpan<char> text, [NotNullWhen(true)] out Via? via)
    {
        via = null;
        return false;
    }
}
