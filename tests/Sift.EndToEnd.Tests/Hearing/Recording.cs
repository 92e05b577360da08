using System.Buffers.Binary;

namespace Sift.EndToEnd.Tests.Hearing;

/// <summary>What a phone heard or said: mono 16-bit samples, with the measurements that tests judge by.</summary>
internal sealed class Recording(short[] samples, int sampleRate)
{
    public short[] Samples { get; } = samples;

    public int SampleRate { get; } = sampleRate;

    public TimeSpan Duration => TimeSpan.FromSeconds((double)Samples.Length / SampleRate);

    /// <summary>Reads a PCM wav file, also one whose header was never completed because the phone was killed.</summary>
    public static Recording ReadWav(string path)
    {
        var bytes = File.ReadAllBytes(path);
        var channels = BinaryPrimitives.ReadInt16LittleEndian(bytes.AsSpan(22));
        var rate = BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(24));
        var data = bytes.AsSpan(12).IndexOf("data"u8) + 12 + 8;
        var count = (bytes.Length - data) / 2 / channels;
        var samples = new short[Math.Max(count, 0)];
        for (var i = 0; i < samples.Length; i++)
        {
            samples[i] = BinaryPrimitives.ReadInt16LittleEndian(bytes.AsSpan(data + (2 * i * channels)));
        }

        return new Recording(samples, rate);
    }

    public Recording Slice(TimeSpan from, TimeSpan length)
    {
        var start = Math.Min((int)(from.TotalSeconds * SampleRate), Samples.Length);
        var count = Math.Min((int)(length.TotalSeconds * SampleRate), Samples.Length - start);
        return new Recording(Samples.AsSpan(start, count).ToArray(), SampleRate);
    }

    /// <summary>Root mean square, 1.0 being a full-scale square wave.</summary>
    public double Level()
    {
        double sum = 0;
        foreach (var s in Samples)
        {
            sum += (double)s * s;
        }

        return Samples.Length == 0 ? 0 : Math.Sqrt(sum / Samples.Length) / 32768;
    }

    /// <summary>How much of the energy lies at that frequency (Goertzel over 20 ms blocks): 1.0 is a pure tone.</summary>
    public double Share(double frequency)
    {
        var block = SampleRate / 50;
        double at = 0, all = 0;
        for (var start = 0; start + block <= Samples.Length; start += block)
        {
            var (power, energy) = Goertzel(Samples.AsSpan(start, block), frequency);
            at += power;
            all += energy;
        }

        return all < 1 ? 0 : at / all;
    }

    /// <summary>The time during which there is sound above <paramref name="level"/>, in 20 ms blocks.</summary>
    public TimeSpan Sounding(double level = 0.01)
    {
        var block = SampleRate / 50;
        var count = 0;
        for (var start = 0; start + block <= Samples.Length; start += block)
        {
            if (new Recording(Samples.AsSpan(start, block).ToArray(), SampleRate).Level() > level)
            {
                count++;
            }
        }

        return TimeSpan.FromMilliseconds(20 * count);
    }

    /// <summary>The longest stretch without sound above <paramref name="level"/>, in 20 ms blocks.</summary>
    public TimeSpan LongestSilence(double level = 0.01)
    {
        var block = SampleRate / 50;
        int longest = 0, current = 0;
        for (var start = 0; start + block <= Samples.Length; start += block)
        {
            current = new Recording(Samples.AsSpan(start, block).ToArray(), SampleRate).Level() > level ? 0 : current + 1;
            longest = Math.Max(longest, current);
        }

        return TimeSpan.FromMilliseconds(20 * longest);
    }

    /// <summary>When the first block above that level begins; null when all is silent.</summary>
    public TimeSpan? FirstSound(double level = 0.01)
    {
        var block = SampleRate / 50;
        for (var start = 0; start + block <= Samples.Length; start += block)
        {
            if (new Recording(Samples.AsSpan(start, block).ToArray(), SampleRate).Level() > level)
            {
                return TimeSpan.FromSeconds((double)start / SampleRate);
            }
        }

        return null;
    }

    /// <summary>
    /// Speech is loud here and soft there and never rests on one pitch: over its sounding blocks no single frequency of a fine grid may carry
    /// most of the energy, and the level must vary. A tone, noise or silence fails.
    /// </summary>
    public bool SoundsLikeSpeech()
    {
        if (Sounding() < TimeSpan.FromMilliseconds(300))
        {
            return false;
        }

        for (var frequency = 100.0; frequency < 3400; frequency += 25)
        {
            if (Share(frequency) > 0.85)
            {
                return false;
            }
        }

        var block = SampleRate / 50;
        var levels = new List<double>();
        for (var start = 0; start + block <= Samples.Length; start += block)
        {
            var level = new Recording(Samples.AsSpan(start, block).ToArray(), SampleRate).Level();
            if (level > 0.003)
            {
                levels.Add(level);
            }
        }

        var mean = levels.Average();
        var deviation = Math.Sqrt(levels.Average(l => (l - mean) * (l - mean)));
        return deviation / mean > 0.35;
    }

    private static (double Power, double Energy) Goertzel(ReadOnlySpan<short> block, double frequency, int rate)
    {
        var k = 2 * Math.Cos(2 * Math.PI * frequency / rate);
        double s1 = 0, s2 = 0, energy = 0;
        foreach (var sample in block)
        {
            var s0 = sample + (k * s1) - s2;
            s2 = s1;
            s1 = s0;
            energy += (double)sample * sample;
        }

        var power = ((s1 * s1) + (s2 * s2) - (k * s1 * s2)) * 2 / block.Length;
        return (power, energy);
    }

    private (double Power, double Energy) Goertzel(ReadOnlySpan<short> block, double frequency) =>
        Goertzel(block, frequency, SampleRate);
}
