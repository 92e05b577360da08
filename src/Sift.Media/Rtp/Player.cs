using Sift.Media.Audio;
using Sift.Media.Legs;

namespace Sift.Media.Rtp;

/// <summary>Plays one <see cref="Playback"/> at a time, source after source, the next one opened ahead so that no gap is heard.</summary>
internal sealed class Player(Action<PlaybackId, PlaybackEnd, string?> finished)
{
    private Playback? _playback;
    private CancellationTokenSource? _filling;
    private IAudioSource? _current;
    private IAudioSource? _ahead;
    private int _index;
    private int _sampleRate = 8000;
    private bool _heardInRound;

    public bool Playing => _playback is not null;

    public void Start(Playback playback)
    {
        Finish(PlaybackEnd.Stopped, null);
        _playback = playback;
        _filling = new CancellationTokenSource();
        _index = 0;
        _heardInRound = false;
        if (playback.Sources.Count == 0)
        {
            Finish(PlaybackEnd.Completed, null);
        }
    }

    public void Stop(PlaybackId playback)
    {
        if (_playback?.Id == playback)
        {
            Finish(PlaybackEnd.Stopped, null);
        }
    }

    public void OnDigit()
    {
        if (_playback is { StopOnDigit: true })
        {
            Finish(PlaybackEnd.Interrupted, null);
        }
    }

    /// <summary>The codec changed: sources are opened again at the new rate, the current one from its beginning.</summary>
    public void SetSampleRate(int sampleRate)
    {
        if (sampleRate != _sampleRate)
        {
            _sampleRate = sampleRate;
            CloseSources();
        }
    }

    /// <summary>Fills a frame.</summary>
    /// <returns>False when nothing plays; silence was written when a source is starved.</returns>
    public bool Read(Span<short> frame)
    {
        // Bounded: a list of empty sources must not hold the media thread, the rest is asked on the next tick.
        for (var attempt = 0; attempt < 8 && _playback is { } playback; attempt++)
        {
            _current ??= Open(playback, _index);
            switch (_current.Read(frame))
            {
                case AudioRead.Frame:
                    _heardInRound = true;
                    _ahead ??= OpenAhead(playback);
                    return true;
                case AudioRead.Starved:
                    frame.Clear();
                    _ahead ??= OpenAhead(playback);
                    return true;
                case AudioRead.End:
                    MoveOn(playback);
                    break;
                case AudioRead.Failed:
                    Finish(PlaybackEnd.Failed, (_current as IFailedAudio)?.Error ?? "The audio source failed");
                    break;
            }
        }

        frame.Clear();
        return _playback is not null;
    }

    /// <summary>Ends without a report: the session closes.</summary>
    public void Close()
    {
        _playback = null;
        CloseSources();
        _filling?.Cancel();
        _filling?.Dispose();
        _filling = null;
    }

    private IAudioSource Open(Playback playback, int index) => playback.Opener.Open(playback.Sources[index], _sampleRate, _filling!.Token);

    private IAudioSource? OpenAhead(Playback playback)
    {
        var next = _index + 1;
        if (next < playback.Sources.Count)
        {
            return Open(playback, next);
        }

        return playback is { Loop: true } ? Open(playback, 0) : null;
    }

    private void MoveOn(Playback playback)
    {
        _current?.Dispose();
        _current = _ahead;
        _ahead = null;
        _index++;
        if (_index < playback.Sources.Count)
        {
            return;
        }

        if (!playback.Loop)
        {
            Finish(PlaybackEnd.Completed, null);
            return;
        }

        if (!_heardInRound)
        {
            Finish(PlaybackEnd.Failed, "Nothing to repeat: the sources are empty");
            return;
        }

        _index = 0;
        _heardInRound = false;
    }

    private void Finish(PlaybackEnd end, string? error)
    {
        if (_playback is not { } playback)
        {
            return;
        }

        Close();
        finished(playback.Id, end, error);
    }

    private void CloseSources()
    {
        _current?.Dispose();
        _current = null;
        _ahead?.Dispose();
        _ahead = null;
    }
}
