using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Sift.Media.Audio.Resampling;
using Sift.Media.Audio.Wav;

namespace Sift.Media.Audio.Sounds;

/// <summary>
/// Plays wav and mp3 files by URL. One fetch per URL at a time whoever asks; one decoded copy per file and rate, shared by all legs that
/// play it.
/// </summary>
public sealed partial class SoundLibrary : IAsyncDisposable
{
    private readonly SoundOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly SoundFetch _fetch;
    private readonly Mp3Decoder _mp3;
    private readonly PcmLru _memory;
    private readonly ConcurrentDictionary<string, StoredSound> _fresh = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Lazy<Task<FetchedSound>>> _flights = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _stop = new();

    /// <param name="client">The guarded client for addresses that customers give; the library makes none of its own.</param>
    public SoundLibrary(HttpMessageInvoker client, SoundOptions options, TimeProvider time, ILogger<SoundLibrary> log)
    {
        _options = options;
        _time = time;
        _log = log;
        _fetch = new SoundFetch(client, options, time);
        _mp3 = new Mp3Decoder(time);
        _memory = new PcmLru(options.MemoryCacheBytes);
    }

    /// <summary>What cannot be played on this machine and which package helps; null when all is well.</summary>
    public string? Trouble => _mp3.Trouble;

    /// <summary>Opens a file for playing; returns at once.</summary>
    /// <param name="sampleRate">Samples per second to give.</param>
    public IAudioSource Open(Uri url, int sampleRate, CancellationToken cancellationToken)
    {
        var source = new ClipSource(sampleRate, 1, tolerant: false);
        if (url.IsAbsoluteUri && _fresh.TryGetValue(url.AbsoluteUri, out var about) && _time.GetUtcNow() < about.FreshUntil
            && Held(about, sampleRate) is { } clip)
        {
            source.Set(0, clip);
            return source;
        }

        _ = Task.Run(() => FillAsync(source, url, sampleRate, cancellationToken), CancellationToken.None);
        return source;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync() => await _stop.CancelAsync().ConfigureAwait(false);

    private PcmClip? Held(StoredSound about, int sampleRate)
    {
        var clip = _memory.Find(ClipKey(about, sampleRate));
        return clip?.State == PcmClipState.Failed ? null : clip;
    }

    private async Task FillAsync(ClipSource source, Uri url, int sampleRate, CancellationToken cancellationToken)
    {
        try
        {
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, source.Disposed, _stop.Token);
            var fetched = await FetchOnceAsync(url).WaitAsync(stop.Token).ConfigureAwait(false);
            if (fetched.Error is not null)
            {
                Fail(source, sampleRate, fetched.Error);
                return;
            }

            var about = fetched.About!;
            Remember(about);
            var key = ClipKey(about, sampleRate);
            var clip = _memory.GetOrAdd(key, sampleRate, out var created);
            source.Set(0, clip);
            if (created)
            {
                await DecodeAsync(fetched.Body!, key, clip).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            // Nobody listens any more; the fetch goes on for the others and for the cache.
        }
#pragma warning disable CA1031 // This task owns the sound: a bug must cost it alone, and the leg must hear of it.
        catch (Exception e)
#pragma warning restore CA1031
        {
            LogBroken(e);
            Fail(source, sampleRate, "the sound could not be played");
        }
    }

    private Task<FetchedSound> FetchOnceAsync(Uri url)
    {
        var key = url.IsAbsoluteUri ? url.AbsoluteUri : url.OriginalString;
        return _flights.GetOrAdd(key, _ => new Lazy<Task<FetchedSound>>(async () =>
        {
            try
            {
                // Yields first: the flight must be known before it can land.
                await Task.Yield();
                return await _fetch.GetAsync(url, _stop.Token).ConfigureAwait(false);
            }
            finally
            {
                _flights.TryRemove(key, out var _);
            }
        })).Value;
    }

    private async Task DecodeAsync(byte[] body, string key, PcmClip clip)
    {
        var error = "the sound could not be decoded";
        try
        {
            error = await DecodeAsync(body, clip).ConfigureAwait(false);
        }
        finally
        {
            if (error is null)
            {
                clip.Complete();
            }
            else
            {
                clip.Fail(error);
            }

            _memory.Settle(key, clip);
        }
    }

    private async Task<string?> DecodeAsync(byte[] body, PcmClip clip)
    {
        ReadOnlyMemory<byte> file = body;
        if (!WavFile.LooksLike(body))
        {
            // The bytes decide, not the Content-Type: servers say octet-stream or worse.
            if (!Mp3Decoder.LooksLike(body))
            {
                return "the sound is not a wav or mp3 file";
            }

            var decoded = await _mp3.DecodeAsync(body, _options, _stop.Token).ConfigureAwait(false);
            if (decoded.Output is null)
            {
                return decoded.Error;
            }

            file = decoded.Output;
        }

        if (!WavFile.TryParse(file, out var wav, out var error))
        {
            return $"the sound {error}";
        }

        if ((double)wav.Frames / wav.SampleRate > _options.MaxDuration.TotalSeconds)
        {
            return $"the sound is longer than {_options.MaxDuration.TotalMinutes:0.#} minutes";
        }

        var sink = new ResamplingSink(clip);
        WavSamples.CopyTo(wav, sink);
        sink.Flush();
        return null;
    }

    private void Remember(StoredSound about)
    {
        if (_fresh.Count >= MaxRemembered)
        {
            _fresh.Clear();
        }

        _fresh[about.Url] = about;
    }

    private static void Fail(ClipSource source, int sampleRate, string error)
    {
        var failed = new PcmClip(sampleRate);
        failed.Fail(error);
        source.Set(0, failed);
    }

    private static string ClipKey(StoredSound about, int sampleRate) => $"{about.BodyHash}@{sampleRate}";

    [LoggerMessage(2621, LogLevel.Error, "A sound broke")]
    private partial void LogBroken(Exception exception);

    private const int MaxRemembered = 10_000;
}
