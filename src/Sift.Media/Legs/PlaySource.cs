using System.Text.Json.Serialization;

namespace Sift.Media.Legs;

/// <summary>Something a leg can play.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(SpeechSource), "speech")]
[JsonDerivedType(typeof(SoundSource), "sound")]
[JsonDerivedType(typeof(ToneSource), "tone")]
[JsonDerivedType(typeof(SilenceSource), "silence")]
public abstract record PlaySource;

/// <summary>Text to speech.</summary>
/// <param name="Voice">A voice name as the speech configuration lists it; null for the language's default.</param>
/// <param name="Language">BCP 47 tag; null for <c>en-US</c>.</param>
public sealed record SpeechSource(string Text, string? Voice = null, string? Language = null) : PlaySource;

/// <summary>A wav or mp3 file fetched by URL and cached by its validators.</summary>
public sealed record SoundSource(Uri Url) : PlaySource;

/// <summary>A generated tone.</summary>
public sealed record ToneSource(ToneKind Tone) : PlaySource
{
    /// <summary>How long it sounds; null for ever.</summary>
    public TimeSpan? Duration { get; init; }
}

/// <summary>Comfort silence of a given length.</summary>
public sealed record SilenceSource(TimeSpan Duration) : PlaySource;

/// <summary>Call-progress tones (ITU-T E.180, North American plan) and test tones.</summary>
public enum ToneKind
{
    /// <summary>440+480 Hz, 2 s on, 4 s off.</summary>
    Ringback,

    /// <summary>480+620 Hz, 0.5 s on, 0.5 s off.</summary>
    Busy,

    /// <summary>Hold tone: a soft 440 Hz blip of 0.2 s every 1.8 s, so that a held caller never hears dead silence.</summary>
    Hold,

    /// <summary>1004 Hz test tone, continuous.</summary>
    Milliwatt,
}
