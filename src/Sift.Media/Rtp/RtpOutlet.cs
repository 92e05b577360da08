using System.Buffers.Binary;
using Sift.Protocols;
using Sift.Protocols.Rtp;

namespace Sift.Media.Rtp;

/// <summary>
/// The stream a session sends: one SSRC, unbroken sequence numbers and a timestamp that advances with real time, whatever the
/// audio comes from (sources, a partner's packets, keys).
/// </summary>
internal sealed class RtpOutlet
{
    // A packet of an earlier anchor would jump back in the far end's buffer.
    private const int RelayBackLimit = 16;
    private const int MaxRelayGap = 1000;

    private readonly byte[] _packet = new byte[DatagramBatch.DatagramSize];
    private readonly IDatagramSocket _socket;
    private short[] _pending = [];
    private int _pendingCount;
    private IAudioCodec _codec = MuLawCodec.Instance;
    private AudioFormat _format = AudioFormat.Pcmu;
    private ushort _sequence;
    private uint _lastTimestamp;
    private uint _pendingTimestamp;
    private int _samplesPerPacket = 160;
    private bool _marker = true;
    private bool _anchored;
    private uint _relaySsrc;
    private int _relaySequenceOffset;
    private uint _relayTimestampOffset;
    private ushort _relayFirst;

    public RtpOutlet(IDatagramSocket socket, IEntropy entropy)
    {
        _socket = socket;

        // RFC 3550 5.1: SSRC, first sequence number and first timestamp are random.
        Span<byte> random = stackalloc byte[10];
        entropy.Fill(random);
        Ssrc = BinaryPrimitives.ReadUInt32LittleEndian(random);
        Clock = BinaryPrimitives.ReadUInt32LittleEndian(random[4..]);
        _sequence = BinaryPrimitives.ReadUInt16LittleEndian(random[8..]);
        _lastTimestamp = Clock - 1;
    }

    public uint Ssrc { get; private set; }

    /// <summary>The RTP timestamp of now.</summary>
    public uint Clock { get; private set; }

    public ushort NextSequence => _sequence;

    public long PacketsSent { get; private set; }

    public long OctetsSent { get; private set; }

    public long SendFailures { get; private set; }

    public TransportAddress Target { get; set; }

    public bool Enabled { get; set; }

    /// <summary>Samples per 20 ms frame.</summary>
    public int FrameSamples => _format.SampleRate / 50;

    public int ClockUnitsPerTick => _format.ClockRate / 50;

    public void Configure(AudioFormat format, int ptime)
    {
        if (format.Name != _format.Name || format.SampleRate != _format.SampleRate)
        {
            _codec.Dispose();
            _codec = AudioCodecs.Create(format);
        }

        var samples = format.SampleRate / 1000 * ptime;
        if (samples != _samplesPerPacket || _pending.Length == 0 || format != _format)
        {
            _samplesPerPacket = samples;
            _pending = new short[samples + FrameCapacity(format)];
            _pendingCount = 0;
        }

        _format = format;
        _anchored = false;
    }

    public void Resume(uint ssrc, ushort sequence, uint timestamp)
    {
        Ssrc = ssrc;
        _sequence = sequence;
        Clock = timestamp;
        _lastTimestamp = timestamp - 1;
    }

    /// <summary>Lets steps of 20 ms pass on the stream's clock: one after each sending, more when the thread fell behind.</summary>
    public void Advance(int steps) => Clock += (uint)(ClockUnitsPerTick * steps);

    /// <summary>Sends a 20 ms frame, cut or joined to the packet length agreed on.</summary>
    public void SendFrame(ReadOnlySpan<short> frame)
    {
        _anchored = false;
        if (!Enabled)
        {
            _pendingCount = 0;
            _marker = true;
            return;
        }

        var units = (uint)(_format.ClockRate / 1000);
        var perMillisecond = (uint)(_format.SampleRate / 1000);
        if (_pendingCount == 0)
        {
            if ((int)(Clock - _lastTimestamp) <= 0)
            {
                // A relayed stream ran ahead of our clock: go on from its end.
                Clock = _lastTimestamp + (uint)ClockUnitsPerTick;
            }

            _pendingTimestamp = Clock;
        }

        frame.CopyTo(_pending.AsSpan(_pendingCount));
        _pendingCount += frame.Length;
        var taken = 0;
        while (_pendingCount - taken >= _samplesPerPacket)
        {
            var length = _codec.Encode(_pending.AsSpan(taken, _samplesPerPacket), _packet.AsSpan(RtpHeader.FixedSize));
            SendPacket(_format.PayloadType, _pendingTimestamp, length);
            taken += _samplesPerPacket;
            _pendingTimestamp += (uint)_samplesPerPacket / perMillisecond * units;
        }

        if (taken > 0)
        {
            _pendingCount -= taken;
            _pending.AsSpan(taken, _pendingCount).CopyTo(_pending);
        }
    }

