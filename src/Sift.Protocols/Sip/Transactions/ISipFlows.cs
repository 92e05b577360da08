using Sift.Protocols.Sip.Messages;

namespace Sift.Protocols.Sip.Transactions;

/// <summary>
/// What the core must know about the host's sockets. Answered at once, without a look-up on the network: the host resolves names
/// before it calls in, and answers from what it has.
/// </summary>
public interface ISipFlows
{
    /// <summary>The address for Via sent-by and Contact of messages that leave by this flow (a public address behind 1:1 NAT).</summary>
    SipSentBy SentBy(in SipFlow flow);

    /// <summary>
    /// Where a request to <paramref name="nextHop"/> goes: the Request-URI or first Route of a request in a dialog, or a redirected
    /// Contact. <paramref name="current"/> is the flow the dialog uses now.
    /// </summary>
    /// <returns>False when the next hop cannot be reached: the dialog then stays on its current flow, a redirect is not followed.</returns>
    bool TryRoute(SipUri nextHop, in SipFlow current, out SipFlow flow);

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
