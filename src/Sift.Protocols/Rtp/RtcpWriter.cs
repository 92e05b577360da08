using System.Buffers.Binary;

namespace Sift.Protocols.Rtp;

/// <summary>Builds an RTCP compound (RFC 3550 6.1): begin with a report, then SDES, then BYE when leaving.</summary>
public ref struct RtcpWriter(Span<byte> buffer)
{
    private readonly Span<byte> _buffer = buffer;

    /// <summary>Bytes written.</summary>
    public int Length { get; private set; }

    public void SenderReport(SenderReport report, ReportBlock? block)
    {
        var body = Packet(RtcpType.SenderReport, block is null ? 0 : 1, Rtp.SenderReport.Size + (block is null ? 0 : ReportBlock.Size));
        report.Write(body);
        block?.Write(body[Rtp.SenderReport.Size..]);
    }

    public void ReceiverReport(uint ssrc, ReportBlock? block)
    {
        var body = Packet(RtcpType.ReceiverReport, block is null ? 0 : 1, 4 + (block is null ? 0 : ReportBlock.Size));
        BinaryPrimitives.WriteUInt32BigEndian(body, ssrc);
        block?.Write(body[4..]);
    }

    /// <summary>One chunk with a CNAME (at most 255 bytes).</summary>
    public void SourceDescription(uint ssrc, ReadOnlySpan<byte> canonicalName)
    {
        // RFC 3550 6.5: items end with at least one zero byte and fill up to a word.
        var length = 4 + (((2 + canonicalName.Length + 1) + 3) & ~3);
        var body = Packet(RtcpType.SourceDescription, 1, length);
        body.Clear();
        BinaryPrimitives.WriteUInt32BigEndian(body, ssrc);
        body[4] = 1;
        body[5] = (byte)canonicalName.Length;
        canonicalName.CopyTo(body[6..]);
    }

    public void Bye(uint ssrc) => BinaryPrimitives.WriteUInt32BigEndian(Packet(RtcpType.Bye, 1, 4), ssrc);

    private Span<byte> Packet(byte type, int count, int bodyLength)
    {
        var packet = _buffer.Slice(Length, 4 + bodyLength);
        packet[0] = (byte)(0x80 | count);
        packet[1] = type;
        BinaryPrimitives.WriteUInt16BigEndian(packet[2..], (ushort)(bodyLength / 4));
        Length += packet.Length;
        return packet[4..];
    }
}
