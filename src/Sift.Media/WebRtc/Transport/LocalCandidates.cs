using System.Globalization;
using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using Sift.Protocols.Ice;
using Sift.Protocols.Rtp;

namespace Sift.Media.WebRtc.Transport;

/// <summary>The candidates that tell browsers where the shared port is (RFC 8839 5.1): of this host and, behind a NAT, as seen from outside.</summary>
internal sealed class LocalCandidates
{
    // RFC 6544 4.2: below every UDP candidate, relayed ones excepted.
    private const int TcpHostPreference = 90;

    private readonly List<IceCandidate> _hosts = [];
    private readonly List<string> _hostLines = [];
    private readonly int _port;
    private readonly int _foundations;

    public LocalCandidates(IReadOnlyList<IPAddress> addresses, int port, bool withTcp)
    {
        _port = port;
        for (var i = 0; i < addresses.Count; i++)
        {
            var candidate = Candidate(i + 1, IceCandidateType.Host, i, TransportAddress.From(new IPEndPoint(addresses[i], port)));
            _hosts.Add(candidate);
            _hostLines.Add(Line(candidate, "typ host"));
        }

        for (var i = 0; withTcp && i < addresses.Count; i++)
        {
            // RFC 6544 4.5: we wait for the browser to connect.
            var priority = IceCandidate.PriorityOf(TcpHostPreference, LocalPreference(i));
            _hostLines.Add(string.Create(CultureInfo.InvariantCulture, $"{addresses.Count + i + 1} 1 tcp {priority} {addresses[i]} {port} typ host tcptype passive"));
        }

        _foundations = _hostLines.Count;
        All = [.. _hosts];
        Lines = [.. _hostLines];
    }

    /// <summary>What pairs are made of.</summary>
    public IReadOnlyList<IceCandidate> All { get; private set; }

    /// <summary>The text behind <c>candidate:</c> for each, best first.</summary>
    public IReadOnlyList<string> Lines { get; private set; }

    /// <summary>The addresses to announce, best first: those configured, else the bound one, else all of this host.</summary>
    public static IReadOnlyList<IPAddress> Addresses(BrowserOptions options)
    {
        if (options.PublicAddresses.Count > 0)
        {
            return [.. options.PublicAddresses];
        }

        if (!options.BindAddress.Equals(IPAddress.Any) && !options.BindAddress.Equals(IPAddress.IPv6Any))
        {
            return [options.BindAddress];
        }

        var own = OwnAddresses(options.BindAddress.AddressFamily == AddressFamily.InterNetworkV6);
        return own.Count > 0 ? own : [IPAddress.Loopback];
    }

    /// <summary>Takes what STUN servers see now; an address that is a host candidate already is none of its own (RFC 8445 5.1.3).</summary>
    /// <returns>The lines that were not there before.</returns>
    public IReadOnlyList<string> SetReflexive(IReadOnlyList<TransportAddress> mapped)
    {
        var before = Lines;
        List<IceCandidate> all = [.. _hosts];
        List<string> lines = [.. _hostLines];
        foreach (var address in mapped)
        {
            if (_hosts.Exists(host => host.Address == address))
            {
                continue;
            }

            var index = all.Count - _hosts.Count;
            var candidate = Candidate(_foundations + index + 1, IceCandidateType.ServerReflexive, index, address);
            all.Add(candidate);

            // RFC 8839 5.1: the related address says how the candidate came about. Ours is no secret, it is a candidate itself.
            var related = _hosts.Find(host => host.Address.IsIPv4 == address.IsIPv4) ?? _hosts[0];
            lines.Add(Line(candidate, string.Create(CultureInfo.InvariantCulture, $"typ srflx raddr {related.Address.ToEndPoint().Address} rport {_port}")));
        }

        All = all;
        Lines = lines;
        return [.. lines.Except(before)];
    }

    private static IceCandidate Candidate(int foundation, IceCandidateType type, int index, TransportAddress address) =>
        new(foundation.ToString(CultureInfo.InvariantCulture), IceCandidate.PriorityOf((int)type, LocalPreference(index)), address, type);

    private static string Line(IceCandidate candidate, string type)
    {
        var at = candidate.Address.ToEndPoint();
        return string.Create(CultureInfo.InvariantCulture, $"{candidate.Foundation} 1 udp {candidate.Priority} {at.Address} {at.Port} {type}");
    }

    private static ushort LocalPreference(int index) => (ushort)(IceCandidate.HighestLocalPreference - index);

    private static List<IPAddress> OwnAddresses(bool withIPv6)
    {
        var found = new List<IPAddress>();
        foreach (var network in NetworkInterface.GetAllNetworkInterfaces())
        {
            if (network.OperationalStatus != OperationalStatus.Up || network.NetworkInterfaceType == NetworkInterfaceType.Loopback)
            {
                continue;
            }

            foreach (var unicast in network.GetIPProperties().UnicastAddresses)
            {
                var address = unicast.Address;
                if (address.AddressFamily == AddressFamily.InterNetwork || (withIPv6 && !address.IsIPv6LinkLocal))
                {
                    found.Add(address);
                }
            }
        }

        return found;
    }
}
