namespace Sift.Testing;

/// <summary>What kind of sound somebody heard.</summary>
public enum HeardKind
{
    /// <summary>A text spoken by Sift.</summary>
    Speech,

    /// <summary>A sound file; the text is its URL.</summary>
    Sound,

    /// <summary>The ringback tone while another phone rings.</summary>
    Ringback,

    /// <summary>The tone that fills the wait for a slow answer of a web server.</summary>
    Hold,

    /// <summary>Any other tone; the text names it.</summary>
    Tone,

    /// <summary>What a person at the other end of a joined call said.</summary>
    Voice,

    /// <summary>Keys sent by the other end.</summary>
    Digits,
}

/// <summary>One thing that somebody on the phone heard.</summary>
/// <param name="At">When it began, since the simulation began.</param>
/// <param name="Kind">What it was.</param>
/// <param name="Text">The words, the URL of the sound, or the name of the tone.</param>
public sealed record Heard(TimeSpan At, HeardKind Kind, string Text)
{
    /// <summary>When it ended; null while it still sounds.</summary>
    public TimeSpan? Until { get; init; }

    /// <summary>True when it was stopped before its end: by a key, a hang-up, or something that came in its place.</summary>
    public bool IsCutOff { get; init; }

    /// <summary>The voice that was asked for; null for the default one.</summary>
    public string? Voice { get; init; }

    /// <summary>The language that was asked for; null for the default one.</summary>
    public string? Language { get; init; }
}
