using System.Buffers.Binary;
using System.Net;
using System.Security.Cryptography;

namespace Sift.Protocols.Stun;

/// <summary>Builds one STUN message in a caller's buffer. Finish with <see cref="Seal"/>; 548 bytes are always enough.</summary>
public ref struct StunWriter
{
    internal const uint FingerprintMask = 0x5354554E;

    private readonly Span<byte> _buffer;
    private int _length;

    public StunWriter(Span<byte> buffer, StunMessageType type, scoped ReadOnlySpan<byte> transactionId)
    {
        _buffer = buffer;
        BinaryPrimitives.WriteUInt16BigEndian(buffer, (ushort)type);
        BinaryPrimitives.WriteUInt32BigEndian(buffer[4..], StunMessage.MagicCookie);
        transactionId.CopyTo(buffer[8..]);
        _length = StunMessage.HeaderLength;
    }

    public void Add(StunAttribute type, scoped ReadOnlySpan<byte> value)
    {
        BinaryPrimitives.WriteUInt16BigEndian(_buffer[_length..], (ushort)type);
        BinaryPrimitives.WriteUInt16BigEndian(_buffer[(_length + 2)..], (ushort)value.Length);
        value.CopyTo(_buffer[(_length + 4)..]);
        var padded = (value.Length + 3) & ~3;
        _buffer.Slice(_length + 4 + value.Length, padded - value.Length).Clear();
        _length += 4 + padded;
    }

    public void Add(StunAttribute type, uint value)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, value);
        Add(type, bytes);
    }

    public void Add(StunAttribute type, ulong value)
    {
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, value);
        Add(type, bytes);
    }

    /// <summary>XOR-MAPPED-ADDRESS (RFC 8489 14.2).</summary>
    public void AddXorMappedAddress(IPEndPoint address)
    {
        var v4 = address.Address.IsIPv4MappedToIPv6 ? address.Address.MapToIPv4() : address.Address;
        Span<byte> value = stackalloc byte[20];
        value[0] = 0;
        v4.TryWriteBytes(value[4..], out var length);
        value[1] = length == 4 ? (byte)1 : (byte)2;
        BinaryPrimitives.WriteUInt16BigEndian(value[2..], (ushort)(address.Port ^ (int)(StunMessage.MagicCookie >> 16)));
        for (var i = 0; i < length; i++)
        {
            value[4 + i] ^= _buffer[4 + i];
        }

        Add(StunAttribute.XorMappedAddress, value[..(4 + length)]);
    }

    /// <summary>ERROR-CODE (RFC 8489 14.8).</summary>
    public void AddError(int code, scoped ReadOnlySpan<byte> reason)
    {
        Span<byte> value = stackalloc byte[64];
        value.Clear();
        value[2] = (byte)(code / 100);
        value[3] = (byte)(code % 100);
        reason.CopyTo(value[4..]);
        Add(StunAttribute.ErrorCode, value[..(4 + reason.Length)]);
    }

    /// <summary>Adds MESSAGE-INTEGRITY (unless the key is empty) and FINGERPRINT; returns the length of the message.</summary>
    public int Seal(scoped ReadOnlySpan<byte> key)
    {
        if (!key.IsEmpty)
        {
            Span<byte> digest = stackalloc byte[20];
            Integrity(_buffer[.._length], key, digest);
            Add(StunAttribute.MessageIntegrity, digest);
        }

        BinaryPrimitives.WriteUInt16BigEndian(_buffer[2..], (ushort)(_length + 8 - StunMessage.HeaderLength));
        Add(StunAttribute.Fingerprint, Crc32.Compute(_buffer[.._length]) ^ FingerprintMask);
        return _length;
    }

    /// <summary>HMAC-SHA1 over a message up to where MESSAGE-INTEGRITY will stand, with the length that includes it (RFC 8489 14.5).</summary>
    internal static void Integrity(ReadOnlySpan<byte> message, ReadOnlySpan<byte> key, Span<byte> digest)
    {
        using var hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA1, key);
        Span<byte> head = stackalloc byte[4];
        message[..2].CopyTo(head);
        BinaryPrimitives.WriteUInt16BigEndian(head[2..], (ushort)(message.Length + 24 - StunMessage.HeaderLength));
        hmac.AppendData(head);
        hmac.AppendData(message[4..]);
        hmac.GetHashAndReset(digest);
    }
}
