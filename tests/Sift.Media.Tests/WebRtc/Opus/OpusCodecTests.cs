using Sift.Media.Tests.Rtp;
using Sift.Media.WebRtc.Opus;

namespace Sift.Media.Tests.WebRtc.Opus;

public sealed class OpusCodecTests
{
    [Fact]
    public void A_lost_packet_comes_out_of_the_one_after_it()
    {
        using var encoder = new OpusCodec(8000);
        using var decoder = new OpusCodec(8000);
        using var blind = new OpusCodec(8000);
        var packets = new List<byte[]>();
        for (var i = 0; i < 40; i++)
        {
            // The tone changes with packet 30, so that guessing from what came before cannot find it.
            packets.Add(Encode(encoder, i < 30 ? 300 : 900, i));
        }

        var pcm = new short[160];
        for (var i = 0; i < 32; i++)
        {
            decoder.Decode(packets[i], pcm);
            if (i < 30)
            {
                blind.Decode(packets[i], pcm);
            }
        }

        Assert.Equal(160, decoder.Conceal(packets[33], pcm));
        Assert.InRange(Spectrum.Share(pcm, 900), 0.8, 1.1);
        blind.Conceal([], pcm);
        Assert.InRange(Spectrum.Share(pcm, 900), 0, 0.3);
    }

    [Theory]
    [InlineData(8000)]
    [InlineData(16000)]
    [InlineData(48000)]
    public void Packets_carry_a_copy_of_the_one_before_as_long_as_loss_is_reported(int rate)
    {
        using var codec = new OpusCodec(rate);

        Assert.True(CarriesCopies(codec, rate), "before the first report");
        for (var i = 0; i < 12; i++)
        {
            codec.OnLossReported(0.001);
        }

        Assert.False(CarriesCopies(codec, rate), "without loss");
        codec.OnLossReported(0.08);
        Assert.True(CarriesCopies(codec, rate), "with loss again");
    }

    [Theory]
    [InlineData(8000)]
    [InlineData(16000)]
    [InlineData(48000)]
    public void Counts_the_samples_of_a_packet_without_decoding_it(int rate)
    {
        using var codec = new OpusCodec(rate);
        var payload = new byte[1275];
        var pcm = new short[rate / 50 * 3];
        foreach (var milliseconds in new[] { 10, 20, 40, 60 })
        {
            var samples = rate / 1000 * milliseconds;
            var length = codec.Encode(pcm.AsSpan(0, samples), payload);

            Assert.Equal(samples, codec.CountSamples(payload.AsSpan(0, length)));
            Assert.Equal(samples, codec.Decode(payload.AsSpan(0, length), pcm));
        }

        Assert.Equal(0, codec.CountSamples([]));
        Assert.Equal(0, codec.CountSamples([3]));
    }

    [Fact]
    public void Any_bytes_are_survived()
    {
        using var codec = new OpusCodec(16000);
        var random = new Random(7);
        var pcm = new short[16 * 140];
        for (var i = 0; i < 5000; i++)
        {
            var payload = new byte[random.Next(0, 200)];
            random.NextBytes(payload);
            Assert.InRange(codec.Decode(payload, pcm), 0, pcm.Length);
            Assert.InRange(codec.CountSamples(payload), 0, 16 * 60 * 63);
        }
    }

    private static byte[] Encode(OpusCodec codec, double hertz, int index)
    {
        var pcm = new short[160];
        for (var k = 0; k < pcm.Length; k++)
        {
            pcm[k] = (short)(8000 * Math.Sin(2 * Math.PI * hertz * ((index * 160) + k) / 8000));
        }

        var payload = new byte[1275];
        return payload[..codec.Encode(pcm, payload)];
    }

    /// <summary>Whether a sudden tone can be taken out of the packet after the one that brought it.</summary>
    private static bool CarriesCopies(OpusCodec encoder, int rate)
    {
        using var decoder = new OpusCodec(rate);
        var payload = new byte[1275];
        var pcm = new short[rate / 50];
        for (var i = 0; i < 40; i++)
        {
            Tone(pcm, rate, i < 30 ? 300 : 900, i);
            var length = encoder.Encode(pcm, payload);
            if (i < 30)
            {
                decoder.Decode(payload.AsSpan(0, length), pcm);
            }
            else if (i == 33)
            {
                decoder.Conceal(payload.AsSpan(0, length), pcm);
                return Energy(pcm, rate, 900) > 4 * Energy(pcm, rate, 300);
            }
        }

        return false;
    }

    private static void Tone(Span<short> pcm, int rate, double hertz, int frame)
    {
        for (var k = 0; k < pcm.Length; k++)
        {
            pcm[k] = (short)(8000 * Math.Sin(2 * Math.PI * hertz * ((frame * pcm.Length) + k) / rate));
        }
    }

    private static double Energy(ReadOnlySpan<short> pcm, int rate, double hertz)
    {
        double real = 0;
        double imaginary = 0;
        for (var k = 0; k < pcm.Length; k++)
        {
            real += pcm[k] * Math.Cos(2 * Math.PI * hertz * k / rate);
            imaginary += pcm[k] * Math.Sin(2 * Math.PI * hertz * k / rate);
        }

        return (real * real) + (imaginary * imaginary);
    }
}
