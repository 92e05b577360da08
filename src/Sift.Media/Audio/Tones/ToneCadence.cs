using System.Collections.Concurrent;
using Sift.Media.Legs;

namespace Sift.Media.Audio.Tones;

/// <summary>
/// One period of a tone, rendered once per rate and shared by every leg that hears it. Every period holds a whole number of cycles of
/// each frequency, so repeating it is phase-continuous.
/// </summary>
internal sealed class ToneCadence
{
    private static readonly ConcurrentDictionary<(ToneKind, int), ToneCadence> Rendered = new();

    private ToneCadence(short[] on, int period)
    {
        On = on;
        Period = period;
    }

    /// <summary>The sounding part, from the start of the period.</summary>
    public short[] On { get; }

    /// <summary>Samples of the whole period; past <see cref="On"/> it is silent.</summary>
    public int Period { get; }

    public static ToneCadence For(ToneKind tone, int sampleRate) => Rendered.GetOrAdd((tone, sampleRate), static key => Render(key.Item1, key.Item2));

    private static ToneCadence Render(ToneKind tone, int rate)
    {
        // Milliseconds on and in all, level per frequency in dBm0, frequencies. Ringback as the precise tone plan has it (-19 dBm0 each);
        // busy is raised from its -24 to the same level, because it must be heard on a loudspeaker. A milliwatt is 0 dBm0 by definition.
        (int OnMs, int PeriodMs, double Level, int[] Frequencies) plan = tone switch
        {
            ToneKind.Ringback => (2000, 6000, -19, [440, 480]),
            ToneKind.Busy => (500, 1000, -19, [480, 620]),
            ToneKind.Hold => (200, 1800, -19, [440]),
            ToneKind.Milliwatt => (1000, 1000, 0, [1004]),
        };
        var on = new short[plan.OnMs * rate / 1000];
        var amplitude = FullScalePeak * Math.Pow(10, (plan.Level - FullScaleLevel) / 20);
        var ramp = plan.OnMs == plan.PeriodMs ? 0 : rate * RampMs / 1000;
        for (var i = 0; i < on.Length; i++)
        {
            var sum = 0.0;
            foreach (var frequency in plan.Frequencies)
            {
                sum += Math.Sin(2 * Math.PI * frequency * i / rate);
            }

            on[i] = (short)Math.Round(amplitude * sum * Edge(i, on.Length, ramp));
        }

        return new ToneCadence(on, plan.PeriodMs * rate / 1000);
    }

    /// <summary>A raised cosine at both ends, so that the tone does not click.</summary>
    private static double Edge(int i, int length, int ramp)
    {
        var distance = Math.Min(i, length - 1 - i);
        return distance >= ramp ? 1 : (1 - Math.Cos(Math.PI * distance / ramp)) / 2;
    }

    // ITU-T G.711: a sine that peaks at the decoder's largest value has +3.17 dBm0 (mu-law; 3.14 for A-law).
    private const double FullScalePeak = 32124;
    private const double FullScaleLevel = 3.17;
    private const int RampMs = 5;
}
