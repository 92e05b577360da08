using System.Net;
using Sift.Media.Sip.Transports;
using Sift.Protocols;
using Sift.Protocols.Sip.Transactions;

namespace Sift.Media.Sip.Resolution;

/// <summary>Finds the servers of a SIP domain (RFC 3263 section 4): NAPTR, then SRV, then A and AAAA.</summary>
internal sealed class SipServerLocator(IDnsRecords dns, IEntropy entropy)
{
    /// <summary>Most servers of one domain that are kept; nobody waits for more to time out.</summary>
    public const int MostServers = 16;

    private const int MostPointers = 8;

    /// <summary>Look-ups that one domain may cost: its records are written by whoever owns the name.</summary>
    internal const int MostQuestions = 32;

    private static readonly SipTransport[] Known = [SipTransport.Udp, SipTransport.Tcp, SipTransport.Tls];

    /// <summary>Never throws; without a server the domain cannot be reached.</summary>
    public async Task<SipServers> LocateAsync(SipDomain domain, CancellationToken cancellationToken)
    {
        var found = new Found();
        if (IPAddress.TryParse(domain.Host, out var literal))
        {
            // RFC 3263 4.1, 4.2: an address is used as it stands.
            var transport = domain.Transport ?? SipTransport.Udp;
            found.Add(transport, literal, domain.Port ?? SipTransportNames.DefaultPort(transport));
        }
        else if (domain.Port is { } port)
        {
            // RFC 3263 4.2: with a port the name is that of a host, not of a service.
            await AddHostAsync(found, domain.Host, domain.Transport ?? SipTransport.Udp, port, cancellationToken).ConfigureAwait(false);
        }
        else
        {
            await AddDomainAsync(found, domain, cancellationToken).ConfigureAwait(false);
        }

        return new SipServers(found.Servers, found.ValidFor);
    }

    private async Task AddDomainAsync(Found found, SipDomain domain, CancellationToken cancellationToken)
    {
        if (domain.Transport is { } wanted)
        {
            await AddServicesAsync(found, ServiceName(wanted, domain.Host), wanted, cancellationToken).ConfigureAwait(false);
        }
        else if (!await AddPointersAsync(found, domain.Host, cancellationToken).ConfigureAwait(false))
        {
            // RFC 3263 4.1: without NAPTR records the SRV names of all transports that we know are asked for.
            foreach (var transport in Known)
            {
                await AddServicesAsync(found, ServiceName(transport, domain.Host), transport, cancellationToken).ConfigureAwait(false);
            }
        }

        if (found.Servers.Count == 0 && !found.Declined)
        {
            var transport = domain.Transport ?? SipTransport.Udp;
            await AddHostAsync(found, domain.Host, transport, SipTransportNames.DefaultPort(transport), cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>False when the domain has no pointers that we can follow.</summary>
    private async Task<bool> AddPointersAsync(Found found, string domain, CancellationToken cancellationToken)
    {
        found.MayAsk();
        var answer = await dns.PointersAsync(domain, cancellationToken).ConfigureAwait(false);
        found.Expire(answer.ValidFor);
        var any = false;
        foreach (var pointer in answer.Records.OrderBy(static record => record.Order).ThenBy(static record => record.Preference).Take(MostPointers))
        {
            if (!pointer.Flags.Equals("s", StringComparison.OrdinalIgnoreCase) || TransportOf(pointer.Service) is not { } transport || pointer.Replacement.Length == 0)
            {
                continue;
            }

            any = true;
            await AddServicesAsync(found, pointer.Replacement, transport, cancellationToken).ConfigureAwait(false);
        }

        return any;
    }

    private async Task AddServicesAsync(Found found, string name, SipTransport transport, CancellationToken cancellationToken)
    {
        if (!found.MayAsk())
        {
            return;
        }

        var answer = await dns.ServicesAsync(name, cancellationToken).ConfigureAwait(false);
        found.Expire(answer.ValidFor);
        if (answer.Records is [{ Target.Length: 0 }])
        {
            // RFC 2782: a target of "." says that the service is decidedly not there.
            found.Declined = true;
            return;
        }

        foreach (var record in SrvOrder.Draw([.. answer.Records.Where(static record => record is { Target.Length: > 0, Port: > 0 }).Take(MostServers)], entropy))
        {
            await AddHostAsync(found, record.Target, transport, record.Port, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task AddHostAsync(Found found, string host, SipTransport transport, int port, CancellationToken cancellationToken)
    {
        if (found.Servers.Count >= MostServers || !found.MayAsk())
        {
            return;
        }

        var answer = await dns.AddressesAsync(host, cancellationToken).ConfigureAwait(false);
        found.Expire(answer.ValidFor);
        foreach (var address in answer.Records)
        {
            found.Add(transport, address, port);
        }
    }

    private static string ServiceName(SipTransport transport, string domain) => transport switch
    {
        SipTransport.Tcp => "_sip._tcp." + domain,
        SipTransport.Tls => "_sips._tcp." + domain,
        _ => "_sip._udp." + domain,
    };

    /// <summary>RFC 3263 4.1; a service that we do not speak is left out.</summary>
    private static SipTransport? TransportOf(string service) => service.ToUpperInvariant() switch
    {
        "SIP+D2U" => SipTransport.Udp,
        "SIP+D2T" => SipTransport.Tcp,
        "SIPS+D2T" => SipTransport.Tls,
        _ => null,
    };

    private sealed class Found
    {
        public List<SipServer> Servers { get; } = [];

        public TimeSpan ValidFor { get; private set; } = TimeSpan.MaxValue;

        public bool Declined { get; set; }

        private int _asked;

        /// <summary>Counts a look-up; false when there have been too many.</summary>
        public bool MayAsk() => _asked++ < MostQuestions;

        public void Expire(TimeSpan validFor) => ValidFor = validFor < ValidFor ? validFor : ValidFor;

        public void Add(SipTransport transport, IPAddress address, int port)
        {
            var server = new SipServer(transport, new IPEndPoint(address, port));
            if (Servers.Count < MostServers && !Servers.Contains(server))
            {
                Servers.Add(server);
            }
        }
    }
}
