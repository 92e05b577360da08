using Sift.Media.Rtp;

namespace Sift.Media.Tests.Rtp;

public sealed class FrameResamplerTests
{
    [Theory]
    [InlineData(16000, 8000)]
    [InlineData(48000, 8000)]
    [InlineData(8000, 16000)]
    [InlineData(8000, 48000)]
    [InlineData(16000, 48000)]
    public void A_tone_keeps_its_pitch_and_every_frame_is_full(int from, int to)
    {
        var resampler = new FrameResampler(from, to);
        var frame = new short[from / 50];
        var converted = new short[to / 50];
        var all = new List<short>();
        for (var i = 0; i < 50; i++)
        {
            for (var k = 0; k < frame.Length; k++)
            {
                frame[k] = (short)(8000 * Math.Sin(2 * Math.PI * 1000 * ((i * frame.Length) + k) / from));
            }

            resampler.Convert(frame, converted);
            all.AddRange(converted);
        }

        // Measured at 8 kHz by the ruler at hand: the pitch scales with the rate.
        var settled = all.Skip(to / 10).Take(to / 2).ToArray();
        Assert.InRange(Spectrum.Share(settled, 1000.0 * 8000 / to), 0.99, 1.01);
        Assert.InRange(settled.Max(), 7700, 8300);
    }

    [Fact]
    public void Nothing_is_allocated_per_frame()
    {
        var resampler = new FrameResampler(16000, 8000);
        var frame = new short[320];
        var converted = new short[160];
        resampler.Convert(frame, converted);
        Assert.Equal(0, Sift.TestKit.Allocations.Least(() =>
        {
            for (var i = 0; i < 100; i++)
            {
                resampler.Convert(frame, converted);
            }
        }));
    }
}
