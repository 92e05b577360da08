using System.Buffers.Binary;

namespace Sift.Protocols.Srtp;

/// <summary>
/// SRTP and SRTCP for one leg (RFC 3711, RFC 7714): keys for both directions, rollover counters and replay windows per source.
/// Packets are worked on in place. One owner; nothing is allocated per packet once a source is known.
/// </summary>
public sealed class SrtpSession : IDisposable
{
    /// <summary>The longest packet that is handled, in bytes.</summary>
    public const int LargestPacket = 2048;

    /// <summary>The most sources that one direction may have; a browser leg has one or two.</summary>
    public const int LargestSourceCount = 16;

    private readonly SrtpCipher _rtpIn, _rtpOut, _rtcpIn, _rtcpOut;
    private readonly Source[] _inbound = new Source[LargestSourceCount];
    private readonly Source[] _outbound = new Source[LargestSourceCount];
    private int _inboundCount, _outboundCount;

    public SrtpSession(SrtpProfile profile, ReadOnlySpan<byte> inboundKey, ReadOnlySpan<byte> inboundSalt, ReadOnlySpan<byte> outboundKey, ReadOnlySpan<byte> outboundSalt)
    {
        Profile = profile;
        _rtpIn = SrtpCipher.Create(profile, inboundKey, inboundSalt, rtcp: false);
        _rtcpIn = SrtpCipher.Create(profile, inboundKey, inboundSalt, rtcp: true);
        _rtpOut = SrtpCipher.Create(profile, outboundKey, outboundSalt, rtcp: false);
        _rtcpOut = SrtpCipher.Create(profile, outboundKey, outboundSalt, rtcp: true);
    }

    public SrtpProfile Profile { get; }

    /// <summary>Protects the RTP packet in the first <paramref name="length"/> bytes; the buffer needs room for <see cref="SrtpProfileSizes.LargestOverhead"/> more.</summary>
    /// <returns>The length of the SRTP packet, or 0 when the input is no RTP packet or the buffer is too small.</returns>
    public int Protect(Span<byte> buffer, int length)
    {
        if (!TryRtpHeader(buffer[..length], out var headerLength) || length + _rtpOut.TagLength > buffer.Length || length > LargestPacket)
        {
            return 0;
        }

        var sequence = BinaryPrimitives.ReadUInt16BigEndian(buffer[2..]);
        var ssrc = BinaryPrimitives.ReadUInt32BigEndian(buffer[8..]);
        if (!TryFind(_outbound, ref _outboundCount, ssrc, create: true, out var at))
        {
            return 0;
        }

        ref var source = ref _outbound[at];
        var index = Estimate(source, sequence);
        if (!source.Rtp.Started || index > source.Rtp.Highest)
        {
            source.Rtp.Accept(index);
        }

        Span<byte> rollover = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(rollover, (uint)(index >> 16));
        _rtpOut.Seal(ssrc, index, rtcp: false, buffer[..headerLength], buffer[headerLength..length], rollover, buffer.Slice(length, _rtpOut.TagLength));
        return length + _rtpOut.TagLength;
    }

    /// <summary>Checks and decrypts an SRTP packet in place.</summary>
    /// <param name="length">The length of the RTP packet inside.</param>
    public SrtpResult Unprotect(Span<byte> packet, out int length)
    {
        length = 0;
        var tagLength = _rtpIn.TagLength;
        if (packet.Length > LargestPacket || packet.Length < 12 + tagLength || !TryRtpHeader(packet[..^tagLength], out var headerLength))
        {
            return SrtpResult.Malformed;
        }

        var sequence = BinaryPrimitives.ReadUInt16BigEndian(packet[2..]);
        var ssrc = BinaryPrimitives.ReadUInt32BigEndian(packet[8..]);
        var known = TryFind(_inbound, ref _inboundCount, ssrc, create: false, out var at);
        if (!known && _inboundCount == LargestSourceCount)
        {
            return SrtpResult.TooManySources;
        }

        var index = known ? Estimate(_inbound[at], sequence) : sequence;
        if (known && !_inbound[at].Rtp.WouldAccept(index))
        {
            return SrtpResult.Replayed;
        }

        Span<byte> rollover = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(rollover, (uint)(index >> 16));
        var end = packet.Length - tagLength;
        if (!_rtpIn.Open(ssrc, index, rtcp: false, packet[..headerLength], packet[headerLength..end], rollover, packet[end..], encrypted: true))
        {
            return SrtpResult.NotAuthentic;
        }

        // A source is only remembered once a packet of it proved authentic, so that forged packets cannot fill the table.
        if (!known)
        {
            TryFind(_inbound, ref _inboundCount, ssrc, create: true, out at);
        }

        _inbound[at].Rtp.Accept(index);
        length = end;
        return SrtpResult.Ok;
    }

