using System.Net;
using System.Net.Sockets;

namespace Sift.Media.Sip.Resolution;

/// <summary>From where an address can be reached: what a peer may make us send to.</summary>
internal static class AddressReach
{
    /// <summary>
    /// Whether a peer at <paramref name="peer"/> may send us on to <paramref name="address"/>. One seen from the outside does not lead
    /// inside: for a NAT's inner address the way it came by is the only way back, and any other would be our own network.
    /// </summary>
    public static bool MayLeadTo(IPAddress peer, IPAddress address) => IsUnicast(address) && (!IsPrivate(address) || IsPrivate(peer));

    private static bool IsUnicast(IPAddress address)
    {
        var plain = Plain(address);
        if (plain.AddressFamily != AddressFamily.InterNetwork)
        {
            return !plain.IsIPv6Multicast && !plain.Equals(IPAddress.IPv6Any);
        }

        Span<byte> bytes = stackalloc byte[4];
        plain.TryWriteBytes(bytes, out _);
        return bytes[0] is > 0 and < 224;
    }

    private static bool IsPrivate(IPAddress address)
    {
        var plain = Plain(address);
        if (IPAddress.IsLoopback(plain))
        {
            return true;
        }

        if (plain.AddressFamily != AddressFamily.InterNetwork)
        {
            return plain.IsIPv6UniqueLocal || plain.IsIPv6LinkLocal;
        }

        Span<byte> bytes = stackalloc byte[4];
        plain.TryWriteBytes(bytes, out _);
        return bytes[0] == 10
            || (bytes[0] == 172 && (bytes[1] & 0xF0) == 16)
            || (bytes[0] == 192 && bytes[1] == 168)
            || (bytes[0] == 100 && (bytes[1] & 0xC0) == 64)
            || (bytes[0] == 169 && bytes[1] == 254);
    }

    private static IPAddress Plain(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
}
