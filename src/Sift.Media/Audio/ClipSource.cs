namespace Sift.Media.Audio;

/// <summary>
/// Plays a row of clips without a gap. The filler sets clips as they become known, the media thread reads; nothing else is shared.
/// </summary>
/// <param name="clips">How many clips there will be.</param>
/// <param name="tolerant">True: a failed clip is passed over when anything else could be played (speech). False: it fails the source.</param>
internal sealed class ClipSource(int sampleRate, int clips, bool tolerant) : IAudioSource, IFailedAudio
{
    private readonly PcmClip?[] _clips = new PcmClip?[clips];
    private readonly CancellationTokenSource _disposed = new();
    private int _index;
    private int _position;
    private bool _played;
    private string? _error;

    public int SampleRate { get; } = sampleRate;

    public string? Error => _error;

    /// <summary>Cancelled when the player has lost interest.</summary>
    public CancellationToken Disposed => _disposed.Token;

    /// <summary>Filler: clip number <paramref name="index"/> is this one (it may still be filling).</summary>
    public void Set(int index, PcmClip clip) => Volatile.Write(ref _clips[index], clip);

    public AudioRead Read(Span<short> frame)
    {
        var filled = 0;
        while (_index < _clips.Length && filled < frame.Length)
        {
            if (Volatile.Read(ref _clips[_index]) is not { } clip)
            {
                break;
            }

            var state = clip.State;
            var available = clip.Length - _position;
            if (state == PcmClipState.Filling && available < frame.Length - filled)
            {
                // A part of a frame is left for the next tick, so that a slow filler does not tear words.
                break;
            }

            var taken = clip.Read(_position, frame[filled..]);
            filled += taken;
            _position += taken;
            if (state != PcmClipState.Filling && taken == available)
            {
                _error ??= clip.Error;
                _index++;
                _position = 0;
            }
        }

        if (filled > 0)
        {
            frame[filled..].Clear();
            _played = true;
            return AudioRead.Frame;
        }

        if (_index < _clips.Length)
        {
            return AudioRead.Starved;
        }

        return _error is null || (tolerant && _played) ? AudioRead.End : AudioRead.Failed;
    }

    public void Dispose()
    {
        // The filler's continuations must not run on the media thread.
        if (!_disposed.IsCancellationRequested)
        {
            _ = _disposed.CancelAsync();
        }
    }
}
