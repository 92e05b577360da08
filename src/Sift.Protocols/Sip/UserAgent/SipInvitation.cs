using Sift.Protocols.Sip.Messages;
using Sift.Protocols.Sip.Transactions;

namespace Sift.Protocols.Sip.UserAgent;

/// <summary>An outbound call to place.</summary>
public sealed record SipInvitation
{
    /// <summary>The Request-URI.</summary>
    public required SipUri Target { get; init; }

    /// <summary>The first hop: a resolved trunk, a registered contact's flow.</summary>
    public required SipFlow Flow { get; init; }

    /// <summary>The From value, without tag: <c>"Name" &lt;sip:user@host&gt;</c>.</summary>
    public required string From { get; init; }

    /// <summary>The To value, without tag.</summary>
    public required string To { get; init; }

    /// <summary>The SDP offer; empty for an offerless INVITE (the 200 then carries the offer, answer it with <see cref="SipUserAgent.Acknowledge"/>).</summary>
    public ReadOnlyMemory<byte> Offer { get; init; }

    /// <summary>The user part of our Contact; null for none.</summary>
    public string? ContactUser { get; init; }

    /// <summary>Preloaded Route values (outbound proxy, Path of a registration).</summary>
    public IReadOnlyList<string> Route { get; init; } = [];

    /// <summary>Extra header fields (P-Asserted-Identity, Privacy …), added as they are.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Headers { get; init; } = [];

    /// <summary>Answers a 401 or 407; without it a challenge ends the call.</summary>
    public SipCredentials? Credentials { get; init; }

    /// <summary>Hops the INVITE may still take. A call placed for an incoming one takes over what that had left, less one, so that loops end.</summary>
    public int MaxForwards { get; init; } = 70;

    /// <summary>How many 3xx contacts may be tried in all; 0 ends the call with the 3xx.</summary>
    public int MaxRedirects { get; init; } = 5;
}

/// <summary>User name and password for digest challenges.</summary>
public sealed record SipCredentials(string Username, string Password);
