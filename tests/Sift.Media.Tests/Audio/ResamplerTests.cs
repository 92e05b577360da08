using Sift.Media.Audio.Resampling;

namespace Sift.Media.Tests.Audio;

public sealed class ResamplerTests
{
    public static TheoryData<int, int> Pairs()
    {
        var pairs = new TheoryData<int, int>();
        foreach (var from in (int[])[8000, 11025, 16000, 22050, 24000, 32000, 44100, 48000])
        {
            foreach (var to in (int[])[8000, 16000, 48000])
            {
                pairs.Add(from, to);
            }
        }

        return pairs;
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public void Keeps_the_pass_band_flat_and_lets_no_alias_or_image_through(int from, int to)
    {
        var narrower = Math.Min(from, to);
        foreach (var share in (double[])[0.05, 0.2, 0.35, 0.44])
        {
            var frequency = Math.Round(narrower * share);
            var output = Convert(Signal.Sine(frequency, from, 1), from, to);
            var middle = output.AsSpan(to / 4, to / 2);
            var gain = 20 * Math.Log10(Signal.Amplitude(middle, frequency, to) / 10_000);
            Assert.InRange(gain, -0.2, 0.2);
            // What is not the tone itself: images, aliases, rounding.
            Assert.True(Residual(middle, frequency, to) < 10_000 * Math.Pow(10, -60 / 20.0), $"{frequency} Hz");
        }
    }

    [Theory]
    [InlineData(48000, 8000, 4100)]
    [InlineData(48000, 8000, 5000)]
    [InlineData(44100, 8000, 7000)]
    [InlineData(22050, 8000, 9000)]
    [InlineData(16000, 8000, 6000)]
    [InlineData(48000, 16000, 11000)]
    [InlineData(44100, 16000, 20000)]
    public void Rejects_what_would_alias_by_more_than_60_dB(int from, int to, double frequency)
    {
        var output = Convert(Signal.Sine(frequency, from, 1), from, to);

        var rejection = 20 * Math.Log10(Signal.Rms(output.AsSpan(to / 4, to / 2)) / (10_000 / Math.Sqrt(2)));

        Assert.True(rejection < -60, $"{rejection:0.0} dB");
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public void Gives_as_much_time_as_it_takes_and_keeps_it_aligned(int from, int to)
    {
        var input = new short[from];
        input[from / 2] = 20_000;

        var output = Convert(input, from, to);

        Assert.InRange(output.Length, to - 1, to + 1);
        var peak = Array.IndexOf(output, output.Max());
        Assert.InRange(peak, (to / 2) - Math.Max(1, to / from), (to / 2) + Math.Max(1, to / from));
    }

    [Fact]
    public void Gives_the_same_whatever_the_block_size()
    {
        var input = Signal.Sine(700, 44100, 0.5);

        Assert.Equal(Convert(input, 44100, 8000), Convert(input, 44100, 8000, block: 37));
    }

    [Fact]
    public void Allocates_nothing_once_running()
    {
        var resampler = new Resampler(16000, 8000);
        var input = Signal.Sine(700, 16000, 0.02);
        var output = new short[resampler.MaxOutput(input.Length)];
        resampler.Process(input, output);

        Assert.Equal(0, Sift.TestKit.Allocations.Least(() =>
        {
            for (var i = 0; i < 1000; i++)
            {
                resampler.Process(input, output);
            }
        }));
    }

    private static double Residual(ReadOnlySpan<short> samples, double frequency, int rate)
    {
        // Least squares of the tone, over a window so long that the two quadratures are as good as orthogonal.
        double re = 0, im = 0;
        for (var i = 0; i < samples.Length; i++)
        {
            re += samples[i] * Math.Cos(2 * Math.PI * frequency * i / rate);
            im += samples[i] * Math.Sin(2 * Math.PI * frequency * i / rate);
        }

        re *= 2.0 / samples.Length;
        im *= 2.0 / samples.Length;
        var rest = new short[samples.Length];
        for (var i = 0; i < samples.Length; i++)
        {
            rest[i] = (short)Math.Round(samples[i] - (re * Math.Cos(2 * Math.PI * frequency * i / rate)) - (im * Math.Sin(2 * Math.PI * frequency * i / rate)));
        }

        return Signal.Rms(rest);
    }

    private static short[] Convert(short[] input, int from, int to, int block = 4096)
    {
        var resampler = new Resampler(from, to);
        var output = new List<short>();
        var room = new short[resampler.MaxOutput(Math.Max(block, 256))];
        for (var i = 0; i < input.Length; i += block)
        {
            output.AddRange(room.AsSpan(0, resampler.Process(input.AsSpan(i, Math.Min(block, input.Length - i)), room)));
        }

        output.AddRange(room.AsSpan(0, resampler.Flush(room)));
        return [.. output];
    }
}
