using System.Net;
using Sift.Media.Sip.Resolution;
using Sift.Media.Sip.Transports;
using Sift.Protocols.Sip.Messages;
using Sift.Protocols.Sip.Transactions;

namespace Sift.Media.Sip;

/// <summary>Answers the core's questions about flows from what the transports and the look-ups so far have. Never waits.</summary>
internal sealed class SipRouting(ISipTransports transports, NextHops hops) : ISipFlows
{
    /// <summary>Contacts of one redirect whose names are looked up: as many as a call tries.</summary>
    private const int MostContacts = 5;

    public SipSentBy SentBy(in SipFlow flow) => transports.SentBy(flow);

    // RFC 5626 4.3: a stream stays in use as long as it lives.
    public bool TryRoute(SipUri nextHop, in SipFlow current, out SipFlow flow) => TryReach(nextHop, current, keepsStream: true, out flow);

    public void Prepare(SipUri nextHop)
    {
        if (TryName(nextHop, out var domain))
        {
            hops.Find(domain);
        }
    }

    public bool TryRedirect(SipUri target, in SipFlow current, out SipFlow flow) => TryReach(target, current, keepsStream: false, out flow);

    public bool TryAnother(SipUri nextHop, in SipFlow failed, out SipFlow flow)
    {
        flow = failed;
        if (!TryName(nextHop, out var domain))
        {
            return false;
        }

        hops.Failed(new SipServer(failed.Transport, failed.Remote));
        return TryServer(domain, failed, out flow) && !(flow.Remote.Equals(failed.Remote) && flow.Transport == failed.Transport);
    }

    public bool TryReliable(in SipFlow datagram, out SipFlow reliable) =>
        transports.TryFlowTo(SipTransport.Tcp, datagram.Remote, null, out reliable);

    /// <summary>Looks the contacts of a redirect up that are names; <paramref name="known"/> is called when that is done.</summary>
    /// <returns>False when there is nothing to wait for.</returns>
    public bool PrepareRedirect(SipResponse redirect, Action known)
    {
        var domains = new List<SipDomain>();
        foreach (var contact in (redirect.Contacts?.Addresses ?? []).Take(MostContacts))
        {
            if (TryName(contact.Uri, out var domain))
            {
                domains.Add(domain);
            }
        }

        return domains.Count > 0 && hops.Await(domains, known);
    }

    private bool TryReach(SipUri nextHop, in SipFlow current, bool keepsStream, out SipFlow flow)
    {
        flow = current;
        if (!TryDomain(nextHop, out var domain))
        {
            return false;
        }

        if (!IPAddress.TryParse(domain.Host, out var address))
        {
            return !(keepsStream && current.IsReliable) && TryServer(domain, current, out flow);
        }

        var transport = domain.Transport ?? SipTransport.Udp;
        var remote = new IPEndPoint(address, domain.Port ?? SipTransportNames.DefaultPort(transport));
        if (remote.Equals(current.Remote) && transport == current.Transport)
        {
            return true;
        }

        return !(keepsStream && current.IsReliable)
            && AddressReach.MayLeadTo(current.Remote.Address, address)
            && transports.TryFlowTo(transport, remote, null, out flow);
    }

    private bool TryServer(SipDomain domain, in SipFlow current, out SipFlow flow)
    {
        foreach (var server in hops.Find(domain))
        {
            if (server.Address.Equals(current.Remote) && server.Transport == current.Transport)
            {
                flow = current;
                return true;
            }

            if (AddressReach.MayLeadTo(current.Remote.Address, server.Address.Address)
                && transports.TryFlowTo(server.Transport, server.Address, domain.Host, out flow))
            {
                return true;
            }
        }

        flow = current;
        return false;
    }

    private static bool TryName(SipUri uri, out SipDomain domain) => TryDomain(uri, out domain) && !IPAddress.TryParse(domain.Host, out _);

    /// <summary>False for a URI that names a transport we do not speak.</summary>
    private static bool TryDomain(SipUri uri, out SipDomain domain)
    {
        SipTransport? transport = uri.Scheme == "sips" ? SipTransport.Tls : null;
        domain = new SipDomain(uri.Host.ToLowerInvariant(), uri.Port, transport);
        if (transport is not null || uri.Parameters.Get("transport") is not { } name)
        {
            return uri.IsSip;
        }

        domain = domain with { Transport = SipTransportNames.TryParse(name, out var named) ? named : null };
        return uri.IsSip && domain.Transport is not null;
    }
}
