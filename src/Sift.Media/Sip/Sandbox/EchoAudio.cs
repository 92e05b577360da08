using Sift.Media.Audio;
using Sift.Media.Legs;
using Sift.Media.Rtp;

namespace Sift.Media.Sip.Sandbox;

/// <summary>
/// Plays back what was heard two frames ago. Tap and source of one session run on one media thread, so nothing is locked.
/// </summary>
internal sealed class EchoAudio : IAudioTap, IAudioSource, IAudioSources
{
    private const int Frames = 4;
    private const int MaxFrame = 48_000 / 50;

    private readonly short[] _ring = new short[Frames * MaxFrame];
    private readonly int[] _lengths = new int[Frames];
    private int _written;
    private int _read;

    public int SampleRate { get; private set; } = 8_000;

    public void OnFrame(ReadOnlySpan<short> received, ReadOnlySpan<short> sent, int sampleRate)
    {
        if (received.Length > MaxFrame)
        {
            return;
        }

        var slot = _written % Frames;
        received.CopyTo(_ring.AsSpan(slot * MaxFrame));
        _lengths[slot] = received.Length;
        _written++;
        if (_written - _read > Frames)
        {
            _read = _written - Frames;
        }
    }

    public AudioRead Read(Span<short> frame)
    {
        if (_written == _read)
        {
            return AudioRead.Starved;
        }

        var slot = _read++ % Frames;
        var heard = _ring.AsSpan(slot * MaxFrame, Math.Min(_lengths[slot], frame.Length));
        heard.CopyTo(frame);
        frame[heard.Length..].Clear();
        return AudioRead.Frame;
    }

    public IAudioSource Open(PlaySource source, int sampleRate, CancellationToken cancellationToken)
    {
        SampleRate = sampleRate;
        return this;
    }

    public void Dispose()
    {
    }
}
