using System.Net;
using Sift.Protocols.Sip.Transactions;

namespace Sift.Media.Sip.Resolution;

/// <summary>The part of a SIP URI that says where a request goes.</summary>
/// <param name="Host">A name, or a literal address without brackets.</param>
/// <param name="Port">Null when the URI names none.</param>
/// <param name="Transport">Null when the URI names none.</param>
internal sealed record SipDomain(string Host, int? Port, SipTransport? Transport);

/// <summary>One server of a domain.</summary>
internal readonly record struct SipServer(SipTransport Transport, IPEndPoint Address)
{
    public override string ToString() => $"{Transport}:{Address}";
}

/// <summary>The servers of a domain, in the order to try.</summary>
/// <param name="ValidFor">How long the answer may be used.</param>
internal sealed record SipServers(IReadOnlyList<SipServer> InOrder, TimeSpan ValidFor);
