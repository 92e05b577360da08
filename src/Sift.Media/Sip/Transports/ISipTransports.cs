using System.Net;
using Sift.Protocols.Sip.Transactions;

namespace Sift.Media.Sip.Transports;

/// <summary>The sockets as the owner of the core sees them: the seam at which tests put a network in memory.</summary>
internal interface ISipTransports
{
    /// <summary>Sends without blocking. False when the bytes were certainly not sent.</summary>
    bool Send(in SipFlow flow, ReadOnlySpan<byte> bytes);

    /// <summary>A flow to an address: the UDP socket, or the open or a new connection.</summary>
    /// <param name="peerName">The name a TLS peer must prove; null for its address.</param>
    /// <returns>False when this server does not listen on that transport, or the address family does not fit.</returns>
    bool TryFlowTo(SipTransport transport, IPEndPoint remote, string? peerName, out SipFlow flow);

    /// <summary>Host and port for Via and Contact of what leaves by this flow.</summary>
    SipSentBy SentBy(in SipFlow flow);
}
