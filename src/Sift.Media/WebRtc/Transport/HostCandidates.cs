using System.Globalization;
using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;

namespace Sift.Media.WebRtc.Transport;

/// <summary>The host candidates (RFC 8839 5.1) that tell browsers where the shared port is.</summary>
internal static class HostCandidates
{
    private const int HostPreference = 126;

    // RFC 6544 4.2: below every UDP candidate, relayed ones excepted.
    private const int TcpHostPreference = 90;
    private const int RtpComponent = 1;

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

    /// <summary>The text behind <c>candidate:</c> for each address.</summary>
    public static IReadOnlyList<string> Describe(IReadOnlyList<IPAddress> addresses, int port, bool withTcp)
    {
        var lines = new List<string>();
        for (var i = 0; i < addresses.Count; i++)
        {
            lines.Add(string.Create(CultureInfo.InvariantCulture, $"{i + 1} {RtpComponent} udp {Priority(HostPreference, i)} {addresses[i]} {port} typ host"));
        }

        for (var i = 0; withTcp && i < addresses.Count; i++)
        {
            // RFC 6544 4.5: we wait for the browser to connect.
            var foundation = addresses.Count + i + 1;
            lines.Add(string.Create(CultureInfo.InvariantCulture, $"{foundation} {RtpComponent} tcp {Priority(TcpHostPreference, i)} {addresses[i]} {port} typ host tcptype passive"));
        }

        return lines;
    }

    // RFC 8445 5.1.2.1.
    private static uint Priority(int type, int index) => ((uint)type << 24) | ((uint)(ushort.MaxValue - index) << 8) | (256 - RtpComponent);

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
