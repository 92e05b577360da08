using Sift.Protocols.Rtp;

namespace Sift.Protocols.Tests.Rtp;

public sealed class G711Tests
{
    [Fact]
    public void Known_codes_of_the_recommendation()
    {
        var pcm = new short[1];
        G711.DecodeMuLaw([0x80], pcm);
        Assert.Equal(32124, pcm[0]);
        G711.DecodeMuLaw([0x00], pcm);
        Assert.Equal(-32124, pcm[0]);
        G711.DecodeMuLaw([0xFF], pcm);
        Assert.Equal(0, pcm[0]);
        G711.DecodeALaw([0xAA], pcm);
        Assert.Equal(32256, pcm[0]);
        G711.DecodeALaw([0x2A], pcm);
        Assert.Equal(-32256, pcm[0]);
        G711.DecodeALaw([0xD5], pcm);
        Assert.Equal(8, pcm[0]);
    }

    [Fact]
    public void Every_code_survives_decoding_and_encoding()
    {
        var codes = Enumerable.Range(0, 256).Select(i => (byte)i).ToArray();
        var pcm = new short[256];
        var back = new byte[256];
        G711.DecodeALaw(codes, pcm);
        G711.EncodeALaw(pcm, back);
        Assert.Equal(codes, back);
        G711.DecodeMuLaw(codes, pcm);
        G711.EncodeMuLaw(pcm, back);

        // Mu-law has two zeros; encoding gives the positive one.
        codes[0x7F] = 0xFF;
        Assert.Equal(codes, back);
    }

    [Fact]
    public void Silence_encodes_to_the_silence_code()
    {
        var payload = new byte[1];
        G711.EncodeMuLaw([0], payload);
        Assert.Equal(G711.MuLawSilence, payload[0]);
        G711.EncodeALaw([0], payload);
        Assert.Equal(G711.ALawSilence, payload[0]);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Quantising_stays_within_a_segment_step_over_the_whole_range(bool muLaw)
    {
        var payload = new byte[1];
        var pcm = new short[1];
        var previous = int.MinValue;
        for (var value = (int)short.MinValue; value <= short.MaxValue; value++)
        {
            short[] sample = [(short)value];
            if (muLaw)
            {
                G711.EncodeMuLaw(sample, payload);
                G711.DecodeMuLaw(payload, pcm);
            }
            else
            {
                G711.EncodeALaw(sample, payload);
                G711.DecodeALaw(payload, pcm);
            }

            Assert.True(pcm[0] >= previous, $"not monotonic at {value}");
            previous = pcm[0];
            var allowed = Math.Max(16, (Math.Abs(value) / 16) + 8) + (Math.Abs(value) > 32000 ? 700 : 0);
            Assert.InRange(Math.Abs(pcm[0] - value), 0, allowed);
        }
    }
}
