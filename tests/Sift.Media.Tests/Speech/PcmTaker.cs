using Sift.Media.Audio;

namespace Sift.Media.Tests.Speech;

/// <summary>Keeps what an engine says.</summary>
internal sealed class PcmTaker : IPcmSink
{
    private readonly TaskCompletionSource _first = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public List<short> Samples { get; } = [];

    public int SampleRate { get; private set; }

    public Task First => _first.Task;

    public void Write(int sampleRate, ReadOnlySpan<short> samples)
    {
        SampleRate = sampleRate;
        Samples.AddRange(samples);
        _first.TrySetResult();
    }
}
