using Sift.Protocols.Sip.Transactions;

namespace Sift.Media.Sip.Transports;

/// <summary>Transport names as configuration and URIs write them.</summary>
internal static class SipTransportNames
{
    public static bool TryParse(string? text, out SipTransport transport)
    {
        transport = SipTransport.Udp;
        switch (text?.ToUpperInvariant())
        {
            case "UDP":
                return true;
            case "TCP":
                transport = SipTransport.Tcp;
                return true;
            case "TLS":
                transport = SipTransport.Tls;
                return true;
            default:
                return false;
        }
    }

    /// <summary>RFC 3261 19.1.2: 5061 for TLS, else 5060.</summary>
    public static int DefaultPort(SipTransport transport) => transport == SipTransport.Tls ? 5061 : 5060;
}
