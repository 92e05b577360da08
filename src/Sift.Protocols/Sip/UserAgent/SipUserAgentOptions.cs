using Sift.Protocols.Sip.Transactions;

namespace Sift.Protocols.Sip.UserAgent;

/// <summary>Constants of one user agent.</summary>
public sealed record SipUserAgentOptions
{
    public SipTimings Timings { get; init; } = new();

    /// <summary>Value of the User-Agent and Server headers.</summary>
    public string Product { get; init; } = "Sift";

    /// <summary>Methods outside a dialog that the host answers; OPTIONS is answered by the core unless it is among them, INVITE, ACK, BYE, CANCEL, PRACK, UPDATE and INFO always.</summary>
    public IReadOnlyList<string> HostMethods { get; init; } = ["REGISTER"];

    /// <summary>When our provisional responses other than 100 are sent reliably (RFC 3262).</summary>
    public SipReliability ReliableProvisionals { get; init; } = SipReliability.WhenRequired;

    /// <summary>The Session-Expires we ask for in our own INVITEs; null asks for none (RFC 4028).</summary>
    public TimeSpan? SessionExpires { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>The shortest session interval we accept (RFC 4028 section 5: not below 90 s).</summary>
    public TimeSpan MinimumSessionExpires { get; init; } = TimeSpan.FromSeconds(90);

    /// <summary>Incoming calls beyond this many are refused with 503 and Retry-After.</summary>
    public int MaxCalls { get; init; } = 100_000;
}

/// <summary>When a provisional response is sent reliably.</summary>
public enum SipReliability
{
    /// <summary>Never; an INVITE that requires 100rel is refused with 420.</summary>
    Never,

    /// <summary>When the INVITE says Require: 100rel.</summary>
    WhenRequired,

    /// <summary>Whenever the INVITE supports 100rel.</summary>
    WhenSupported,
}
