namespace Sift.Media.Dtmf;

/// <summary>The two tones of a key (ITU-T Q.23), for far ends that did not negotiate telephone-event.</summary>
internal sealed class DtmfTone(int sampleRate)
{
    /// <summary>How long a key sounds, and the silence after it (Q.24 asks for at least 40 ms of each).</summary>
    public static readonly TimeSpan Length = TimeSpan.FromMilliseconds(100);

    private const int CommaMilliseconds = 500;

    // -9 dBm0 for the high group and -11 for the low one: 2 dB of twist, as telephones are specified to send.
    private const double HighLevel = 7900;
    private const double LowLevel = 6300;

    private double _lowStep;
    private double _highStep;
    private int _position;
    private int _toneEnd;
    private int _end;

    /// <summary>A key, or the pause after it, is not over.</summary>
    public bool Active => _position < _end;

    /// <summary>Begins a key; a comma is a pause.</summary>
    public void Start(char key)
    {
        _position = 0;
        if (DtmfKeys.Find(key) is not { } tones)
        {
            _toneEnd = 0;
            _end = sampleRate * CommaMilliseconds / 1000;
            return;
        }

        _lowStep = 2 * Math.PI * tones.Low / sampleRate;
        _highStep = 2 * Math.PI * tones.High / sampleRate;
        _toneEnd = (int)(sampleRate * Length.TotalSeconds);
        _end = _toneEnd * 2;
    }

    /// <summary>Fills a frame; silence outside a key.</summary>
    public void Read(Span<short> frame)
    {
        for (var i = 0; i < frame.Length; i++)
        {
            frame[i] = _position < _toneEnd
                ? (short)((LowLevel * Math.Sin(_lowStep * _position)) + (HighLevel * Math.Sin(_highStep * _position)))
                : (short)0;
            _position = Math.Min(_position + 1, _end);
        }
    }
}
