using System.Buffers.Binary;
using System.Net;
using System.Security.Cryptography;

namespace Sift.Protocols.Stun;

/// <summary>A view over the bytes of one STUN message (RFC 8489). Nothing is copied; the bytes must outlive it.</summary>
public readonly ref struct StunMessage
{
    public const uint MagicCookie = 0x2112A442;
    public const int HeaderLength = 20;
    public const int TransactionIdLength = 12;

    /// <summary>ERROR-CODE 487 (RFC 8445 16.2).</summary>
    public const int RoleConflict = 487;

    private readonly ReadOnlySpan<byte> _bytes;

    private StunMessage(ReadOnlySpan<byte> bytes) => _bytes = bytes;

    public StunMessageType Type => (StunMessageType)BinaryPrimitives.ReadUInt16BigEndian(_bytes);

    public bool IsResponse => Type is StunMessageType.BindingSuccess or StunMessageType.BindingError;

    /// <summary>96 bits.</summary>
    public ReadOnlySpan<byte> TransactionId => _bytes.Slice(8, TransactionIdLength);

    /// <summary>ERROR-CODE (RFC 8489 14.8); 0 when there is none.</summary>
    public int ErrorCode => TryGet(StunAttribute.ErrorCode, out var value) && value.Length >= 4 ? ((value[2] & 7) * 100) + value[3] : 0;

    /// <summary>
    /// Takes a whole datagram. False unless it is STUN with the magic cookie, a true length, well-formed attributes and, when FINGERPRINT is there,
    /// a right one (RFC 8489 14.7).
    /// </summary>
    public static bool TryParse(ReadOnlySpan<byte> bytes, out StunMessage message)
    {
        message = default;
        if (bytes.Length < HeaderLength || bytes[0] >> 6 != 0
            || BinaryPrimitives.ReadUInt32BigEndian(bytes[4..]) != MagicCookie
            || BinaryPrimitives.ReadUInt16BigEndian(bytes[2..]) + HeaderLength != bytes.Length
            || bytes.Length % 4 != 0)
        {
            return false;
        }

        var at = HeaderLength;
        while (at < bytes.Length)
        {
            if (bytes.Length - at < 4)
            {
                return false;
            }

            var length = BinaryPrimitives.ReadUInt16BigEndian(bytes[(at + 2)..]);
            var next = at + 4 + ((length + 3) & ~3);
            if (next > bytes.Length)
            {
                return false;
            }

            if ((StunAttribute)BinaryPrimitives.ReadUInt16BigEndian(bytes[at..]) == StunAttribute.Fingerprint
                && (length != 4 || next != bytes.Length
                    || BinaryPrimitives.ReadUInt32BigEndian(bytes[(at + 4)..]) != (Crc32.Compute(bytes[..at]) ^ StunWriter.FingerprintMask)))
            {
                return false;
            }

            at = next;
        }

        message = new StunMessage(bytes);
        return true;
    }

    /// <summary>The first attribute of that type before MESSAGE-INTEGRITY; later ones are to be ignored (RFC 8489 14.5).</summary>
    public bool TryGet(StunAttribute type, out ReadOnlySpan<byte> value)
    {
        var at = HeaderLength;
        while (TryNext(ref at, out var found, out value, out _))
        {
            if (found == type)
            {
                return true;
            }

            if (found == StunAttribute.MessageIntegrity)
            {
                break;
            }
        }

        value = default;
        return false;
    }

    public bool Has(StunAttribute type) => TryGet(type, out _);

    /// <summary>True when MESSAGE-INTEGRITY is there and right for that key (a short-term password, RFC 8489 9.1).</summary>
    public bool IsAuthentic(ReadOnlySpan<byte> key)
    {
        var at = HeaderLength;
        while (TryNext(ref at, out var type, out var value, out var start))
        {
            if (type != StunAttribute.MessageIntegrity)
            {
                continue;
            }

            // The length field counts up to and including MESSAGE-INTEGRITY while it is computed.
            Span<byte> digest = stackalloc byte[20];
            StunWriter.Integrity(_bytes[..start], key, digest);
            return value.Length == 20 && CryptographicOperations.FixedTimeEquals(digest, value);
        }

        return false;
    }

    /// <summary>Collects types that must be understood and are not (RFC 8489 6.3.1); returns how many were written.</summary>
    public int UnknownRequired(Span<ushort> types)
    {
        var count = 0;
        var at = HeaderLength;
        while (count < types.Length && TryNext(ref at, out var type, out _, out _) && type != StunAttribute.MessageIntegrity)
        {
            if ((ushort)type < 0x8000 && !Enum.IsDefined(type))
            {
                types[count++] = (ushort)type;
            }
        }

        return count;
    }

    /// <summary>The reflexive address in a response.</summary>
    public bool TryGetXorMappedAddress(out IPEndPoint? address)
    {
        address = null;
        if (!TryGet(StunAttribute.XorMappedAddress, out var value) || value.Length < 8)
        {
            return false;
        }

        var port = BinaryPrimitives.ReadUInt16BigEndian(value[2..]) ^ (int)(MagicCookie >> 16);
        var length = value[1] switch { 1 => 4, 2 => 16, _ => 0 };
        if (length == 0 || value.Length != 4 + length)
        {
            return false;
        }

        Span<byte> plain = stackalloc byte[length];
        for (var i = 0; i < length; i++)
        {
            plain[i] = (byte)(value[4 + i] ^ _bytes[4 + i]);
        }

        address = new IPEndPoint(new IPAddress(plain), port);
        return true;
    }

    private bool TryNext(scoped ref int at, scoped out StunAttribute type, out ReadOnlySpan<byte> value, scoped out int start)
    {
        start = at;
        if (at >= _bytes.Length)
        {
            type = default;
            value = default;
            return false;
        }

        type = (StunAttribute)BinaryPrimitives.ReadUInt16BigEndian(_bytes[at..]);
        var length = BinaryPrimitives.ReadUInt16BigEndian(_bytes[(at + 2)..]);
        value = _bytes.Slice(at + 4, length);
        at += 4 + ((length + 3) & ~3);
        return true;
    }
}
