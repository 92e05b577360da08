using System.Buffers.Binary;
using System.Text;

namespace Sift.Web.Observability.Captures;

/// <summary>Writes a pcapng file of raw IP packets (draft-ietf-opsawg-pcapng), the format of Wireshark, which has room for comments.</summary>
internal sealed class PcapngFile
{
    private const uint SectionHeader = 0x0A0D0D0A;
    private const uint ByteOrderMagic = 0x1A2B3C4D;
    private const uint InterfaceDescription = 1;
    private const uint EnhancedPacket = 6;
    private const ushort Comment = 1;
    private const ushort Application = 4;
    private const ushort InterfaceName = 2;
    private const ushort TimeResolution = 9;

    // LINKTYPE_RAW: each packet begins with its IPv4 or IPv6 header.
    private const ushort RawIp = 101;

    private readonly MemoryStream file = new();
    private readonly MemoryStream block = new();

    /// <param name="comments">Shown as properties of the file.</param>
    public PcapngFile(string application, IEnumerable<string> comments)
    {
        Span<byte> head = stackalloc byte[16];
        BinaryPrimitives.WriteUInt32LittleEndian(head, ByteOrderMagic);
        BinaryPrimitives.WriteUInt16LittleEndian(head[4..], 1);
        BinaryPrimitives.WriteInt64LittleEndian(head[8..], -1);
        block.Write(head);
        Options(comments);
        Option(Application, Encoding.UTF8.GetBytes(application));
        End(SectionHeader);

        head = head[..8];
        head.Clear();
        BinaryPrimitives.WriteUInt16LittleEndian(head, RawIp);
        block.Write(head);
        Option(InterfaceName, "sip"u8);

        // 10^-7 s, the resolution of .NET's clock.
        Option(TimeResolution, [7]);
        End(InterfaceDescription);
    }

    public void Add(DateTimeOffset at, ReadOnlySpan<byte> packet, IEnumerable<string> comments)
    {
        var ticks = (ulong)(at - DateTimeOffset.UnixEpoch).Ticks;
        Span<byte> head = stackalloc byte[20];
        BinaryPrimitives.WriteUInt32LittleEndian(head, 0);
        BinaryPrimitives.WriteUInt32LittleEndian(head[4..], (uint)(ticks >> 32));
        BinaryPrimitives.WriteUInt32LittleEndian(head[8..], (uint)ticks);
        BinaryPrimitives.WriteInt32LittleEndian(head[12..], packet.Length);
        BinaryPrimitives.WriteInt32LittleEndian(head[16..], packet.Length);
        block.Write(head);
        Padded(packet);
        Options(comments);
        End(EnhancedPacket);
    }

    public byte[] ToArray() => file.ToArray();

    private void Options(IEnumerable<string> comments)
    {
        foreach (var comment in comments)
        {
            Option(Comment, Encoding.UTF8.GetBytes(comment));
        }
    }

    private void Option(ushort code, ReadOnlySpan<byte> value)
    {
        Span<byte> head = stackalloc byte[4];
        BinaryPrimitives.WriteUInt16LittleEndian(head, code);
        BinaryPrimitives.WriteUInt16LittleEndian(head[2..], checked((ushort)value.Length));
        block.Write(head);
        Padded(value);
    }

    private void Padded(ReadOnlySpan<byte> bytes)
    {
        block.Write(bytes);
        block.Write(stackalloc byte[(4 - (bytes.Length & 3)) & 3]);
    }

    /// <summary>Every block says its length at both ends, so that a file can be read backwards.</summary>
    private void End(uint type)
    {
        block.Write(stackalloc byte[4]); // opt_endofopt
        var length = (uint)block.Length + 12;
        Span<byte> edge = stackalloc byte[8];
        BinaryPrimitives.WriteUInt32LittleEndian(edge, type);
        BinaryPrimitives.WriteUInt32LittleEndian(edge[4..], length);
        file.Write(edge);
        block.WriteTo(file);
        file.Write(edge[4..]);
        block.SetLength(0);
    }
}
