namespace Sift.Media.Rtp;

/// <summary>Loudness of both directions in dBov: 0 is a full-scale square wave, -127 silence (RFC 6465's scale).</summary>
internal sealed class LevelMeter
{
    private const float Silence = -127;

    private float _input = Silence;
    private float _output = Silence;

    public float Input => Volatile.Read(ref _input);

    public float Output => Volatile.Read(ref _output);

    public void MeasureInput(ReadOnlySpan<short> frame) => Volatile.Write(ref _input, Measure(frame));

    public void MeasureOutput(ReadOnlySpan<short> frame) => Volatile.Write(ref _output, Measure(frame));

    private static float Measure(ReadOnlySpan<short> frame)
    {
        long energy = 0;
        foreach (var sample in frame)
        {
            energy += sample * sample;
        }

        return energy == 0 ? Silence : MathF.Max(Silence, 10 * MathF.Log10(energy / (frame.Length * 32768f * 32768f)));
    }
}
