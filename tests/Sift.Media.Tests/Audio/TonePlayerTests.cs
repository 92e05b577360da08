using Sift.Media.Audio;
using Sift.Media.Audio.Tones;
using Sift.Media.Legs;

namespace Sift.Media.Tests.Audio;

public sealed class TonePlayerTests
{
    [Theory]
    [InlineData(ToneKind.Ringback, 2.0, 6.0, -19, 440, 480)]
    [InlineData(ToneKind.Busy, 0.5, 1.0, -19, 480, 620)]
    [InlineData(ToneKind.Hold, 0.2, 1.8, -19, 440, 0)]
    public void Has_its_frequencies_level_and_cadence(ToneKind kind, double on, double period, double level, int first, int second)
    {
        foreach (var rate in (int[])[8000, 16000, 48000])
        {
            var samples = Play(kind, rate, 2 * period);

            var sounding = samples.AsSpan((int)(0.02 * rate), (int)((on - 0.04) * rate));
            foreach (var frequency in (int[])[first, second])
            {
                if (frequency > 0)
                {
                    Assert.InRange(Level(Signal.Amplitude(sounding, frequency, rate)), level - 0.5, level + 0.5);
                }
            }

            Assert.Equal(0, Signal.Rms(samples.AsSpan((int)(on * rate), (int)((period - on) * rate))));
            Assert.True(Signal.Rms(samples.AsSpan((int)((period + 0.02) * rate), (int)((on - 0.04) * rate))) > 1000);
        }
    }

    [Fact]
    public void A_milliwatt_is_0_dBm0_at_1004_Hz_without_a_seam()
    {
        var samples = Play(ToneKind.Milliwatt, 8000, 3);

        Assert.InRange(Level(Signal.Amplitude(samples, 1004, 8000)), -0.05, 0.05);
        var step = samples.Zip(samples.Skip(1), (a, b) => Math.Abs(b - a)).Max();
        Assert.True(step <= 22_300 * 2 * Math.Sin(Math.PI * 1004 / 8000) + 2, "a jump at the seam");
    }

    [Theory]
    [InlineData(ToneKind.Ringback)]
    [InlineData(ToneKind.Busy)]
    public void Starts_and_stops_without_a_click(ToneKind kind)
    {
        var samples = Play(kind, 8000, 6);

        // The edges rise slower than the tone itself ever moves.
        Assert.True(Math.Abs((int)samples[0]) < 50 && Math.Abs((int)samples[1]) < 100);
        var last = Array.FindLastIndex(samples[..(kind == ToneKind.Busy ? 8000 : 48000)], sample => sample != 0);
        Assert.True(Math.Abs((int)samples[last]) < 100);
    }

    [Fact]
    public void Reading_allocates_nothing()
    {
        var player = new TonePlayer(ToneKind.Busy, 8000);
        var frame = new short[160];
        player.Read(frame);

        Assert.Equal(0, Sift.TestKit.Allocations.Least(() =>
        {
            for (var i = 0; i < 200; i++)
            {
                player.Read(frame);
            }
        }));
    }

    [Fact]
    public void Silence_lasts_as_long_as_asked_and_is_silent()
    {
        var source = new SilentSource(8000, TimeSpan.FromSeconds(1));
        var frame = new short[160];
        var frames = 0;
        for (; source.Read(frame) == AudioRead.Frame; frames++)
        {
            Assert.Equal(0, Signal.Rms(frame));
            frame.AsSpan().Fill(7);
        }

        Assert.Equal(50, frames);
    }

    private static double Level(double amplitude) => (20 * Math.Log10(amplitude / 32124)) + 3.17;

    private static short[] Play(ToneKind kind, int rate, double seconds)
    {
        using var player = new TonePlayer(kind, rate);
        var samples = new short[(int)(rate * seconds)];
        for (var i = 0; i + (rate / 50) <= samples.Length; i += rate / 50)
        {
            player.Read(samples.AsSpan(i, rate / 50));
        }

        return samples;
    }
}
