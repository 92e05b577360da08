namespace Sift.Media.Audio;

/// <summary>A source that could not be opened; says why on the first read.</summary>
internal sealed class FailedSource(int sampleRate, string error) : IAudioSource, IFailedAudio
{
    public int SampleRate { get; } = sampleRate;

    public string? Error { get; } = error;

    public AudioRead Read(Span<short> frame) => AudioRead.Failed;

    public void Dispose()
    {
    }
}
