using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Sift.Protocols.Srtp;

/// <summary>One direction's keys for RTP or for RTCP: encrypts and authenticates in place, without allocating.</summary>
internal abstract class SrtpCipher : IDisposable
{
    public abstract int TagLength { get; }

    /// <summary>RTCP under GCM carries the tag before the index, under counter mode after it.</summary>
    public abstract bool TagBeforeIndex { get; }

    public static SrtpCipher Create(SrtpProfile profile, ReadOnlySpan<byte> masterKey, ReadOnlySpan<byte> masterSalt, bool rtcp)
    {
        Span<byte> key = stackalloc byte[SrtpProfileSizes.Key];
        Span<byte> salt = stackalloc byte[profile.SaltLength()];
        SrtpKeyDerivation.Derive(masterKey, masterSalt, rtcp ? SrtpKeyDerivation.RtcpEncryption : SrtpKeyDerivation.RtpEncryption, key);
        SrtpKeyDerivation.Derive(masterKey, masterSalt, rtcp ? SrtpKeyDerivation.RtcpSalt : SrtpKeyDerivation.RtpSalt, salt);
        if (profile == SrtpProfile.AeadAes128Gcm)
        {
            return FromSessionKeys(key, salt);
        }

        Span<byte> authentication = stackalloc byte[20];
        SrtpKeyDerivation.Derive(masterKey, masterSalt, rtcp ? SrtpKeyDerivation.RtcpAuthentication : SrtpKeyDerivation.RtpAuthentication, authentication);
        return new CounterModeCipher(key, salt, authentication);
    }

    /// <summary>AES-GCM with session keys as they are, without derivation.</summary>
    public static SrtpCipher FromSessionKeys(ReadOnlySpan<byte> key, ReadOnlySpan<byte> salt) => new GcmCipher(key, salt);

    /// <summary>Encrypts <paramref name="payload"/> and writes the tag over header, payload and <paramref name="trailer"/>.</summary>
    /// <param name="index">48-bit packet index for RTP, 31-bit SRTCP index for RTCP.</param>
    /// <param name="trailer">What is authenticated but not sent there: the ROC (RTP) or E and index (RTCP).</param>
    public abstract void Seal(uint ssrc, ulong index, bool rtcp, ReadOnlySpan<byte> header, Span<byte> payload, ReadOnlySpan<byte> trailer, Span<byte> tag);

    /// <summary>Checks the tag and decrypts. False leaves the payload unusable.</summary>
    public abstract bool Open(uint ssrc, ulong index, bool rtcp, ReadOnlySpan<byte> header, Span<byte> payload, ReadOnlySpan<byte> trailer, ReadOnlySpan<byte> tag, bool encrypted);

    public abstract void Dispose();

    private sealed class GcmCipher(ReadOnlySpan<byte> key, ReadOnlySpan<byte> salt) : SrtpCipher
    {
        private readonly AesGcm _gcm = new(key, 16);
        private readonly byte[] _salt = salt.ToArray();

        public override int TagLength => 16;

        public override bool TagBeforeIndex => true;

        public override void Seal(uint ssrc, ulong index, bool rtcp, ReadOnlySpan<byte> header, Span<byte> payload, ReadOnlySpan<byte> trailer, Span<byte> tag)
        {
            Span<byte> nonce = stackalloc byte[12];
            Nonce(ssrc, index, rtcp, nonce);
            if (!rtcp)
            {
                _gcm.Encrypt(nonce, payload, payload, tag, header);
                return;
            }

            Span<byte> associated = stackalloc byte[12];
            header.CopyTo(associated);
            trailer.CopyTo(associated[8..]);
            _gcm.Encrypt(nonce, payload, payload, tag, associated);
        }

        public override bool Open(uint ssrc, ulong index, bool rtcp, ReadOnlySpan<byte> header, Span<byte> payload, ReadOnlySpan<byte> trailer, ReadOnlySpan<byte> tag, bool encrypted)
        {
            Span<byte> nonce = stackalloc byte[12];
            Nonce(ssrc, index, rtcp, nonce);
            Span<byte> associated = stackalloc byte[12];
            scoped ReadOnlySpan<byte> data = header;
            if (rtcp)
            {
                header.CopyTo(associated);
                trailer.CopyTo(associated[8..]);
                data = associated;
            }

            return encrypted && TryDecrypt(nonce, payload, tag, data);
        }

        public override void Dispose() => _gcm.Dispose();

        private bool TryDecrypt(ReadOnlySpan<byte> nonce, Span<byte> payload, ReadOnlySpan<byte> tag, ReadOnlySpan<byte> associated)
        {
            try
            {
                _gcm.Decrypt(nonce, payload, tag, payload, associated);
                return true;
            }
            catch (AuthenticationTagMismatchException)
            {
                // .NET offers no quiet form of this check.
                return false;
            }
        }

