namespace Sift.Protocols.Rtp;

/// <summary>What <see cref="TelephoneEventSender"/> wants sent on a tick.</summary>
/// <param name="Marker">Set on the first packet of an event (RFC 4733 2.5.1.1).</param>
/// <param name="Timestamp">The start of the event; the same in all its packets.</param>
public readonly record struct TelephoneEventPacket(TelephoneEvent Event, bool Marker, uint Timestamp);

/// <summary>
/// Paces keys as telephone events: an update each tick while the key is down, the end packet three times, then a pause. The host sends
/// what <see cref="Next"/> gives and mutes audio while <see cref="Active"/>.
/// </summary>
public sealed class TelephoneEventSender
{
    private const int EndRepeats = 3;
    private const byte Volume = 10;
    private const int QueueLimit = 64;

    private readonly Queue<char> _keys = new(QueueLimit);
    private byte _code;
    private uint _start;
    private int _sounded;
    private int _endsLeft;
    private int _pauseLeft;
    private bool _down;
    private bool _first;

    /// <summary>A key is being sent or waits.</summary>
    public bool Active => _down || _endsLeft > 0 || _pauseLeft > 0 || _keys.Count > 0;

    /// <summary>Adds a key; a comma is a pause of half a second. Others are ignored.</summary>
    /// <returns>False when the key is unknown or too many wait.</returns>
    public bool Enqueue(char key)
    {
        if (_keys.Count >= QueueLimit || (key != ',' && TelephoneEvent.CodeOf(key) is null))
        {
            return false;
        }

        _keys.Enqueue(key);
        return true;
    }

    /// <summary>Takes the next key for sending by another way (in-band tones); null when none waits or one is under way.</summary>
    public char? TakeKey() => !_down && _endsLeft == 0 && _pauseLeft == 0 && _keys.TryDequeue(out var key) ? key : null;

    /// <summary>Steps by one tick.</summary>
    /// <param name="timestamp">The stream's RTP timestamp now.</param>
    /// <param name="units">Timestamp units per tick.</param>
    /// <param name="clockRate">Units per second.</param>
    /// <returns>The packet to send on this tick; null for none.</returns>
    public TelephoneEventPacket? Next(uint timestamp, int units, int clockRate)
    {
        if (_pauseLeft > 0)
        {
            _pauseLeft -= units;
            return null;
        }

        if (!_down && _endsLeft == 0 && !Begin(timestamp, clockRate))
        {
            return null;
        }

        if (_endsLeft > 0)
        {
            _endsLeft--;
            if (_endsLeft == 0)
            {
                _pauseLeft = clockRate * PauseMilliseconds / 1000;
            }

            return Packet(end: true, marker: false);
        }

        _sounded += units;
        var marker = _first;
        _first = false;
        if (_sounded < clockRate * ToneMilliseconds / 1000)
        {
            return Packet(end: false, marker);
        }

        _down = false;
        _endsLeft = EndRepeats - 1;
        return Packet(end: true, marker);
    }

    /// <summary>How long a key sounds.</summary>
    public const int ToneMilliseconds = 120;

    /// <summary>Silence between two keys, end packets not counted.</summary>
    public const int PauseMilliseconds = 60;

    private const int CommaMilliseconds = 500;

    private bool Begin(uint timestamp, int clockRate)
    {
        if (!_keys.TryDequeue(out var key))
        {
            return false;
        }

        if (key == ',')
        {
            _pauseLeft = clockRate * CommaMilliseconds / 1000;
            return false;
        }

        _code = TelephoneEvent.CodeOf(key)!.Value;
        _start = timestamp;
        _sounded = 0;
        _down = true;
        _first = true;
        return true;
    }

    private TelephoneEventPacket Packet(bool end, bool marker) =>
        new(new TelephoneEvent(_code, end, Volume, (ushort)Math.Min(_sounded, ushort.MaxValue)), marker, _start);
}
