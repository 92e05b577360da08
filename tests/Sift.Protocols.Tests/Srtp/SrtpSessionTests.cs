using System.Buffers.Binary;
using Sift.Protocols.Srtp;

namespace Sift.Protocols.Tests.Srtp;

public sealed class SrtpSessionTests
{
    public static TheoryData<SrtpProfile> Profiles => [SrtpProfile.Aes128CmHmacSha1Tag80, SrtpProfile.AeadAes128Gcm];

    [Theory]
    [InlineData(SrtpKeyDerivation.RtpEncryption, "C61E7A93744F39EE10734AFE3FF7A087")]
    [InlineData(SrtpKeyDerivation.RtpSalt, "30CBBC08863D8C85D49DB34A9AE1")]
    [InlineData(SrtpKeyDerivation.RtpAuthentication, "CEBE321F6FF7716B6FD4AB49AF256A156D38BAA4")]
    public void Derives_the_keys_of_rfc_3711_appendix_b3(byte label, string expected)
    {
        var output = new byte[expected.Length / 2];

        SrtpKeyDerivation.Derive(
            Convert.FromHexString("E1F97A0D3E018BE0D64FA32C06DE4139"),
            Convert.FromHexString("0EC675AD498AFEEBB6960B3AABE6"),
            label,
            output);

        Assert.Equal(expected, Convert.ToHexString(output));
    }

    [Fact]
    public void Seals_the_packet_of_rfc_7714_section_16_1_1()
    {
        var packet = Convert.FromHexString("8040f17b8041f8d35501a0b247616c6c696120657374206f6d6e69732064697669736120696e207061727465732074726573");
        using var cipher = SrtpCipher.FromSessionKeys(Convert.FromHexString("000102030405060708090a0b0c0d0e0f"), Convert.FromHexString("517569642070726f2071756f"));
        var tag = new byte[16];

        cipher.Seal(0x5501a0b2, 0xf17b, rtcp: false, packet.AsSpan(0, 12), packet.AsSpan(12), [], tag);

        Assert.Equal("F24DE3A3FB34DE6CACBA861C9D7E4BCABE633BD50D294E6F42A5F47A51C7D19B36DE3ADF8833", Convert.ToHexString(packet.AsSpan(12)));
        Assert.Equal("899D7F27BEB16A9152CF765EE4390CCE", Convert.ToHexString(tag));
    }

    [Theory]
    [MemberData(nameof(Profiles))]
    public void Agrees_with_libsrtp_to_the_bit_across_a_sequence_rollover(SrtpProfile profile)
    {
        var random = new Random(7);
        var (session, key) = Session(profile, random);
        using var ours = session;
        using var theirSender = new LibSrtp((int)profile, key, inbound: false);
        using var theirReceiver = new LibSrtp((int)profile, key, inbound: true);
        using var receiver = Session(profile, new Random(7)).Session;
        for (var i = 0; i < 700; i++)
        {
            var packet = Rtp(random, (ushort)(65_200 + i), ssrc: 0xCAFE0001 + (uint)(i % 2));
            var mine = Protect(ours, packet);

            Assert.Equal(theirSender.Protect(packet), mine);
            Assert.Equal(packet, theirReceiver.Unprotect(mine));
            Assert.Equal(SrtpResult.Ok, receiver.Unprotect(mine, out var length));
            Assert.Equal(packet, mine[..length]);
        }
    }

