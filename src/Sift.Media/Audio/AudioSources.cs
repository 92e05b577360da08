using Sift.Media.Audio.Sounds;
using Sift.Media.Audio.Tones;
using Sift.Media.Legs;
using Sift.Media.Speech;

namespace Sift.Media.Audio;

/// <summary>Opens everything a leg can play.</summary>
public sealed class AudioSources(SpeechSynthesis speech, SoundLibrary sounds) : IAudioSources
{
    /// <inheritdoc/>
    public IAudioSource Open(PlaySource source, int sampleRate, CancellationToken cancellationToken) => source switch
    {
        SpeechSource text => speech.Open(text, sampleRate, cancellationToken),
        SoundSource sound => sounds.Open(sound.Url, sampleRate, cancellationToken),
        ToneSource tone => new TonePlayer(tone.Tone, sampleRate, tone.Duration),
        SilenceSource silence => new SilentSource(sampleRate, silence.Duration),
        _ => new FailedSource(sampleRate, $"a {source.GetType().Name} cannot be played"),
    };
}
