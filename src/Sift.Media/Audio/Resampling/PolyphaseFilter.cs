using System.Collections.Concurrent;
using System.Numerics;
using System.Runtime.InteropServices;

namespace Sift.Media.Audio.Resampling;

/// <summary>
/// The taps of one rate ratio: a Kaiser-windowed sinc (80 dB) cut into phases. Passes 90 % of the narrower band, stops at its edge.
/// </summary>
internal sealed class PolyphaseFilter
{
    private static readonly ConcurrentDictionary<(int, int), PolyphaseFilter> Known = new();
    private readonly float[] _taps;
    private readonly int _phases;

    private PolyphaseFilter(int inputRate, int outputRate)
    {
        var divisor = (int)BigInteger.GreatestCommonDivisor(inputRate, outputRate);
        Up = outputRate / divisor;
        Down = inputRate / divisor;
        // Odd ratios (44,099 to 8,000) would need millions of taps; they take the nearest of 1,024 phases, which still keeps 54 dB.
        _phases = Math.Min(Up, MaxPhases);
        var narrower = Math.Min(inputRate, outputRate);
        // Kaiser: length = (A - 8) / (2.285 dw) for A dB and a transition of 10 % of the narrower band.
        var transition = 2 * Math.PI * 0.05 * narrower / inputRate;
        var taps = (int)Math.Ceiling((Attenuation - 8) / (2.285 * transition));
        Taps = (taps + Multiple - 1) / Multiple * Multiple;
        _taps = new float[_phases * Taps];
        for (var phase = 0; phase < _phases; phase++)
        {
            Design((double)phase / _phases, 0.95 * narrower / inputRate, _taps.AsSpan(phase * Taps, Taps));
        }
    }

    /// <summary>Interpolation factor of the reduced ratio.</summary>
    public int Up { get; }

    /// <summary>Decimation factor of the reduced ratio.</summary>
    public int Down { get; }

    /// <summary>Taps per phase, a multiple of 16.</summary>
    public int Taps { get; }

    public static PolyphaseFilter For(int inputRate, int outputRate) =>
        Known.Count < MaxKnown
            ? Known.GetOrAdd((inputRate, outputRate), static key => new PolyphaseFilter(key.Item1, key.Item2))
            : Known.TryGetValue((inputRate, outputRate), out var known) ? known : new PolyphaseFilter(inputRate, outputRate);

    /// <summary>The taps for an output that lies <paramref name="phase"/> / Up of an input sample after the window's centre.</summary>
    public ReadOnlySpan<float> Phase(int phase) =>
        _taps.AsSpan((_phases == Up ? phase : (int)((long)phase * _phases / Up)) * Taps, Taps);

    public static float Dot(ReadOnlySpan<float> samples, ReadOnlySpan<float> taps)
    {
        var a = MemoryMarshal.Cast<float, Vector<float>>(samples);
        var b = MemoryMarshal.Cast<float, Vector<float>>(taps);
        var even = Vector<float>.Zero;
        var odd = Vector<float>.Zero;
        for (var i = 0; i + 1 < a.Length; i += 2)
        {
            even += a[i] * b[i];
            odd += a[i + 1] * b[i + 1];
        }

        return Vector.Sum(even + odd);
    }

    /// <param name="cutoff">-6 dB point as a share of the input rate's half.</param>
    private static void Design(double fraction, double cutoff, Span<float> taps)
    {
        var centre = (taps.Length / 2) - 1 + fraction;
        var half = taps.Length / 2.0;
        var sum = 0.0;
        for (var i = 0; i < taps.Length; i++)
        {
            var t = i - centre;
            var x = t / half;
            var window = Math.Abs(x) >= 1 ? 0 : Bessel(Beta * Math.Sqrt(1 - (x * x))) / Bessel(Beta);
            var value = window * (t == 0 ? cutoff : Math.Sin(Math.PI * cutoff * t) / (Math.PI * t));
            taps[i] = (float)value;
            sum += value;
        }

        // Unity gain at 0 Hz in every phase, or the phases would modulate the signal.
        for (var i = 0; i < taps.Length; i++)
        {
            taps[i] = (float)(taps[i] / sum);
        }
    }

    /// <summary>Modified Bessel function of the first kind, order 0, by its power series.</summary>
    private static double Bessel(double x)
    {
        var sum = 1.0;
        var term = 1.0;
        for (var k = 1; term > sum * 1e-12; k++)
        {
            term *= x / (2 * k) * (x / (2 * k));
            sum += term;
        }

        return sum;
    }

    private const double Attenuation = 80;
    private const double Beta = 0.1102 * (Attenuation - 8.7);
    private const int Multiple = 16;
    private const int MaxPhases = 1024;
    private const int MaxKnown = 64;
}
