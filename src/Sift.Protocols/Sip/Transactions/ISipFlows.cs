using Sift.Protocols.Sip.Messages;

namespace Sift.Protocols.Sip.Transactions;

/// <summary>
/// What the core must know about the host's sockets. Answered at once, without waiting for the network: the host looks names
/// up ahead of need, and answers from what it has.
/// </summary>
public interface ISipFlows
{
    /// <summary>The address for Via sent-by and Contact of messages that leave by this flow (a public address behind 1:1 NAT).</summary>
    SipSentBy SentBy(in SipFlow flow);

    /// <summary>
    /// Where a request in a dialog goes whose first Route, or else Request-URI, is <paramref name="nextHop"/>.
    /// <paramref name="current"/> is the flow the dialog uses now.
    /// </summary>
    /// <returns>False when the next hop cannot be reached, or is not known yet: the dialog then stays on its current flow.</returns>
    bool TryRoute(SipUri nextHop, in SipFlow current, out SipFlow flow);

    /// <summary>Requests will go there soon: a name may be looked up meanwhile.</summary>
    void Prepare(SipUri nextHop);

    /// <summary>Where a redirected INVITE goes. <paramref name="current"/> is the flow that the redirect came by.</summary>
    /// <returns>False when the target cannot be reached: it is passed over.</returns>
    bool TryRedirect(SipUri target, in SipFlow current, out SipFlow flow);

    /// <summary>Another server of the same next hop, after the one at <paramref name="failed"/> did not answer or said 503 (RFC 3263 4.3).</summary>
    /// <returns>False when there is no other.</returns>
    bool TryAnother(SipUri nextHop, in SipFlow failed, out SipFlow flow);

    /// <summary>A stream flow to the same peer, for a request too large for a datagram (RFC 3261 section 18.1.1).</summary>
    /// <returns>False to send it as a datagram all the same.</returns>
    bool TryReliable(in SipFlow datagram, out SipFlow reliable);
}

/// <summary>Host and port as they appear in Via and Contact.</summary>
/// <param name="Host">Name or address without brackets.</param>
public readonly record struct SipSentBy(string Host, int Port) : ISpanFormattable
{
    public override string ToString() => ToString(null, null);

    public string ToString(string? format, IFormatProvider? formatProvider) => Host.Contains(':') ? $"[{Host}]:{Port}" : $"{Host}:{Port}";

    public bool TryFormat(Span<char> destination, out int charsWritten, ReadOnlySpan<char> format, IFormatProvider? provider) =>
        Host.Contains(':')
            ? destination.TryWrite(provider, $"[{Host}]:{Port}", out charsWritten)
            : destination.TryWrite(provider, $"{Host}:{Port}", out charsWritten);
}
