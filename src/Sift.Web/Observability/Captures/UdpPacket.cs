using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Sift.Web.Observability.Captures;

/// <summary>Puts UDP and IP headers around a message, as they were or would have been on the wire.</summary>
internal static class UdpPacket
{
    private const int UdpHeader = 8;
    private const int V4Header = 20;
    private const int V6Header = 40;
    private const byte Udp = 17;
    private const byte HopLimit = 64;

    /// <summary>Null when the addresses are of different families: no packet could go between them.</summary>
    public static byte[]? Wrap(IPEndPoint from, IPEndPoint to, ReadOnlySpan<byte> payload)
    {
        var (source, target) = (Plain(from.Address), Plain(to.Address));
        if (source.AddressFamily != target.AddressFamily)
        {
            return null;
        }

        var isV4 = source.AddressFamily == AddressFamily.InterNetwork;
        var header = isV4 ? V4Header : V6Header;
        var packet = new byte[header + UdpHeader + payload.Length];
        var ip = packet.AsSpan(0, header);
        var udp = packet.AsSpan(header);
        var length = checked((ushort)udp.Length);
        if (isV4)
        {
            // RFC 791 3.1.
            ip[0] = 0x45;
            BinaryPrimitives.WriteUInt16BigEndian(ip[2..], checked((ushort)packet.Length));
            ip[8] = HopLimit;
            ip[9] = Udp;
            source.TryWriteBytes(ip[12..], out _);
            target.TryWriteBytes(ip[16..], out _);
            BinaryPrimitives.WriteUInt16BigEndian(ip[10..], Fold(Sum(ip)));
        }
        else
        {
            // RFC 8200 3.
            ip[0] = 0x60;
            BinaryPrimitives.WriteUInt16BigEndian(ip[4..], length);
            ip[6] = Udp;
            ip[7] = HopLimit;
            source.TryWriteBytes(ip[8..], out _);
            target.TryWriteBytes(ip[24..], out _);
        }

        BinaryPrimitives.WriteUInt16BigEndian(udp, checked((ushort)from.Port));
        BinaryPrimitives.WriteUInt16BigEndian(udp[2..], checked((ushort)to.Port));
        BinaryPrimitives.WriteUInt16BigEndian(udp[4..], length);
        payload.CopyTo(udp[UdpHeader..]);

        // RFC 768, RFC 8200 8.1: over the addresses, the protocol, the length and the datagram; zero would mean that there is none.
        var check = Fold(Sum(ip[(isV4 ? 12 : 8)..]) + Udp + length + Sum(udp));
        BinaryPrimitives.WriteUInt16BigEndian(udp[6..], check == 0 ? ushort.MaxValue : check);
        return packet;
    }

    private static IPAddress Plain(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;

    private static uint Sum(ReadOnlySpan<byte> bytes)
    {
        var sum = 0u;
        for (; bytes.Length > 1; bytes = bytes[2..])
        {
            sum += BinaryPrimitives.ReadUInt16BigEndian(bytes);
        }

        return bytes.IsEmpty ? sum : sum + ((uint)bytes[0] << 8);
    }

    private static ushort Fold(uint sum)
    {
        while (sum > ushort.MaxValue)
        {
            sum = (sum & ushort.MaxValue) + (sum >> 16);
        }

        return (ushort)~sum;
    }
}
