using System.Net;
using System.Net.Sockets;

namespace Sift.Web.Http;

/// <summary>Where a request comes from, for limits: an IPv6 customer has a whole /64 to change addresses in.</summary>
internal static class ClientPlace
{
    public static IPAddress Of(IPAddress? address)
    {
        if (address is null)
        {
            return IPAddress.None;
        }

        if (address.IsIPv4MappedToIPv6)
        {
            return address.MapToIPv4();
        }

        if (address.AddressFamily != AddressFamily.InterNetworkV6)
        {
            return address;
        }

        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out _);
        bytes[8..].Clear();
        return new IPAddress(bytes);
    }
}
