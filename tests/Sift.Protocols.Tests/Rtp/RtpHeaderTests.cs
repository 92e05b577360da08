using Sift.Protocols.Rtp;

namespace Sift.Protocols.Tests.Rtp;

public sealed class RtpHeaderTests
{
    [Fact]
    public void Writes_and_reads_a_plain_packet()
    {
        var packet = new byte[12 + 160];
        RtpHeader.Write(packet, 101, true, 65535, 0xFFFF_FF00, 0xDEAD_BEEF);
        Assert.Equal([0x80, 0xE5, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x00, 0xDE, 0xAD, 0xBE, 0xEF], packet[..12]);
        Assert.True(RtpHeader.TryParse(packet, out var header));
        Assert.Equal(new RtpHeader(101, true, 65535, 0xFFFF_FF00, 0xDEAD_BEEF, 12, 160), header);
    }

    [Fact]
    public void Skips_sources_and_extension_and_takes_padding_off()
    {
        var packet = new byte[12 + 8 + 4 + 4 + 10 + 3];
        RtpHeader.Write(packet, 0, false, 1, 2, 3);
        packet[0] = 0x80 | 0x20 | 0x10 | 2;
        packet[12 + 8 + 3] = 1;
        packet[^1] = 3;
        Assert.True(RtpHeader.TryParse(packet, out var header));
        Assert.Equal(28, header.PayloadOffset);
        Assert.Equal(10, header.PayloadLength);
    }

    [Theory]
    [InlineData(0x40, 0)]
    [InlineData(0xA0, 0)]
    [InlineData(0xA0, 200)]
    [InlineData(0x8F, 0)]
    public void Refuses_a_packet_that_contradicts_itself(byte first, byte last)
    {
        var packet = new byte[40];
        RtpHeader.Write(packet, 0, false, 1, 2, 3);
        packet[0] = first;
        packet[^1] = last;
        Assert.False(RtpHeader.TryParse(packet, out _));
    }

    [Fact]
    public void Every_prefix_and_random_bytes_are_judged_without_a_throw_and_within_bounds()
    {
        var random = new Random(7);
        var bytes = new byte[96];
        for (var round = 0; round < 20_000; round++)
        {
            random.NextBytes(bytes);
            if (round % 2 == 0)
            {
                bytes[0] = (byte)(0x80 | (bytes[0] & 0x3F));
            }

            for (var length = round % 7; length <= bytes.Length; length += 7)
            {
                if (RtpHeader.TryParse(bytes.AsSpan(0, length), out var header))
                {
                    Assert.InRange(header.PayloadOffset + header.PayloadLength, 12, length);
                    Assert.True(header.PayloadLength >= 0);
                }
            }
        }
    }

    [Fact]
    public void Tells_rtcp_from_rtp_on_one_port()
    {
        Assert.True(RtpHeader.IsRtcp([0x80, 200]));
        Assert.False(RtpHeader.IsRtcp([0x80, 0x80 | 13]));
        Assert.False(RtpHeader.IsRtcp([0x80]));
    }
}
