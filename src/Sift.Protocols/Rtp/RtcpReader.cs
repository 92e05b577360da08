using System.Buffers.Binary;

namespace Sift.Protocols.Rtp;

public static class RtcpType
{
    public const byte SenderReport = 200;
    public const byte ReceiverReport = 201;
    public const byte SourceDescription = 202;
    public const byte Bye = 203;
}

/// <summary>
/// Walks the packets of an RTCP compound (RFC 3550 6.1), reduced-size ones included (RFC 5506). A broken packet ends the walk; what came
/// before it stands.
/// </summary>
public ref struct RtcpReader(ReadOnlySpan<byte> compound)
{
    private ReadOnlySpan<byte> _rest = compound;

    public byte Type { get; private set; }

    /// <summary>Report, source or chunk count of the common header.</summary>
    public int Count { get; private set; }

    /// <summary>What follows the common header, padding taken off.</summary>
    public ReadOnlySpan<byte> Body { get; private set; }

    /// <summary>Moves to the next packet.</summary>
    public bool Read()
    {
        if (_rest.Length < 4 || _rest[0] >> 6 != 2)
        {
            return false;
        }

        var size = (BinaryPrimitives.ReadUInt16BigEndian(_rest[2..]) + 1) * 4;
        if (size > _rest.Length)
        {
            return false;
        }

        var body = _rest[4..size];
        if ((_rest[0] & 0x20) != 0)
        {
            var padding = body.Length == 0 ? 0 : body[^1];
            if (padding == 0 || padding > body.Length)
            {
                return false;
            }

            body = body[..^padding];
        }

        Type = _rest[1];
        Count = _rest[0] & 0x1F;
        Body = body;
        _rest = _rest[size..];
        return true;
    }

    /// <summary>The report block at <paramref name="index"/> of the SR or RR read last.</summary>
    public readonly bool TryReadBlock(int index, out ReportBlock block)
    {
        var offset = (Type == RtcpType.SenderReport ? SenderReport.Size : 4) + (index * ReportBlock.Size);
        if (index >= Count || offset > Body.Length)
        {
            block = default;
            return false;
        }

        return ReportBlock.TryParse(Body[offset..], out block);
    }

    /// <summary>The source at <paramref name="index"/> that leaves, in a BYE.</summary>
    public readonly bool TryReadByeSource(int index, out uint ssrc)
    {
        ssrc = 0;
        return Type == RtcpType.Bye && index < Count && BinaryPrimitives.TryReadUInt32BigEndian(Body[Math.Min(Body.Length, index * 4)..], out ssrc);
    }

    /// <summary>The CNAME of the first chunk of an SDES; empty when it has none.</summary>
    public readonly ReadOnlySpan<byte> CanonicalName()
    {
        if (Type != RtcpType.SourceDescription || Count == 0 || Body.Length < 4)
        {
            return default;
        }

        var items = Body[4..];
        while (items.Length >= 2 && items[0] != 0)
        {
            var length = items[1];
            if (items.Length < 2 + length)
            {
                break;
            }

            if (items[0] == 1)
            {
                return items.Slice(2, length);
            }

            items = items[(2 + length)..];
        }

        return default;
    }
}
