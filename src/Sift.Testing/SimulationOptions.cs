using Sift.Activities.Calls;

namespace Sift.Testing;

/// <summary>How a simulation behaves. The defaults suit most tests.</summary>
public sealed record SimulationOptions
{
    /// <summary>What the small variations of the network, and the ids, are drawn from. The same seed gives the same run to the last millisecond.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>The virtual time at which the simulation begins.</summary>
    public DateTimeOffset Start { get; init; } = new(2026, 1, 1, 9, 0, 0, TimeSpan.Zero);

    /// <summary>True: the application answers on demand, so that the caller hears ringing until a command needs audio.</summary>
    public bool AnswerOnDemand { get; init; }

    /// <summary>JSON list of commands that runs when a callback cannot be had; null for none.</summary>
    public string? FallbackRoutine { get; init; }

    /// <summary>Asked for a routine when a callback cannot be had; null for none.</summary>
    public string? FallbackUrl { get; init; }

    /// <summary>A secret, <c>whsec_…</c>, that signs the callbacks; null for none.</summary>
    public string? WebhookSecret { get; init; }

    /// <summary>Deadlines and texts, as the configuration of a server has them.</summary>
    public CallOptions Calls { get; init; } = new();

    /// <summary>How long a text takes to speak; about 15 characters a second when null.</summary>
    public Func<string, TimeSpan>? SpeechDuration { get; init; }

    /// <summary>How long a sound file lasts, by URL; 3 s when null. A null duration is a file that cannot be played.</summary>
    public Func<Uri, TimeSpan?>? SoundDuration { get; init; }

    /// <summary>How long an answer that is made outside of the simulation may take, in real time.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long entries that nobody waits for wait for company. A server takes 50 ms; without it everything can be looked at when it has happened.</summary>
    internal TimeSpan CommitDeferral { get; init; }

    internal TimeSpan DurationOf(string text) => SpeechDuration?.Invoke(text) ?? TimeSpan.FromMilliseconds(300 + (65 * text.Length));

    internal TimeSpan? DurationOf(Uri url) => SoundDuration is null ? TimeSpan.FromSeconds(3) : SoundDuration(url);
}
