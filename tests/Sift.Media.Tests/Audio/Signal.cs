using Sift.Media.Audio;

namespace Sift.Media.Tests.Audio;

/// <summary>Makes and measures test signals.</summary>
internal static class Signal
{
    public static short[] Sine(double frequency, int rate, double seconds, double amplitude = 10_000) =>
        [.. Enumerable.Range(0, (int)(rate * seconds)).Select(i => (short)Math.Round(amplitude * Math.Sin(2 * Math.PI * frequency * i / rate)))];

    public static double Rms(ReadOnlySpan<short> samples)
    {
        var sum = 0.0;
        foreach (var sample in samples)
        {
            sum += (double)sample * sample;
        }

        return Math.Sqrt(sum / Math.Max(samples.Length, 1));
    }

    /// <summary>Amplitude of one frequency in the (Hann-windowed) signal.</summary>
    public static double Amplitude(ReadOnlySpan<short> samples, double frequency, int rate)
    {
        double re = 0, im = 0, weight = 0;
        for (var i = 0; i < samples.Length; i++)
        {
            var w = 0.5 - (0.5 * Math.Cos(2 * Math.PI * i / samples.Length));
            re += w * samples[i] * Math.Cos(2 * Math.PI * frequency * i / rate);
            im += w * samples[i] * Math.Sin(2 * Math.PI * frequency * i / rate);
            weight += w;
        }

        return 2 * Math.Sqrt((re * re) + (im * im)) / weight;
    }

    /// <summary>Reads to the end, asking again while starved.</summary>
    public static async Task<(short[] Samples, AudioRead End)> ReadAllAsync(IAudioSource source, int maxSeconds = 600)
    {
        var all = new List<short>();
        var frame = new short[source.SampleRate / 50];
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60), TimeProvider.System);
        while (all.Count < maxSeconds * source.SampleRate)
        {
            var read = source.Read(frame);
            if (read == AudioRead.Starved)
            {
                limit.Token.ThrowIfCancellationRequested();
                await Task.Yield();
                continue;
            }

            if (read != AudioRead.Frame)
            {
                return ([.. all], read);
            }

            all.AddRange(frame);
        }

        return ([.. all], AudioRead.Frame);
    }

    public static byte[] Wav(short[] samples, int rate, int channels = 1)
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        writer.Write("RIFF"u8);
        writer.Write(36 + (samples.Length * 2));
        writer.Write("WAVEfmt "u8);
        writer.Write(16);
        writer.Write((short)1);
        writer.Write((short)channels);
        writer.Write(rate);
        writer.Write(rate * channels * 2);
        writer.Write((short)(channels * 2));
        writer.Write((short)16);
        writer.Write("data"u8);
        writer.Write(samples.Length * 2);
        foreach (var sample in samples)
        {
            writer.Write(sample);
        }

        return stream.ToArray();
    }
}
