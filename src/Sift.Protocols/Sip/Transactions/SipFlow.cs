using System.Net;

namespace Sift.Protocols.Sip.Transactions;

/// <summary>How SIP bytes travel (RFC 3261 section 18, RFC 7118).</summary>
public enum SipTransport
{
    Udp,
    Tcp,
    Tls,
    Ws,
    Wss,
}

/// <summary>One way to reach a peer: a datagram socket with a remote address, or one stream connection. Opaque to the core.</summary>
/// <param name="Transport">Decides retransmission timers and the Via transport.</param>
/// <param name="Connection">The host's number for the socket or connection; 0 where it needs none.</param>
/// <param name="Local">The address the host sends from.</param>
/// <param name="Remote">The address the bytes came from, or go to.</param>
public readonly record struct SipFlow(SipTransport Transport, long Connection, IPEndPoint Local, IPEndPoint Remote)
{
    /// <summary>Nothing is retransmitted hop by hop over a reliable transport (RFC 3261 section 17).</summary>
    public bool IsReliable => Transport != SipTransport.Udp;

    /// <summary>The token of the Via header.</summary>
    public string ViaTransport => Transport switch
    {
        SipTransport.Udp => "UDP",
        SipTransport.Tcp => "TCP",
        SipTransport.Tls => "TLS",
        SipTransport.Ws => "WS",
        SipTransport.Wss => "WSS",
    };
}
