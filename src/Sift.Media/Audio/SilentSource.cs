namespace Sift.Media.Audio;

/// <summary>Silence of a given length.</summary>
internal sealed class SilentSource(int sampleRate, TimeSpan duration) : IAudioSource
{
    private long _left = (long)(duration.TotalSeconds * sampleRate);

    public int SampleRate { get; } = sampleRate;

    public AudioRead Read(Span<short> frame)
    {
        if (_left <= 0)
        {
            return AudioRead.End;
        }

        frame.Clear();
        _left -= frame.Length;
        return AudioRead.Frame;
    }

    public void Dispose()
    {
    }
}
