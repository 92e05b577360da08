using System.Buffers;

namespace Sift.Media.Audio.Resampling;

/// <summary>Appends to a clip at the clip's rate, whatever rate the producer has.</summary>
internal sealed class ResamplingSink(PcmClip clip) : IPcmSink
{
    private Resampler? _resampler;

    public void Write(int sampleRate, ReadOnlySpan<short> samples)
    {
        _resampler ??= new Resampler(Math.Clamp(sampleRate, Resampler.MinRate, Resampler.MaxRate), clip.SampleRate);
        var output = ArrayPool<short>.Shared.Rent(_resampler.MaxOutput(samples.Length));
        clip.Append(output.AsSpan(0, _resampler.Process(samples, output)));
        ArrayPool<short>.Shared.Return(output);
    }

    /// <summary>Appends the filter's tail; the clip is not completed.</summary>
    public void Flush()
    {
        if (_resampler is null)
        {
            return;
        }

        var output = ArrayPool<short>.Shared.Rent(_resampler.MaxOutput(0));
        clip.Append(output.AsSpan(0, _resampler.Flush(output)));
        ArrayPool<short>.Shared.Return(output);
    }
}
