using System.Diagnostics;
using Sift.Media.Dtmf;

namespace Sift.Media.Tests.Dtmf;

public sealed class DtmfDetectorTests
{
    private const string Keys = "123A456B789C*0#D";

    [Fact]
    public void Hears_every_key_that_the_tone_sender_makes()
    {
        var tone = new DtmfTone(8000);
        var detector = new DtmfDetector(8000);
        var heard = "";
        var frame = new short[160];
        foreach (var key in Keys)
        {
            tone.Start(key);
            while (tone.Active)
            {
                tone.Read(frame);
                heard += detector.Process(frame)?.ToString();
            }
        }

        Assert.Equal(Keys, heard);
    }

    [Theory]
    [InlineData(60, 50, 0, 0, 30)]
    [InlineData(60, 50, 3, 0, 30)]
    [InlineData(60, 50, -7, 0, 30)]
    [InlineData(80, 60, 0, 1.5, 30)]
    [InlineData(80, 60, 0, -1.5, 30)]
    [InlineData(100, 80, 0, 0, 18)]
    public void Hears_keys_of_any_phase_with_twist_drift_and_noise(int onMilliseconds, int offMilliseconds, double twist, double driftPercent, double signalToNoise)
    {
        for (var seed = 1; seed <= 10; seed++)
        {
            var random = new Random(seed);
            Assert.Equal(Keys, Detect(Sequence(Keys, random, onMilliseconds, offMilliseconds, twist, driftPercent, signalToNoise, 4000)));
        }
    }

    [Theory]
    [InlineData(0, 4.0)]
    [InlineData(7, 0)]
    [InlineData(-12, 0)]
    public void Refuses_what_is_out_of_limits(double twist, double driftPercent) =>
        Assert.Equal("", Detect(Sequence("159D", new Random(1), 100, 60, twist, driftPercent, 40, 4000)));

    [Fact]
    public void A_press_shorter_than_20_ms_is_none_and_a_break_of_10_ms_does_not_double_one()
    {
        Assert.Equal("", Detect(Sequence("5555", new Random(2), 20, 60, 0, 0, 40, 4000)));
        Assert.Equal("5", Detect(Sequence("55", new Random(2), 100, 10, 0, 0, 40, 4000)));
        Assert.Equal("55", Detect(Sequence("55", new Random(2), 60, 55, 0, 0, 40, 4000)));
    }

    [Fact]
    public void Noise_and_single_tones_are_no_keys()
    {
        var random = new Random(4);
        var noise = new short[8000 * 60];
        for (var i = 0; i < noise.Length; i++)
        {
            noise[i] = (short)(random.NextDouble() * 16000 - 8000);
        }

        Assert.Equal("", Detect(noise));
        foreach (var hertz in new[] { 440.0, 697, 852, 1209, 1336, 480 + 620 })
        {
            var tone = new short[8000];
            for (var i = 0; i < tone.Length; i++)
            {
                tone[i] = (short)(9000 * Math.Sin(2 * Math.PI * hertz * i / 8000));
            }

            Assert.Equal("", Detect(tone));
        }
    }

    [Fact]
    public void Vowel_like_sounds_do_not_talk_off()
    {
        // Harmonics of a gliding pitch under two wandering formants, a minute of it.
        var random = new Random(6);
        var speech = new short[8000 * 60];
        var gains = new double[50];
        var harmonics = 0;
        double phase = 0;
        var (f1, f2, pitch) = (600.0, 1300.0, 120.0);
        for (var i = 0; i < speech.Length; i++)
        {
            if (i % 800 == 0)
            {
                f1 = 300 + (random.NextDouble() * 700);
                f2 = 900 + (random.NextDouble() * 1100);
                pitch = 80 + (random.NextDouble() * 180);
                for (harmonics = 0; (harmonics + 1) * pitch < 3600; harmonics++)
                {
                    gains[harmonics] = Resonance((harmonics + 1) * pitch, f1) + (0.6 * Resonance((harmonics + 1) * pitch, f2));
                }
            }

            // A tenth of glide within each sound, as voices have.
            phase += pitch * (0.95 + (i % 800 / 8000.0)) / 8000;
            double value = 0;
            for (var harmonic = 0; harmonic < harmonics; harmonic++)
            {
                value += gains[harmonic] * Math.Sin(2 * Math.PI * (harmonic + 1) * phase);
            }

            speech[i] = (short)Math.Clamp(value * 4000, short.MinValue, short.MaxValue);
        }

        Assert.Equal("", Detect(speech));

        static double Resonance(double hertz, double formant) => 1 / (1 + Math.Pow((hertz - formant) / 90, 2));
    }

    [Fact]
    public void Spoken_sentences_do_not_talk_off_where_a_speech_engine_is_installed()
    {
        const string Flite = "/usr/bin/flite";
        var samples = File.Exists(Flite) ? Speak(Flite) : [];

        // The formant test above stands in where flite is missing; where it is there, it must have spoken.
        Assert.Equal(File.Exists(Flite), samples.Length > 8000 * 20);
        Assert.Equal("", Detect(samples));
    }

    private static short[] Speak(string flite)
    {
        var path = Path.Combine(Path.GetTempPath(), $"talk-off-{Environment.ProcessId}.wav");
        try
        {
            const string Text = "The quick brown fox jumps over the lazy dog. Peter Piper picked a peck of pickled peppers. "
                + "She sells sea shells by the sea shore. How much wood would a woodchuck chuck. Please hold the line while we connect you. "
                + "Oh, you know, we owe you a union review. Your account balance is nine hundred and forty one dollars and seventy cents. "
                + "Ooh, ah, aha, eee, la la la, mm hmm. Whether the weather be fine or whether the weather be not.";
            using var process = Process.Start(new ProcessStartInfo(flite, ["-voice", "kal", "-t", Text, "-o", path]))!;
            process.WaitForExit();
            var bytes = File.ReadAllBytes(path);
            Assert.Equal(8000, BitConverter.ToInt32(bytes, 24));
            var samples = new short[(bytes.Length - 44) / 2];
            Buffer.BlockCopy(bytes, 44, samples, 0, samples.Length * 2);
            return samples;
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static string Detect(short[] samples)
    {
        var detector = new DtmfDetector(8000);
        var heard = "";
        for (var i = 0; i + 160 <= samples.Length; i += 160)
        {
            heard += detector.Process(samples.AsSpan(i, 160))?.ToString();
        }

        return heard;
    }

    private static short[] Sequence(string keys, Random random, int on, int off, double twist, double drift, double signalToNoise, double amplitude)
    {
        var samples = new List<short>();
        var noise = amplitude * Math.Pow(10, -signalToNoise / 20) * Math.Sqrt(3);
        Add(0, 0, random.Next(40, 80));
        foreach (var key in keys)
        {
            var (low, high) = DtmfKeys.Find(key)!.Value;
            Add(low * (1 + (drift / 100)), high * (1 + (drift / 100)), on);
            Add(0, 0, off);
        }

        Add(0, 0, 60);
        return [.. samples];

        void Add(double low, double high, int milliseconds)
        {
            var (phaseLow, phaseHigh) = (random.NextDouble() * 6, random.NextDouble() * 6);
            for (var i = 0; i < milliseconds * 8; i++)
            {
                var value = low == 0 ? 0 : (amplitude * Math.Sin((2 * Math.PI * low * i / 8000) + phaseLow))
                    + (amplitude * Math.Pow(10, twist / 20) * Math.Sin((2 * Math.PI * high * i / 8000) + phaseHigh));
                samples.Add((short)(value + (((random.NextDouble() * 2) - 1) * noise)));
            }
        }
    }
}