    /// <summary>As <see cref="Protect"/> for a compound RTCP packet.</summary>
    public int ProtectRtcp(Span<byte> buffer, int length)
    {
        var tagLength = _rtcpOut.TagLength;
        if (length < 8 || length > LargestPacket || buffer[0] >> 6 != 2 || length + tagLength + 4 > buffer.Length)
        {
            return 0;
        }

        var ssrc = BinaryPrimitives.ReadUInt32BigEndian(buffer[4..]);
        if (!TryFind(_outbound, ref _outboundCount, ssrc, create: true, out var at))
        {
            return 0;
        }

        var index = _outbound[at].RtcpIndex = (_outbound[at].RtcpIndex + 1) & 0x7FFFFFFF;
        Span<byte> trailer = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(trailer, index | 0x80000000);
        var tagAt = _rtcpOut.TagBeforeIndex ? length : length + 4;
        _rtcpOut.Seal(ssrc, index, rtcp: true, buffer[..8], buffer[8..length], trailer, buffer.Slice(tagAt, tagLength));
        trailer.CopyTo(buffer[(_rtcpOut.TagBeforeIndex ? length + tagLength : length)..]);
        return length + tagLength + 4;
    }

    /// <summary>As <see cref="Unprotect"/> for SRTCP.</summary>
    public SrtpResult UnprotectRtcp(Span<byte> packet, out int length)
    {
        length = 0;
        var tagLength = _rtcpIn.TagLength;
        var end = packet.Length - tagLength - 4;
        if (packet.Length > LargestPacket || end < 8 || packet[0] >> 6 != 2)
        {
            return SrtpResult.Malformed;
        }

        var trailer = packet.Slice(_rtcpIn.TagBeforeIndex ? end + tagLength : end, 4);
        var tag = packet.Slice(_rtcpIn.TagBeforeIndex ? end : end + 4, tagLength);
        var word = BinaryPrimitives.ReadUInt32BigEndian(trailer);
        var index = word & 0x7FFFFFFF;
        var ssrc = BinaryPrimitives.ReadUInt32BigEndian(packet[4..]);
        var known = TryFind(_inbound, ref _inboundCount, ssrc, create: false, out var at);
        if (!known && _inboundCount == LargestSourceCount)
        {
            return SrtpResult.TooManySources;
        }

        if (known && !_inbound[at].Rtcp.WouldAccept(index))
        {
            return SrtpResult.Replayed;
        }

        if (!_rtcpIn.Open(ssrc, index, rtcp: true, packet[..8], packet[8..end], trailer, tag, encrypted: (word & 0x80000000) != 0))
        {
            return SrtpResult.NotAuthentic;
        }

        if (!known)
        {
            TryFind(_inbound, ref _inboundCount, ssrc, create: true, out at);
        }

        _inbound[at].Rtcp.Accept(index);
        length = end;
        return SrtpResult.Ok;
    }

    public void Dispose()
    {
        _rtpIn.Dispose();
        _rtpOut.Dispose();
        _rtcpIn.Dispose();
        _rtcpOut.Dispose();
    }

    private static bool TryRtpHeader(ReadOnlySpan<byte> packet, out int length)
    {
        length = 12;
        if (packet.Length < 12 || packet[0] >> 6 != 2)
        {
            return false;
        }

        length += 4 * (packet[0] & 0x0F);
        if ((packet[0] & 0x10) != 0)
        {
            if (packet.Length < length + 4)
            {
                return false;
            }

            length += 4 + (4 * BinaryPrimitives.ReadUInt16BigEndian(packet[(length + 2)..]));
        }

        return packet.Length >= length;
    }

    // RFC 3711 3.3.1 and appendix A: guess the rollover counter from the distance to the highest sequence number seen.
    private static ulong Estimate(in Source source, ushort sequence)
    {
        if (!source.Rtp.Started)
        {
            return sequence;
        }

        var highest = (ushort)source.Rtp.Highest;
        var rollover = (long)(source.Rtp.Highest >> 16);
        var distance = sequence - highest;
        rollover += distance switch
        {
            > 32768 when rollover > 0 => -1,
            < -32768 => 1,
            _ => 0,
        };
        return ((ulong)rollover << 16) | sequence;
    }

    private static bool TryFind(Source[] sources, ref int count, uint ssrc, bool create, out int at)
    {
        for (at = 0; at < count; at++)
        {
            if (sources[at].Ssrc == ssrc)
            {
                return true;
            }
        }

        if (!create || count == sources.Length)
        {
            return false;
        }

        sources[count++] = new Source { Ssrc = ssrc };
        return true;
    }

    private struct Source
    {
        public uint Ssrc;
        public ReplayWindow Rtp;
        public ReplayWindow Rtcp;
        public uint RtcpIndex;
    }
}