    public void SendEvent(in TelephoneEventPacket packet, byte payloadType)
    {
        _anchored = false;
        _pendingCount = 0;
        if (!Enabled)
        {
            return;
        }

        packet.Event.Write(_packet.AsSpan(RtpHeader.FixedSize));
        _marker = packet.Marker;
        SendPacket(payloadType, packet.Timestamp, TelephoneEvent.Size);

        // The audio after the event is a new talk spurt.
        _marker = true;
    }

    /// <summary>Passes on a partner's packet with our SSRC; its sequence and timestamp are moved by offsets found at the first one.</summary>
    public void Relay(in RtpHeader header, ReadOnlySpan<byte> payload, byte payloadType)
    {
        if (!Enabled || payload.Length > _packet.Length - RtpHeader.FixedSize)
        {
            return;
        }

        var sinceFirst = (short)(header.Sequence - _relayFirst);
        if (!_anchored || header.Ssrc != _relaySsrc || Jumped(header))
        {
            Anchor(header);
        }
        else if (sinceFirst is < 0 and > -RelayBackLimit)
        {
            return;
        }

        // Old packets must not be mistaken for ones before the anchor once the numbers have run half round.
        if (sinceFirst > 0x4000)
        {
            _relayFirst = (ushort)(header.Sequence - 0x100);
        }

        var sequence = (ushort)(header.Sequence + _relaySequenceOffset);
        var timestamp = header.Timestamp + _relayTimestampOffset;
        RtpHeader.Write(_packet, payloadType, header.Marker || _marker, sequence, timestamp, Ssrc);
        payload.CopyTo(_packet.AsSpan(RtpHeader.FixedSize));
        Transmit(payload.Length);
        _marker = false;
        if ((short)(sequence - _sequence) >= 0)
        {
            _sequence = (ushort)(sequence + 1);
        }

        if ((int)(timestamp - _lastTimestamp) > 0)
        {
            _lastTimestamp = timestamp;
        }
    }

    /// <summary>The partner fell silent or left: what comes next from it is fitted in anew.</summary>
    public void Unanchor() => _anchored = false;

    /// <summary>What the far end's receiver report says of our packets.</summary>
    public void OnLossReported(double share) => _codec.OnLossReported(share);

    public void Dispose() => _codec.Dispose();

    private static int FrameCapacity(AudioFormat format) => format.SampleRate / 50;

    private void Anchor(in RtpHeader header)
    {
        // Never at or before what was sent already, else the far end drops it as old.
        var earliest = _lastTimestamp + (uint)(_format.ClockRate / 1000 * _samplesPerPacket / (_format.SampleRate / 1000));
        var start = (int)(Clock - earliest) >= 0 ? Clock : earliest;
        _anchored = true;
        _marker = true;
        _relaySsrc = header.Ssrc;
        _relayFirst = header.Sequence;
        _relaySequenceOffset = _sequence - header.Sequence;
        _relayTimestampOffset = start - header.Timestamp;
        _pendingCount = 0;
    }

    private bool Jumped(in RtpHeader header)
    {
        var late = (int)(header.Timestamp + _relayTimestampOffset - Clock);
        var ahead = (short)(header.Sequence + _relaySequenceOffset - _sequence);
        return Math.Abs(late) > 2 * _format.ClockRate || ahead is > MaxRelayGap or < -MaxRelayGap;
    }

    private void SendPacket(byte payloadType, uint timestamp, int payloadLength)
    {
        RtpHeader.Write(_packet, payloadType, _marker, _sequence, timestamp, Ssrc);
        _marker = false;
        _sequence++;
        _lastTimestamp = (int)(timestamp - _lastTimestamp) > 0 ? timestamp : _lastTimestamp;
        Transmit(payloadLength);
    }

    private void Transmit(int payloadLength)
    {
        if (_socket.Send(_packet.AsSpan(0, RtpHeader.FixedSize + payloadLength), Target))
        {
            PacketsSent++;
            OctetsSent += payloadLength;
        }
        else
        {
            SendFailures++;
        }
    }
}
