using Sift.Media.Legs;

namespace Sift.Media.Audio.Tones;

/// <summary>Plays a tone for a time, or until disposed.</summary>
internal sealed class TonePlayer(ToneKind tone, int sampleRate, TimeSpan? duration = null) : IAudioSource
{
    private readonly ToneCadence _cadence = ToneCadence.For(tone, sampleRate);
    private int _position;
    private long _left = duration is { } length ? (long)(length.TotalSeconds * sampleRate) : long.MaxValue;

    public int SampleRate { get; } = sampleRate;

    public AudioRead Read(Span<short> frame)
    {
        if (_left <= 0)
        {
            return AudioRead.End;
        }

        _left -= frame.Length;
        while (!frame.IsEmpty)
        {
            var on = _cadence.On.AsSpan();
            int n;
            if (_position < on.Length)
            {
                n = Math.Min(frame.Length, on.Length - _position);
                on.Slice(_position, n).CopyTo(frame);
            }
            else
            {
                n = Math.Min(frame.Length, _cadence.Period - _position);
                frame[..n].Clear();
            }

            frame = frame[n..];
            _position += n;
            if (_position == _cadence.Period)
            {
                _position = 0;
            }
        }

        return AudioRead.Frame;
    }

    public void Dispose()
    {
    }
}
