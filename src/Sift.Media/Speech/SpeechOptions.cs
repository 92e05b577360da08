namespace Sift.Media.Speech;

/// <summary>Speech settings, bound from <c>Sift:Speech</c> (environment: <c>Sift__Speech__…</c>).</summary>
public sealed record SpeechOptions
{
    /// <summary>Where synthesised audio is kept between runs; null keeps it in memory only.</summary>
    public string? CacheDirectory { get; init; }

    /// <summary>Bytes of audio kept on disk, oldest out first.</summary>
    public long DiskCacheBytes { get; init; } = 512L * 1024 * 1024;

    /// <summary>Bytes of audio kept in memory, shared between calls.</summary>
    public long MemoryCacheBytes { get; init; } = 64L * 1024 * 1024;

    /// <summary>BCP 47 tag used when neither voice nor language is given.</summary>
    public string DefaultLanguage { get; init; } = "en-US";

    /// <summary>Voice by language tag, over the built-in choice (<c>Sift__Speech__Languages__en=rms</c>).</summary>
    public Dictionary<string, string> Languages { get; init; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Worker processes per engine, and programs run at once.</summary>
    public int Workers { get; init; } = 2;

    /// <summary>Sentences that may wait for a worker; more are refused.</summary>
    public int QueueLength { get; init; } = 512;

    /// <summary>How long a sentence may wait for a worker.</summary>
    public TimeSpan QueueDeadline { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long an engine may take over one sentence before it is killed.</summary>
    public TimeSpan SentenceDeadline { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Characters of one text; longer ones are refused.</summary>
    public int MaxTextLength { get; init; } = 10_000;

    /// <summary>How far ahead of playback a text is synthesised.</summary>
    public TimeSpan Lead { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Program and leading arguments that start a speech worker, followed by <c>tts-worker flite</c>; empty for this very program.
    /// </summary>
    public List<string> WorkerCommand { get; init; } = [];

    /// <summary>An outside engine; null for none.</summary>
    public HttpSpeechOptions? Http { get; init; }
}

/// <summary>An engine reached by HTTP: it gets the sentence as <c>text/plain</c> by POST and answers with a wav file.</summary>
public sealed record HttpSpeechOptions
{
    /// <summary>Where to post; <c>voice</c> and <c>language</c> are added to the query.</summary>
    public required Uri Endpoint { get; init; }

    /// <summary>Sent as <c>Authorization: Bearer</c>; null for none.</summary>
    public string? BearerToken { get; init; }

    /// <summary>Voices it has: name to language tag (<c>Sift__Speech__Http__Voices__anna=de-DE</c>).</summary>
    public Dictionary<string, string> Voices { get; init; } = new(StringComparer.OrdinalIgnoreCase);
}