        // RFC 7714 8.1 and 9.1: 00 00 | SSRC | ROC | SEQ for RTP, 00 00 | SSRC | 00 00 | index for RTCP, XOR salt.
        private void Nonce(uint ssrc, ulong index, bool rtcp, Span<byte> nonce)
        {
            nonce.Clear();
            BinaryPrimitives.WriteUInt32BigEndian(nonce[2..], ssrc);
            if (rtcp)
            {
                BinaryPrimitives.WriteUInt32BigEndian(nonce[8..], (uint)index);
            }
            else
            {
                BinaryPrimitives.WriteUInt32BigEndian(nonce[6..], (uint)(index >> 16));
                BinaryPrimitives.WriteUInt16BigEndian(nonce[10..], (ushort)index);
            }

            for (var i = 0; i < 12; i++)
            {
                nonce[i] ^= _salt[i];
            }
        }
    }

    private sealed class CounterModeCipher : SrtpCipher
    {
        /// <summary>A datagram on the media path is at most this long; longer ones are refused before they come here.</summary>
        private const int LargestPayload = SrtpSession.LargestPacket;
        private readonly Aes _aes = Aes.Create();
        private readonly ICryptoTransform _encryptor;
        private readonly IncrementalHash _hmac;
        private readonly byte[] _salt;
        private readonly byte[] _counters = new byte[LargestPayload + 16];
        private readonly byte[] _stream = new byte[LargestPayload + 16];
        private readonly byte[] _digest = new byte[20];

        public CounterModeCipher(ReadOnlySpan<byte> key, ReadOnlySpan<byte> salt, ReadOnlySpan<byte> authentication)
        {
            _aes.Mode = CipherMode.ECB;
            _aes.Padding = PaddingMode.None;
            _aes.SetKey(key);
            _encryptor = _aes.CreateEncryptor();
            _hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA1, authentication);
            _salt = salt.ToArray();
        }

        public override int TagLength => 10;

        public override bool TagBeforeIndex => false;

        public override void Seal(uint ssrc, ulong index, bool rtcp, ReadOnlySpan<byte> header, Span<byte> payload, ReadOnlySpan<byte> trailer, Span<byte> tag)
        {
            Crypt(ssrc, index, payload);
            Authenticate(header, payload, trailer);
            _digest.AsSpan(0, 10).CopyTo(tag);
        }

        public override bool Open(uint ssrc, ulong index, bool rtcp, ReadOnlySpan<byte> header, Span<byte> payload, ReadOnlySpan<byte> trailer, ReadOnlySpan<byte> tag, bool encrypted)
        {
            Authenticate(header, payload, trailer);
            if (!CryptographicOperations.FixedTimeEquals(_digest.AsSpan(0, 10), tag))
            {
                return false;
            }

            if (encrypted)
            {
                Crypt(ssrc, index, payload);
            }

            return true;
        }

        public override void Dispose()
        {
            _encryptor.Dispose();
            _aes.Dispose();
            _hmac.Dispose();
        }

        private void Authenticate(ReadOnlySpan<byte> header, ReadOnlySpan<byte> payload, ReadOnlySpan<byte> trailer)
        {
            _hmac.AppendData(header);
            _hmac.AppendData(payload);
            _hmac.AppendData(trailer);
            _hmac.GetHashAndReset(_digest);
        }

        // RFC 3711 4.1.1: IV = (salt * 2^16) XOR (SSRC * 2^64) XOR (index * 2^16); block counter in the last 16 bits.
        private void Crypt(uint ssrc, ulong index, Span<byte> payload)
        {
            Span<byte> iv = stackalloc byte[16];
            iv.Clear();
            _salt.CopyTo(iv);
            Span<byte> part = stackalloc byte[8];
            BinaryPrimitives.WriteUInt32BigEndian(part, ssrc);
            for (var i = 0; i < 4; i++)
            {
                iv[4 + i] ^= part[i];
            }

            BinaryPrimitives.WriteUInt64BigEndian(part, index << 16);
            for (var i = 0; i < 6; i++)
            {
                iv[8 + i] ^= part[i];
            }

            var blocks = (payload.Length + 15) / 16;
            for (var b = 0; b < blocks; b++)
            {
                var block = _counters.AsSpan(16 * b, 16);
                iv.CopyTo(block);
                BinaryPrimitives.WriteUInt16BigEndian(block[14..], (ushort)b);
            }

            if (blocks > 0)
            {
                _encryptor.TransformBlock(_counters, 0, 16 * blocks, _stream, 0);
                Xor(payload, _stream);
            }
        }

        private static void Xor(Span<byte> data, ReadOnlySpan<byte> stream)
        {
            var i = 0;
            for (; i + 8 <= data.Length; i += 8)
            {
                var mixed = BinaryPrimitives.ReadUInt64LittleEndian(data[i..]) ^ BinaryPrimitives.ReadUInt64LittleEndian(stream[i..]);
                BinaryPrimitives.WriteUInt64LittleEndian(data[i..], mixed);
            }

            for (; i < data.Length; i++)
            {
                data[i] ^= stream[i];
            }
        }
    }
}
