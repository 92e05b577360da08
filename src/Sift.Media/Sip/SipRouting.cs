using System.Net;
using Sift.Media.Sip.Transports;
using Sift.Protocols.Sip.Messages;
using Sift.Protocols.Sip.Transactions;

namespace Sift.Media.Sip;

/// <summary>Answers the core's questions about flows from what the transports have. Never looks a name up.</summary>
internal sealed class SipRouting(ISipTransports transports) : ISipFlows
{
    public SipSentBy SentBy(in SipFlow flow) => transports.SentBy(flow);

    public bool TryRoute(SipUri nextHop, in SipFlow current, out SipFlow flow)
    {
        flow = current;
        if (!IPAddress.TryParse(nextHop.Host, out var address))
        {
            // A name: the dialog's flow leads to whoever can resolve it (RFC 3263 asks for a look-up that the host does before it dials).
            return false;
        }

        var transport = SipTransport.Udp;
        if (nextHop.Scheme == "sips")
        {
            transport = SipTransport.Tls;
        }
        else if (nextHop.Parameters.Get("transport") is { } name && !SipTransportNames.TryParse(name, out transport))
        {
            return false;
        }

        var remote = new IPEndPoint(address, nextHop.Port ?? SipTransportNames.DefaultPort(transport));
        if (remote.Equals(current.Remote) && transport == current.Transport)
        {
            return true;
        }

        // RFC 5626 4.3: a stream stays in use as long as it lives. A private address seen from elsewhere is the inside of a NAT: the
        // way the peer came by is the only way back.
        if (current.IsReliable || (IsPrivate(address) && !IsPrivate(current.Remote.Address)))
        {
            return false;
        }

        return transports.TryFlowTo(transport, remote, null, out flow);
    }

    public bool TryReliable(in SipFlow datagram, out SipFlow reliable) =>
        transports.TryFlowTo(SipTransport.Tcp, datagram.Remote, null, out reliable);

    private static bool IsPrivate(IPAddress address)
    {
        if (IPAddress.IsLoopback(address))
        {
            return true;
        }

        if (address.AddressFamily != System.Net.Sockets.AddressFamily.InterNetwork)
        {
            return address.IsIPv6UniqueLocal || address.IsIPv6LinkLocal;
        }

        Span<byte> bytes = stackalloc byte[4];
        address.TryWriteBytes(bytes, out _);
        return bytes[0] == 10
            || (bytes[0] == 172 && (bytes[1] & 0xF0) == 16)
            || (bytes[0] == 192 && bytes[1] == 168)
            || (bytes[0] == 100 && (bytes[1] & 0xC0) == 64)
            || (bytes[0] == 169 && bytes[1] == 254);
    }
}
