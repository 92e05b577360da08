namespace Sift.Protocols.Rtp;

/// <summary>
/// Turns telephone-event packets into key presses, each reported once, as soon as it is known. An event is named by its SSRC and RTP
/// timestamp (RFC 4733 2.5.1.2), so retransmitted ends, lost starts and lost ends change nothing.
/// </summary>
public sealed class TelephoneEventReceiver
{
    private const int Remembered = 4;

    // Ends are sent three times and may be reordered with the next event's start; remembering a few events covers that.
    private readonly (uint Ssrc, uint Timestamp, bool Used)[] _seen = new (uint, uint, bool)[Remembered];
    private int _next;
    private bool _pressed;
    private byte _code;
    private uint _ssrc;
    private uint _timestamp;
    private ushort _duration;
    private TimeSpan _lastPacket;

    /// <summary>The event under way, for muting in-band detection; false between presses.</summary>
    public bool Pressed => _pressed;

    /// <summary>Takes a packet of the telephone-event payload type.</summary>
    /// <returns>The key when this packet is the first of a press, else null.</returns>
    public char? OnPacket(in RtpHeader header, ReadOnlySpan<byte> payload, TimeSpan now)
    {
        if (!TelephoneEvent.TryParse(payload, out var packet) || TelephoneEvent.KeyOf(packet.Event) is not { } key)
        {
            return null;
        }

        if (_pressed && header.Ssrc == _ssrc && IsSegmentOfCurrent(header.Timestamp, packet))
        {
            _lastPacket = now;
            _timestamp = header.Timestamp;
            _duration = packet.Duration;
            Remember(header.Ssrc, header.Timestamp);
            _pressed = !packet.End;
            return null;
        }

        if (Knows(header.Ssrc, header.Timestamp))
        {
            return null;
        }

        Remember(header.Ssrc, header.Timestamp);
        _pressed = !packet.End;
        _code = packet.Event;
        _ssrc = header.Ssrc;
        _timestamp = header.Timestamp;
        _duration = packet.Duration;
        _lastPacket = now;
        return key;
    }

    /// <summary>Ends a press whose end packets were all lost: no update for <see cref="LostEnd"/> (RFC 4733 2.5.2.2 leaves the time open).</summary>
    public void OnTime(TimeSpan now)
    {
        if (_pressed && now - _lastPacket >= LostEnd)
        {
            _pressed = false;
        }
    }

    /// <summary>Updates come each 20 to 50 ms; three lost in a row end the press.</summary>
    public static readonly TimeSpan LostEnd = TimeSpan.FromMilliseconds(200);

    // The same event, or (RFC 4733 2.5.1.3) the next segment of one longer than 65,535 units: its timestamp continues where the
    // duration of the one before ended at the maximum.
    private bool IsSegmentOfCurrent(uint timestamp, TelephoneEvent packet)
    {
        if (packet.Event != _code)
        {
            return false;
        }

        return timestamp == _timestamp || (_duration >= LongSegment && timestamp - _timestamp is >= LongSegment and <= ushort.MaxValue);
    }

    private const ushort LongSegment = 0xF000;

    private bool Knows(uint ssrc, uint timestamp)
    {
        foreach (var seen in _seen)
        {
            if (seen.Used && seen.Ssrc == ssrc && seen.Timestamp == timestamp)
            {
                return true;
            }
        }

        return false;
    }

    private void Remember(uint ssrc, uint timestamp)
    {
        if (Knows(ssrc, timestamp))
        {
            return;
        }

        _seen[_next] = (ssrc, timestamp, true);
        _next = (_next + 1) % Remembered;
    }
}
