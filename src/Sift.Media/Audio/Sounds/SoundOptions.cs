namespace Sift.Media.Audio.Sounds;

/// <summary>Settings of played files, bound from <c>Sift:Sounds</c> (environment: <c>Sift__Sounds__…</c>).</summary>
public sealed record SoundOptions
{
    /// <summary>Where fetched files are kept between runs; null keeps none.</summary>
    public string? CacheDirectory { get; init; }

    /// <summary>Bytes of files kept on disk, least recently played out first.</summary>
    public long DiskCacheBytes { get; init; } = 1024L * 1024 * 1024;

    /// <summary>Bytes of decoded audio kept in memory, shared between calls.</summary>
    public long MemoryCacheBytes { get; init; } = 128L * 1024 * 1024;

    /// <summary>Bytes of the largest file that is fetched.</summary>
    public int MaxFileBytes { get; init; } = 20 * 1024 * 1024;

    /// <summary>The longest sound that is played.</summary>
    public TimeSpan MaxDuration { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>How long a fetch may take in all.</summary>
    public TimeSpan FetchDeadline { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How long a fetch may take when an older copy could be played instead.</summary>
    public TimeSpan RevalidationDeadline { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How long past its freshness a copy is still played when the server cannot be reached or answers 5xx. Never after 4xx, and never when
    /// the answer said <c>must-revalidate</c>.
    /// </summary>
    public TimeSpan StaleIfError { get; init; } = TimeSpan.FromHours(24);

    /// <summary>How long the decoding of one mp3 file may take.</summary>
    public TimeSpan DecodeDeadline { get; init; } = TimeSpan.FromSeconds(20);
}