    [Theory]
    [MemberData(nameof(Profiles))]
    public void Agrees_with_libsrtp_on_rtcp(SrtpProfile profile)
    {
        var random = new Random(8);
        var (session, key) = Session(profile, random);
        using var ours = session;
        using var theirSender = new LibSrtp((int)profile, key, inbound: false);
        using var theirReceiver = new LibSrtp((int)profile, key, inbound: true);
        using var receiver = Session(profile, new Random(8)).Session;
        for (var i = 0; i < 100; i++)
        {
            var packet = new byte[8 + (4 * random.Next(0, 20))];
            random.NextBytes(packet);
            packet[0] = 0x80;
            packet[1] = 200;
            BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(4), 0xCAFE0001);
            var buffer = new byte[packet.Length + SrtpProfileSizes.LargestOverhead];
            packet.CopyTo(buffer, 0);
            var mine = buffer[..ours.ProtectRtcp(buffer, packet.Length)];

            Assert.Equal(theirSender.ProtectRtcp(packet), mine);
            Assert.Equal(packet, theirReceiver.UnprotectRtcp(mine));
            Assert.Equal(SrtpResult.Ok, receiver.UnprotectRtcp(mine, out var length));
            Assert.Equal(packet, mine[..length]);
        }
    }

    [Theory]
    [MemberData(nameof(Profiles))]
    public void Refuses_replays_and_packets_older_than_the_window(SrtpProfile profile)
    {
        using var sender = Session(profile, new Random(3)).Session;
        using var receiver = Session(profile, new Random(3)).Session;
        var packets = Enumerable.Range(0, 300).Select(i => Protect(sender, Rtp(new Random(i), (ushort)i, 1))).ToArray();

        Assert.Equal(SrtpResult.Ok, receiver.Unprotect([.. packets[200]], out _));
        Assert.Equal(SrtpResult.Replayed, receiver.Unprotect([.. packets[200]], out _));
        Assert.Equal(SrtpResult.Ok, receiver.Unprotect([.. packets[73]], out _));
        Assert.Equal(SrtpResult.Replayed, receiver.Unprotect([.. packets[72]], out _));
        Assert.Equal(SrtpResult.Replayed, receiver.Unprotect([.. packets[73]], out _));
        Assert.Equal(SrtpResult.Ok, receiver.Unprotect([.. packets[201]], out _));
    }

    [Theory]
    [MemberData(nameof(Profiles))]
    public void Refuses_every_single_bit_error_and_goes_on_afterwards(SrtpProfile profile)
    {
        using var sender = Session(profile, new Random(4)).Session;
        using var receiver = Session(profile, new Random(4)).Session;
        var good = Protect(sender, Rtp(new Random(1), 10, 5));
        for (var bit = 8; bit < good.Length * 8; bit++)
        {
            byte[] bad = [.. good];
            bad[bit / 8] ^= (byte)(1 << (bit % 8));

            Assert.NotEqual(SrtpResult.Ok, receiver.Unprotect(bad, out _));
        }

        Assert.Equal(SrtpResult.Ok, receiver.Unprotect([.. good], out _));
    }

    [Theory]
    [MemberData(nameof(Profiles))]
    public void Never_throws_on_any_bytes(SrtpProfile profile)
    {
        var random = new Random(5);
        using var session = Session(profile, new Random(5)).Session;
        for (var i = 0; i < 20_000; i++)
        {
            var bytes = new byte[random.Next(0, 80)];
            random.NextBytes(bytes);
            if (bytes.Length > 0 && i % 2 == 0)
            {
                bytes[0] = (byte)(0x80 | (bytes[0] & 0x3F));
            }

            Assert.NotEqual(SrtpResult.Ok, session.Unprotect(bytes, out _));
            Assert.NotEqual(SrtpResult.Ok, session.UnprotectRtcp(bytes, out _));
        }
    }

    [Theory]
    [MemberData(nameof(Profiles))]
    public void Allocates_nothing_per_packet(SrtpProfile profile)
    {
        using var sender = Session(profile, new Random(6)).Session;
        using var receiver = Session(profile, new Random(6)).Session;
        var buffer = new byte[200];
        var sequence = 0;
        Run();

        Assert.Equal(0, Sift.TestKit.Allocations.Least(Run));

        void Run()
        {
            for (var end = sequence + 1000; sequence < end; sequence++)
            {
                buffer[0] = 0x80;
                BinaryPrimitives.WriteUInt16BigEndian(buffer.AsSpan(2), (ushort)sequence);
                var length = sender.Protect(buffer, 172);
                receiver.Unprotect(buffer.AsSpan(0, length), out _);
            }
        }
    }

    private static (SrtpSession Session, byte[] Key) Session(SrtpProfile profile, Random random)
    {
        var key = new byte[SrtpProfileSizes.Key + profile.SaltLength()];
        random.NextBytes(key);
        return (new SrtpSession(profile, key.AsSpan(0, 16), key.AsSpan(16), key.AsSpan(0, 16), key.AsSpan(16)), key);
    }

    private static byte[] Protect(SrtpSession session, byte[] packet)
    {
        var buffer = new byte[packet.Length + SrtpProfileSizes.LargestOverhead];
        packet.CopyTo(buffer, 0);
        return buffer[..session.Protect(buffer, packet.Length)];
    }

    private static byte[] Rtp(Random random, ushort sequence, uint ssrc)
    {
        var csrcs = random.Next(0, 3);
        var extension = random.Next(0, 2) == 1;
        var header = 12 + (4 * csrcs) + (extension ? 8 : 0);
        var packet = new byte[header + random.Next(0, 200)];
        random.NextBytes(packet);
        packet[0] = (byte)(0x80 | (extension ? 0x10 : 0) | csrcs);
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(2), sequence);
        BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(8), ssrc);
        if (extension)
        {
            BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(header - 6), 1);
        }

        return packet;
    }
}
