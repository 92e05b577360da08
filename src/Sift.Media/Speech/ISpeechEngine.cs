using Sift.Media.Audio;

namespace Sift.Media.Speech;

/// <summary>A speech engine. Implementations keep its work out of this process and stop it at a deadline.</summary>
public interface ISpeechEngine : IAsyncDisposable
{
    /// <summary>Short name, part of cache keys: <c>flite</c>, <c>espeak-ng</c>, <c>http</c>.</summary>
    string Name { get; }

    /// <summary>The voices that are installed; fixed from start on. Empty when the engine cannot be used.</summary>
    IReadOnlyList<SpeechVoice> Voices { get; }

    /// <summary>Why the engine cannot be used or what it lacks, with the package to install; null when all is well.</summary>
    string? Trouble { get; }

    /// <summary>Why an engine that worked cannot speak now; null when it can, or never could.</summary>
    string? Failure => null;

    /// <summary>
    /// Speaks one prepared sentence into <paramref name="sink"/>, at whatever rate the voice has. Returns null when it was spoken, else
    /// the error for people (samples may have been written before). Never throws for what the engine does.
    /// </summary>
    /// <param name="voice">One of <see cref="Voices"/>.</param>
    /// <param name="sentence">Text as <see cref="Text.TextPreparation"/> leaves it.</param>
    Task<string?> SynthesizeAsync(SpeechVoice voice, string sentence, IPcmSink sink, CancellationToken cancellationToken);
}

/// <summary>A voice that can be asked for.</summary>
/// <param name="Name">What <c>voice</c> says: <c>slt</c>, <c>espeak-fr</c>.</param>
/// <param name="Language">BCP 47 tag.</param>
/// <param name="EngineVoice">What the engine calls it.</param>
public sealed record SpeechVoice(string Name, string Language, string EngineVoice);
