using Sift.Media.Audio.Resampling;

namespace Sift.Media.Rtp;

/// <summary>Converts 20 ms frames between rates, one in, one out. The first is padded in front by the filter's delay (a few milliseconds).</summary>
internal sealed class FrameResampler
{
    private readonly Resampler _resampler;
    private readonly short[] _ready;
    private int _count;

    public FrameResampler(int inputRate, int outputRate)
    {
        _resampler = new Resampler(inputRate, outputRate);
        _ready = new short[(outputRate / 50) + _resampler.MaxOutput(inputRate / 50)];
    }

    public int InputRate => _resampler.InputRate;

    public int OutputRate => _resampler.OutputRate;

    public void Convert(ReadOnlySpan<short> frame, Span<short> converted)
    {
        _count += _resampler.Process(frame, _ready.AsSpan(_count));
        var missing = Math.Max(0, converted.Length - _count);
        converted[..missing].Clear();
        var taken = converted.Length - missing;
        _ready.AsSpan(0, taken).CopyTo(converted[missing..]);
        _count -= taken;
        _ready.AsSpan(taken, _count).CopyTo(_ready);
    }
}
