using System.Buffers.Binary;

namespace Sift.Protocols.Rtp;

/// <summary>A reception report (RFC 3550 6.4.1).</summary>
/// <param name="FractionLost">Of the packets of the last interval, in 256ths.</param>
/// <param name="CumulativeLost">24 bits, signed: duplicates can make it negative.</param>
/// <param name="Jitter">In timestamp units.</param>
/// <param name="LastSenderReport">Middle 32 bits of the NTP time of the last SR from that source; 0 when none came.</param>
/// <param name="DelaySinceLastSenderReport">In 1/65536 s.</param>
public readonly record struct ReportBlock(
    uint Ssrc,
    byte FractionLost,
    int CumulativeLost,
    uint ExtendedHighestSequence,
    uint Jitter,
    uint LastSenderReport,
    uint DelaySinceLastSenderReport)
{
    public const int Size = 24;

    public static bool TryParse(ReadOnlySpan<byte> bytes, out ReportBlock block)
    {
        if (bytes.Length < Size)
        {
            block = default;
            return false;
        }

        var lost = BinaryPrimitives.ReadUInt32BigEndian(bytes[4..]);
        block = new ReportBlock(
            BinaryPrimitives.ReadUInt32BigEndian(bytes),
            (byte)(lost >> 24),
            (int)(lost << 8) >> 8,
            BinaryPrimitives.ReadUInt32BigEndian(bytes[8..]),
            BinaryPrimitives.ReadUInt32BigEndian(bytes[12..]),
            BinaryPrimitives.ReadUInt32BigEndian(bytes[16..]),
            BinaryPrimitives.ReadUInt32BigEndian(bytes[20..]));
        return true;
    }

    public void Write(Span<byte> bytes)
    {
        BinaryPrimitives.WriteUInt32BigEndian(bytes, Ssrc);
        BinaryPrimitives.WriteUInt32BigEndian(bytes[4..], ((uint)FractionLost << 24) | ((uint)CumulativeLost & 0xFF_FFFF));
        BinaryPrimitives.WriteUInt32BigEndian(bytes[8..], ExtendedHighestSequence);
        BinaryPrimitives.WriteUInt32BigEndian(bytes[12..], Jitter);
        BinaryPrimitives.WriteUInt32BigEndian(bytes[16..], LastSenderReport);
        BinaryPrimitives.WriteUInt32BigEndian(bytes[20..], DelaySinceLastSenderReport);
    }

    /// <summary>
    /// The round trip by RFC 3550 6.4.1: arrival minus LSR minus DLSR, all in 1/65536 s; null when the far end has not seen a report
    /// of ours or its figures cannot be (negative, or above a minute).
    /// </summary>
    public TimeSpan? RoundTrip(ulong ntpNow)
    {
        if (LastSenderReport == 0)
        {
            return null;
        }

        var units = unchecked((int)(NtpTime.Middle(ntpNow) - LastSenderReport - DelaySinceLastSenderReport));
        return units is < 0 or > 60 * 65536 ? null : TimeSpan.FromSeconds(units / 65536.0);
    }
}
