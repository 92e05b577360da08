using System.Numerics;

namespace Sift.Protocols.Rtp;

/// <summary>What became of a packet given to the buffer.</summary>
public enum JitterPut { Stored, Duplicate, Late, TooLarge }

/// <summary>What the buffer has for the next stretch of audio.</summary>
public enum JitterTake
{
    /// <summary>A packet, its payload copied out.</summary>
    Packet,

    /// <summary>The next packet is missing: conceal one packet's worth.</summary>
    Lost,

    /// <summary>Nothing to play: the stream has not begun, paused, or is filling up again. Play silence.</summary>
    Idle,
}

/// <summary>
/// An adaptive jitter buffer. It fetches memory for as many packets as ever waited at once, then uses that again. Its delay grows when packets come too late (an underrun conceals without moving
/// on) and shrinks when for a while even the slowest packet came early, between <see cref="MinDelay"/> and <see cref="MaxDelay"/>.
/// It starts again by itself on a new SSRC, a jump of sequence numbers or a pause.
/// </summary>
public sealed class JitterBuffer
{
    public static readonly TimeSpan MinDelay = TimeSpan.FromMilliseconds(20);
    public static readonly TimeSpan MaxDelay = TimeSpan.FromMilliseconds(200);

    /// <summary>Fits G.711 of 60 ms.</summary>
    public const int DefaultPayloadSize = 480;

    private const int Capacity = 64;
    private const int Mask = Capacity - 1;
    private const int FirstCells = 4;
    private const int UnderrunsToIdle = 5;

    // Seconds; with a packet of 20 ms the first fill waits 40 ms.
    private const double InitialDeviation = 0.020;
    private static readonly TimeSpan ShrinkWindow = TimeSpan.FromSeconds(2);

    private readonly int _payloadSize;
    private byte[] _payloads = [];

    // Which stretches of _payloads hold a packet: a bit each, of as many as there are slots.
    private ulong _cells;
    private readonly Slot[] _slots = new Slot[Capacity];
    private uint _ssrc;
    private ushort _next;
    private ushort _newest;
    private int _count;
    private bool _started;
    private bool _playing;
    private int _underruns;
    private TimeSpan _fillSince;
    private TimeSpan _packetTime = TimeSpan.FromMilliseconds(20);
    private double _minTransit;
    private double _peakDeviation = InitialDeviation;
    private bool _hasTransit;
    private uint _lastTimestamp;
    private TimeSpan _windowStart;
    private int _windowSlack = int.MaxValue;
    private bool _dropNext;

    public JitterBuffer(int payloadSize = DefaultPayloadSize) => _payloadSize = payloadSize;

    /// <summary>Delay aimed at when the buffer fills: what the recent unevenness of arrivals asks for.</summary>
    public TimeSpan Target { get; private set; } = TimeSpan.FromMilliseconds(40);

    /// <summary>Audio waiting now.</summary>
    public TimeSpan Depth => _packetTime * _count;

    public long LateDropped { get; private set; }

    public long Duplicates { get; private set; }

    public long Concealed { get; private set; }

    /// <summary>Packets skipped to shorten the delay.</summary>
    public long Shortened { get; private set; }

    /// <summary>Stores a packet.</summary>
    /// <param name="arrival">When it reached the host.</param>
    /// <param name="packetTime">The audio it holds.</param>
    public JitterPut Put(in RtpHeader header, ReadOnlySpan<byte> payload, TimeSpan arrival, TimeSpan packetTime, int clockRate)
    {
        if (payload.Length > _payloadSize)
        {
            return JitterPut.TooLarge;
        }

        var ahead = (short)(header.Sequence - _next);
        if (!_started || header.Ssrc != _ssrc || ahead >= Capacity || ahead < -Capacity)
        {
            Restart(header, arrival);
            ahead = 0;
        }
        else if (_count == 0 && !_playing)
        {
            // First of a new talk spurt, or of a pause's end: take the numbering from here, whatever was skipped.
            if (ahead < 0)
            {
                return Drop();
            }

            _next = header.Sequence;
            _newest = header.Sequence;
            _fillSince = arrival;
            _hasTransit = false;
            ahead = 0;
        }

        if (packetTime > TimeSpan.Zero)
        {
            _packetTime = packetTime;
        }

        Observe(header, arrival, clockRate);
        if (ahead < 0)
        {
            // While filling, nothing was played yet, so an older packet simply becomes the first.
            if (_playing || (short)(_newest - header.Sequence) >= Capacity)
            {
                return Drop();
            }

            _next = header.Sequence;
        }

        ref var slot = ref _slots[header.Sequence & Mask];
        if (slot.Used && slot.Sequence == header.Sequence)
        {
            Duplicates++;
            return JitterPut.Duplicate;
        }

        if (slot.Used)
        {
            Free(slot);
        }

        slot = new Slot(true, TakeCell(), header.Sequence, header.Timestamp, payload.Length, header.Marker);
        payload.CopyTo(_payloads.AsSpan(slot.Cell * _payloadSize));
        _count++;
        if ((short)(header.Sequence - _newest) > 0)
        {
            _newest = header.Sequence;
        }

        return JitterPut.Stored;
    }

