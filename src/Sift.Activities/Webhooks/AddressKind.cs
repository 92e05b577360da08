using System.Net;
using System.Net.Sockets;

namespace Sift.Activities.Webhooks;

/// <summary>What sort of place an address is.</summary>
internal enum AddressKind
{
    Public,
    Loopback,
    Private,
    LinkLocal,
    Multicast,
    Reserved,
}

/// <summary>Sorts addresses by the IANA special-purpose registries (RFC 6890).</summary>
internal static class AddressKinds
{
    private static readonly (IPNetwork Network, AddressKind Kind)[] Special =
    [
        Entry("127.0.0.0/8", AddressKind.Loopback),
        Entry("10.0.0.0/8", AddressKind.Private),
        Entry("172.16.0.0/12", AddressKind.Private),
        Entry("192.168.0.0/16", AddressKind.Private),
        Entry("100.64.0.0/10", AddressKind.Private), // shared by carriers, RFC 6598
        Entry("169.254.0.0/16", AddressKind.LinkLocal),
        Entry("224.0.0.0/4", AddressKind.Multicast),
        Entry("0.0.0.0/8", AddressKind.Reserved),
        Entry("192.0.0.0/24", AddressKind.Reserved),
        Entry("192.0.2.0/24", AddressKind.Reserved),
        Entry("192.88.99.0/24", AddressKind.Reserved),
        Entry("198.18.0.0/15", AddressKind.Reserved),
        Entry("198.51.100.0/24", AddressKind.Reserved),
        Entry("203.0.113.0/24", AddressKind.Reserved),
        Entry("240.0.0.0/4", AddressKind.Reserved),
        Entry("::1/128", AddressKind.Loopback),
        Entry("fc00::/7", AddressKind.Private), // unique local, RFC 4193
        Entry("fe80::/10", AddressKind.LinkLocal),
        Entry("fec0::/10", AddressKind.Private),
        Entry("ff00::/8", AddressKind.Multicast),
        Entry("100::/64", AddressKind.Reserved),
        Entry("2001::/23", AddressKind.Reserved), // protocol assignments, Teredo among them
        Entry("2001:db8::/32", AddressKind.Reserved),
        Entry("3fff::/20", AddressKind.Reserved),
        Entry("5f00::/16", AddressKind.Reserved),
        Entry("64:ff9b:1::/48", AddressKind.Private), // local-use NAT64, RFC 8215
    ];

    private static readonly IPNetwork Nat64 = IPNetwork.Parse("64:ff9b::/96");
    private static readonly IPNetwork SixToFour = IPNetwork.Parse("2002::/16");
    private static readonly IPNetwork Compatible = IPNetwork.Parse("::/96");

    public static AddressKind Of(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
        {
            address = address.MapToIPv4();
        }

        foreach (var (network, kind) in Special)
        {
            if (network.Contains(address))
            {
                return kind;
            }
        }

        return address.AddressFamily == AddressFamily.InterNetworkV6 ? OfEmbedded(address) : AddressKind.Public;
    }

    public static string Describe(AddressKind kind) => kind switch
    {
        AddressKind.Public => "a public address",
        AddressKind.Loopback => "a loopback address",
        AddressKind.Private => "in a private network",
        AddressKind.LinkLocal => "a link-local address",
        AddressKind.Multicast => "a multicast address",
        AddressKind.Reserved => "a reserved address",
    };

    // Some IPv6 addresses lead to an IPv4 address that they carry.
    private static AddressKind OfEmbedded(IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out _);
        return Nat64.Contains(address) ? Of(new IPAddress(bytes[12..]))
            : SixToFour.Contains(address) ? Of(new IPAddress(bytes[2..6]))
            : Compatible.Contains(address) ? AddressKind.Reserved
            : AddressKind.Public;
    }

    private static (IPNetwork Network, AddressKind Kind) Entry(string network, AddressKind kind) => (IPNetwork.Parse(network), kind);
}
