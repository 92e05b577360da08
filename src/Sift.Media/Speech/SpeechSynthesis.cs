using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging;
using Sift.Media.Audio;
using Sift.Media.Audio.Resampling;
using Sift.Media.Legs;
using Sift.Media.Speech.Text;

namespace Sift.Media.Speech;

/// <summary>
/// Turns text into something to play: chooses the voice, cuts the text into sentences and makes them one after another a little ahead of
/// playback. Every sentence is cached by (engine, voice, rate, text), in memory and on disk; two calls that ask for one at the same time share it.
/// </summary>
public sealed partial class SpeechSynthesis : IAsyncDisposable
{
    private readonly SpeechOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly PcmLru _memory;
    private readonly DiskCache _disk;
    private readonly CancellationTokenSource _stop = new();

    /// <summary>Owns the engines of <paramref name="catalogue"/> from here on.</summary>
    public SpeechSynthesis(SpeechCatalogue catalogue, SpeechOptions options, TimeProvider time, ILogger<SpeechSynthesis> log)
    {
        Catalogue = catalogue;
        _options = options;
        _time = time;
        _log = log;
        _memory = new PcmLru(options.MemoryCacheBytes);
        _disk = new DiskCache(options.CacheDirectory, options.DiskCacheBytes, time);
    }

    /// <summary>The voices there are.</summary>
    public SpeechCatalogue Catalogue { get; }

    /// <summary>
    /// Opens a text for playing; returns at once. A sentence that an engine fails on is passed over (and logged) when another could be
    /// spoken; the source fails only when nothing could.
    /// </summary>
    /// <param name="sampleRate">Samples per second to give.</param>
    public IAudioSource Open(SpeechSource speech, int sampleRate, CancellationToken cancellationToken)
    {
        if (speech.Text.Length > _options.MaxTextLength)
        {
            return new FailedSource(sampleRate, $"the text has {speech.Text.Length} characters; {_options.MaxTextLength} can be spoken");
        }

        var text = TextPreparation.Clean(speech.Text);
        if (!Catalogue.TryChoose(speech.Voice, speech.Language, text, out var chosen, out var error))
        {
            return new FailedSource(sampleRate, error!);
        }

        var sentences = SentenceSplitter.Split(text);
        var source = new ClipSource(sampleRate, sentences.Count, tolerant: true);
        // The first sentence is asked for here and now: one that is in memory plays with the next frame.
        if (sentences.Count > 0)
        {
            source.Set(0, Sentence(chosen, sentences[0], sampleRate));
            _ = FillAsync(source, chosen, sentences, sampleRate, cancellationToken);
        }

        return source;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        foreach (var engine in Catalogue.Engines)
        {
            await engine.DisposeAsync().ConfigureAwait(false);
        }
    }

    private async Task FillAsync(ClipSource source, (ISpeechEngine, SpeechVoice) chosen, IReadOnlyList<string> sentences, int sampleRate, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, source.Disposed, _stop.Token);
        var started = _time.GetTimestamp();
        var made = TimeSpan.Zero;
        try
        {
            for (var i = 0; i < sentences.Count; i++)
            {
                var clip = Sentence(chosen, sentences[i], sampleRate);
                source.Set(i, clip);
                await clip.Finished.WaitAsync(stop.Token).ConfigureAwait(false);
                // The source's cancellation travels to the linked token on another thread; the flag itself is never late.
                source.Disposed.ThrowIfCancellationRequested();
                made += clip.Duration;
                // Playback cannot be further than the time since the start: what lies beyond the lead may never be heard.
                var early = made - _time.GetElapsedTime(started) - _options.Lead;
                if (early > TimeSpan.Zero)
                {
                    await Task.Delay(early, _time, stop.Token).ConfigureAwait(false);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Nobody listens any more.
        }
    }

    private PcmClip Sentence((ISpeechEngine Engine, SpeechVoice Voice) by, string sentence, int sampleRate)
    {
        var key = Key(by, sentence, sampleRate);
        var clip = _memory.GetOrAdd(key, sampleRate, out var created);
        if (created)
        {
            _ = Task.Run(() => MakeAsync(by, sentence, key, clip));
        }

        return clip;
    }

    private async Task MakeAsync((ISpeechEngine Engine, SpeechVoice Voice) by, string sentence, string key, PcmClip clip)
    {
        string? error;
        var stored = false;
        try
        {
            if (await _disk.ReadAsync(key, _stop.Token).ConfigureAwait(false) is { Length: > 0 } bytes)
            {
                clip.Append(MemoryMarshal.Cast<byte, short>(bytes));
                stored = true;
                error = null;
            }
            else
            {
                var sink = new ResamplingSink(clip);
                error = await by.Engine.SynthesizeAsync(by.Voice, sentence, sink, _stop.Token).ConfigureAwait(false);
                sink.Flush();
            }
        }
#pragma warning disable CA1031 // This task owns the sentence: a bug in an engine must cost it alone, and its listeners must hear of it.
        catch (Exception e)
#pragma warning restore CA1031
        {
            LogBroken(e, by.Engine.Name);
            error = "the speech engine broke";
        }

        if (error is not null)
        {
            LogNotSpoken(by.Engine.Name, by.Voice.Name, error);
            clip.Fail(error);
            _memory.Settle(key, clip);
            return;
        }

        clip.Complete();
        _memory.Settle(key, clip);
        if (!stored && clip.Length > 0)
        {
            await _disk.WriteAsync(key, clip.ToBytes(), CancellationToken.None).ConfigureAwait(false);
        }
    }

    private static string Key((ISpeechEngine Engine, SpeechVoice Voice) by, string sentence, int sampleRate) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{by.Engine.Name}\n{by.Voice.EngineVoice}\n{sampleRate}\n{sentence}")));

    [LoggerMessage(2611, LogLevel.Warning, "{Engine} did not speak a sentence with voice {Voice}: {Reason}")]
    private partial void LogNotSpoken(string engine, string voice, string reason);

    [LoggerMessage(2612, LogLevel.Error, "{Engine} broke")]
    private partial void LogBroken(Exception exception, string engine);
}