    /// <summary>Gives the next packet in order. Call it each time a packet's worth of audio is needed.</summary>
    /// <param name="payload">Receives the payload; at least the payload size given at construction.</param>
    public JitterTake Take(TimeSpan now, Span<byte> payload, out int length)
    {
        length = 0;
        if (!_playing && !BeginPlaying(now))
        {
            return JitterTake.Idle;
        }

        TrimToMaximum();
        ShrinkWhenSlack(now);
        ref var slot = ref _slots[_next & Mask];
        if (slot.Used && slot.Sequence == _next)
        {
            length = slot.Length;
            _payloads.AsSpan(slot.Cell * _payloadSize, length).CopyTo(payload);
            Advance(ref slot);
            _underruns = 0;
            _windowSlack = Math.Min(_windowSlack, _count);
            return JitterTake.Packet;
        }

        Concealed++;
        if (_count > 0)
        {
            // A gap with later packets behind it: that one is lost.
            _next++;
            _underruns = 0;
            return JitterTake.Lost;
        }

        // Nothing behind it: it may be late. Conceal without moving on, which lengthens the delay by one packet.
        _windowSlack = 0;
        if (++_underruns >= UnderrunsToIdle)
        {
            _playing = false;
            _underruns = 0;
        }

        return JitterTake.Lost;
    }

    /// <summary>The payload that comes next, without taking it: after <see cref="JitterTake.Lost"/>, the packet behind the lost one.</summary>
    /// <returns>False when it is not there.</returns>
    public bool TryPeek(out ReadOnlySpan<byte> payload)
    {
        ref var slot = ref _slots[_next & Mask];
        var there = slot.Used && slot.Sequence == _next;
        payload = there ? _payloads.AsSpan(slot.Cell * _payloadSize, slot.Length) : default;
        return there;
    }

    public void Reset()
    {
        Clear();
        _started = false;
        _hasTransit = false;
        _peakDeviation = InitialDeviation;
        Target = TimeSpan.FromMilliseconds(40);
    }

    private JitterPut Drop()
    {
        LateDropped++;
        return JitterPut.Late;
    }

    private void Restart(in RtpHeader header, TimeSpan arrival)
    {
        Clear();
        _started = true;
        _ssrc = header.Ssrc;
        _next = header.Sequence;
        _newest = header.Sequence;
        _fillSince = arrival;
        _hasTransit = false;
    }

    private void Clear()
    {
        Array.Clear(_slots);
        _cells = 0;
        _count = 0;
        _playing = false;
        _underruns = 0;
        _dropNext = false;
    }

    private bool BeginPlaying(TimeSpan now)
    {
        // The packet that started the filling must have waited for the target, or that much must be here already (a burst).
        if (_count == 0 || (now - _fillSince < Target && Depth <= Target))
        {
            return false;
        }

        _playing = true;
        _windowStart = now;
        _windowSlack = int.MaxValue;
        return true;
    }

    private void Observe(in RtpHeader header, TimeSpan arrival, int clockRate)
    {
        var sent = (double)header.Timestamp / clockRate;
        var transit = arrival.TotalSeconds - sent;
        var step = (int)(header.Timestamp - _lastTimestamp);
        if (!_hasTransit || step > 2 * clockRate || step < -clockRate / 2 || (step >= 0 && header.Timestamp < _lastTimestamp))
        {
            // The first packet, a jump or a wrap of timestamps: measure from here.
            _minTransit = transit;
            _hasTransit = true;
            _lastTimestamp = header.Timestamp;
            return;
        }

        if (step < 0)
        {
            return;
        }

        _lastTimestamp = header.Timestamp;

        // The fastest packet marks zero; the mark creeps up (0.1 ms per packet) so that clock drift does not look like delay.
        _minTransit = Math.Min(transit, _minTransit + 0.0001);
        var deviation = transit - _minTransit;
        _peakDeviation = Math.Max(deviation, _peakDeviation * 0.998);
        var wanted = TimeSpan.FromSeconds(_peakDeviation) + _packetTime;
        Target = wanted < MinDelay ? MinDelay : wanted > MaxDelay ? MaxDelay : wanted;
    }

    private void TrimToMaximum()
    {
        while (_count > 1 && Depth > MaxDelay)
        {
            SkipOne();
        }
    }

    private void ShrinkWhenSlack(TimeSpan now)
    {
        if (now - _windowStart >= ShrinkWindow)
        {
            _dropNext = _windowSlack != int.MaxValue && _windowSlack >= 1 && Depth > Target;
            _windowStart = now;
            _windowSlack = int.MaxValue;
        }

        if (_dropNext && _count > 1)
        {
            _dropNext = false;
            SkipOne();
        }
    }

    private void SkipOne()
    {
        ref var slot = ref _slots[_next & Mask];
        if (slot.Used && slot.Sequence == _next)
        {
            Advance(ref slot);
            Shortened++;
        }
        else
        {
            _next++;
        }
    }

    private void Advance(ref Slot slot)
    {
        Free(slot);
        slot = default;
        _next++;
        _count--;
    }

    private byte TakeCell()
    {
        // One is free: there are as many cells as slots, and the caller has a slot without one.
        var cell = BitOperations.TrailingZeroCount(~_cells);
        _cells |= 1UL << cell;
        if ((cell + 1) * _payloadSize > _payloads.Length)
        {
            Array.Resize(ref _payloads, Math.Min(Math.Max(2 * cell, FirstCells), Capacity) * _payloadSize);
        }

        return (byte)cell;
    }

    private void Free(in Slot slot) => _cells &= ~(1UL << slot.Cell);

    private readonly record struct Slot(bool Used, byte Cell, ushort Sequence, uint Timestamp, int Length, bool Marker);
}
