namespace Sift.Testing.World;

/// <summary>Something that is, or was, heard.</summary>
internal sealed class HeardItem(DateTimeOffset at, HeardKind kind, string text, string? voice, string? language)
{
    public HeardKind Kind => kind;

    public string Text => text;

    public DateTimeOffset At => at;

    public DateTimeOffset? Until { get; private set; }

    public bool IsCutOff { get; private set; }

    public bool Contains(string words) =>
        kind is HeardKind.Speech or HeardKind.Sound or HeardKind.Voice && text.Contains(words, StringComparison.OrdinalIgnoreCase);

    public void End(DateTimeOffset now, bool isCutOff)
    {
        if (Until is null)
        {
            Until = now;
            IsCutOff = isCutOff;
        }
    }

    public Heard ToHeard(DateTimeOffset start) => new(at - start, kind, text)
    {
        Until = Until - start,
        IsCutOff = IsCutOff,
        Voice = voice,
        Language = language,
    };
}
