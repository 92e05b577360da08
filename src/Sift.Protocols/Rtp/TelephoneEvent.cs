using System.Buffers.Binary;

namespace Sift.Protocols.Rtp;

/// <summary>The four bytes of a telephone-event payload (RFC 4733 2.3).</summary>
/// <param name="Event">0-9, 10 *, 11 #, 12-15 A-D, 16 flash.</param>
/// <param name="Volume">Power below 0 dBm0, 0 to 63.</param>
/// <param name="Duration">Timestamp units since the event began.</param>
public readonly record struct TelephoneEvent(byte Event, bool End, byte Volume, ushort Duration)
{
    public const int Size = 4;

    public static bool TryParse(ReadOnlySpan<byte> payload, out TelephoneEvent telephoneEvent)
    {
        if (payload.Length < Size)
        {
            telephoneEvent = default;
            return false;
        }

        telephoneEvent = new TelephoneEvent(
            payload[0],
            (payload[1] & 0x80) != 0,
            (byte)(payload[1] & 0x3F),
            BinaryPrimitives.ReadUInt16BigEndian(payload[2..]));
        return true;
    }

    public void Write(Span<byte> payload)
    {
        payload[0] = Event;
        payload[1] = (byte)((End ? 0x80 : 0) | (Volume & 0x3F));
        BinaryPrimitives.WriteUInt16BigEndian(payload[2..], Duration);
    }

    /// <summary>The key of a DTMF event; null for flash and everything beyond.</summary>
    public static char? KeyOf(byte code) => code < Keys.Length ? Keys[code] : null;

    /// <summary>The event of a key, lower case letters included; null when it is no key.</summary>
    public static byte? CodeOf(char key)
    {
        var index = Keys.IndexOf(char.ToUpperInvariant(key), StringComparison.Ordinal);
        return index < 0 ? null : (byte)index;
    }

    private const string Keys = "0123456789*#ABCD";
}
