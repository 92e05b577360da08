namespace Sift.Media.Audio;

/// <summary>Takes mono PCM16 as it is produced. Called by one producer at a time, in order.</summary>
public interface IPcmSink
{
    /// <summary>Takes some samples; they are copied before the call returns.</summary>
    /// <param name="sampleRate">Samples per second of <paramref name="samples"/>; the same for a whole stream.</param>
    void Write(int sampleRate, ReadOnlySpan<short> samples);
}
