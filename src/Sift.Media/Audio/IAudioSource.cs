namespace Sift.Media.Audio;

/// <summary>
/// A stream of mono 16-bit PCM frames pulled by the pacer, 20 ms at a time. Read never blocks, never allocates and is called
/// by one media thread; filling happens elsewhere.
/// </summary>
public interface IAudioSource : IDisposable
{
    /// <summary>Samples per second; the opener asked for it, so it is always the leg's rate.</summary>
    int SampleRate { get; }

    /// <summary>Fills <paramref name="frame"/> (SampleRate / 50 samples).</summary>
    AudioRead Read(Span<short> frame);
}

/// <summary>What a read gave.</summary>
public enum AudioRead
{
    /// <summary>The frame is filled (the last one of a source is padded with silence).</summary>
    Frame,

    /// <summary>Nothing ready yet; play silence and ask again next tick.</summary>
    Starved,

    /// <summary>The source is exhausted; the frame was not touched.</summary>
    End,

    /// <summary>The source failed; see <see cref="IFailedAudio.Error"/>. The frame was not touched.</summary>
    Failed,
}

/// <summary>A source that can say why it failed.</summary>
public interface IFailedAudio
{
    string? Error { get; }
}

/// <summary>Opens what a <see cref="Legs.PlaySource"/> names.</summary>
public interface IAudioSources
{
    /// <summary>
    /// Returns at once with a source that may be starved until its first audio is there. Never throws for bad URLs, engine crashes or
    /// unknown voices: such a source fails on read. <paramref name="cancellationToken"/> stops the filling.
    /// </summary>
    IAudioSource Open(Legs.PlaySource source, int sampleRate, CancellationToken cancellationToken);
}
