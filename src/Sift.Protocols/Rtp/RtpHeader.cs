using System.Buffers.Binary;

namespace Sift.Protocols.Rtp;

/// <summary>The fixed header of an RTP packet and where its payload lies (RFC 3550 5.1).</summary>
public readonly record struct RtpHeader(
    byte PayloadType,
    bool Marker,
    ushort Sequence,
    uint Timestamp,
    uint Ssrc,
    int PayloadOffset,
    int PayloadLength)
{
    public const int FixedSize = 12;

    /// <summary>Reads a packet; CSRCs and the header extension are skipped, padding is taken off.</summary>
    /// <returns>False for anything that is not a whole RTP version 2 packet.</returns>
    public static bool TryParse(ReadOnlySpan<byte> packet, out RtpHeader header)
    {
        header = default;
        if (packet.Length < FixedSize || packet[0] >> 6 != 2)
        {
            return false;
        }

        var offset = FixedSize + ((packet[0] & 0x0F) * 4);
        if ((packet[0] & 0x10) != 0)
        {
            // RFC 3550 5.3.1: 16 bits defined by profile, 16 bits length in words.
            if (packet.Length < offset + 4)
            {
                return false;
            }

            offset += 4 + (BinaryPrimitives.ReadUInt16BigEndian(packet[(offset + 2)..]) * 4);
        }

        if (offset > packet.Length)
        {
            return false;
        }

        var length = packet.Length - offset;
        if ((packet[0] & 0x20) != 0)
        {
            // RFC 3550 5.1: the last byte counts the padding, itself included.
            var padding = length == 0 ? 0 : packet[^1];
            if (padding == 0 || padding > length)
            {
                return false;
            }

            length -= padding;
        }

        header = new RtpHeader(
            (byte)(packet[1] & 0x7F),
            (packet[1] & 0x80) != 0,
            BinaryPrimitives.ReadUInt16BigEndian(packet[2..]),
            BinaryPrimitives.ReadUInt32BigEndian(packet[4..]),
            BinaryPrimitives.ReadUInt32BigEndian(packet[8..]),
            offset,
            length);
        return true;
    }

    /// <summary>Writes the twelve bytes of a header without CSRC, extension or padding; the payload follows them.</summary>
    public static void Write(Span<byte> packet, byte payloadType, bool marker, ushort sequence, uint timestamp, uint ssrc)
    {
        packet[0] = 0x80;
        packet[1] = (byte)((payloadType & 0x7F) | (marker ? 0x80 : 0));
        BinaryPrimitives.WriteUInt16BigEndian(packet[2..], sequence);
        BinaryPrimitives.WriteUInt32BigEndian(packet[4..], timestamp);
        BinaryPrimitives.WriteUInt32BigEndian(packet[8..], ssrc);
    }

    /// <summary>RFC 5761 4: with RTP and RTCP on one port, a second byte of 192 to 223 is an RTCP packet type.</summary>
    public static bool IsRtcp(ReadOnlySpan<byte> packet) => packet.Length >= 2 && packet[1] is >= 192 and <= 223;
}
