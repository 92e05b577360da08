using Sift.Protocols.Rtp;

namespace Sift.Media.Rtp;

/// <summary>What an RTP packet turned out to be.</summary>
internal enum InletPacket { Refused, Audio, Event, ComfortNoise }

/// <summary>
/// The stream a session receives: validity, latching, figures, and, when someone needs samples, jitter buffer, decoder and
/// concealment. A session that only plays prompts never decodes.
/// </summary>
internal sealed class RtpInlet
{
    private const byte ComfortNoisePayloadType = 13;
    private const int MaxPacketMilliseconds = 120;

    private readonly SymmetricLatch _latch = new();
    private readonly TelephoneEventReceiver _events = new();
    private MediaParameters? _parameters;
    private IAudioCodec _codec = MuLawCodec.Instance;
    private JitterBuffer? _jitter;
    private PacketLossConcealment? _concealment;
    private short[] _samples = [];
    private byte[] _payload = [];
    private int _buffered;
    private int _packetSamples = 160;

    public ReceptionStatistics Statistics { get; } = new();

    public SymmetricLatch Latch => _latch;

    /// <summary>Packets that were no RTP, of no negotiated payload type, or from a stranger.</summary>
    public long Refused { get; private set; }

    public bool HeardAnything { get; private set; }

    /// <summary>A telephone event is under way.</summary>
    public bool KeyDown => _events.Pressed;

    /// <summary>Milliseconds of audio in the packets that come.</summary>
    public int PacketMilliseconds { get; private set; }

    /// <summary>Whether packets are buffered and decoded. Switching it on starts with an empty buffer.</summary>
    public bool Decoding { get; private set; }

    public TimeSpan JitterDelay => _jitter?.Depth ?? TimeSpan.Zero;

    public void Configure(MediaParameters parameters)
    {
        if (_parameters is null || _parameters.Format.Name != parameters.Format.Name || _parameters.Format.SampleRate != parameters.Format.SampleRate)
        {
            _codec.Dispose();
            _codec = AudioCodecs.Create(parameters.Format);
            _parameters = parameters;
            ResetDecoding();
        }

        _parameters = parameters;
        _latch.OnSignalled(Sendable(parameters), parameters.Latch switch
        {
            LatchPolicy.SignalledOnly => LatchScope.SignalledOnly,
            LatchPolicy.SignalledHost => LatchScope.SameHost,
            LatchPolicy.AnyHost => LatchScope.AnyHost,
        });
    }

    /// <summary>Judges a datagram of the RTP port.</summary>
    /// <param name="key">The key, when the packet is the first of a press.</param>
    public InletPacket OnDatagram(ReadOnlySpan<byte> datagram, TransportAddress source, TimeSpan arrival, TimeSpan now, out RtpHeader header, out char? key)
    {
        key = null;
        if (_parameters is not { } parameters || !RtpHeader.TryParse(datagram, out header))
        {
            header = default;
            return Refuse();
        }

        var kind = Classify(header.PayloadType, parameters);
        if (kind == InletPacket.Refused || _latch.OnPacket(source, now) == LatchVerdict.Reject)
        {
            return Refuse();
        }

        if (!Statistics.OnPacket(header, arrival, parameters.Format.ClockRate))
        {
            return Refuse();
        }

        HeardAnything = true;
        var payload = datagram.Slice(header.PayloadOffset, header.PayloadLength);
        switch (kind)
        {
            case InletPacket.Event:
                key = _events.OnPacket(header, payload, now);
                break;
            case InletPacket.Audio when parameters.ExpectsMedia:
                OnAudio(header, payload, arrival, parameters);
                break;
        }

        return kind;
    }

    public void OnTime(TimeSpan now) => _events.OnTime(now);

    public void SetDecoding(bool decoding)
    {
        if (decoding == Decoding)
        {
            return;
        }

        Decoding = decoding;
        if (!decoding || _parameters is not { } parameters)
        {
            _jitter?.Reset();
            _buffered = 0;
            return;
        }

        var rate = parameters.Format.SampleRate;
        _jitter ??= new JitterBuffer(_codec.LargestPayload);
        _concealment ??= new PacketLossConcealment(rate);
        if (_samples.Length == 0)
        {
            _samples = new short[rate / 1000 * (MaxPacketMilliseconds + 20)];
            _payload = new byte[_codec.LargestPayload];
        }
    }

    /// <summary>The next 20 ms of what was received, concealed where lost, silent where nothing came.</summary>
    /// <returns>False when the frame is silence because there was nothing to play.</returns>
    public bool ReadFrame(Span<short> frame, TimeSpan now)
    {
        if (_jitter is null || _concealment is null || !Decoding)
        {
            frame.Clear();
            return false;
        }

        while (_buffered < frame.Length)
        {
            var free = _samples.AsSpan(_buffered);
            switch (_jitter.Take(now, _payload, out var length))
            {
                case JitterTake.Packet:
                    var decoded = _codec.Decode(_payload.AsSpan(0, length), free);
                    if (decoded == 0)
                    {
                        decoded = Conceal(free[..Math.Min(_packetSamples, free.Length)]);
                    }
                    else
                    {
                        _concealment.OnReceived(free[..decoded]);
                    }

                    _buffered += decoded;
                    break;
                case JitterTake.Lost:
                    _buffered += Conceal(free[..Math.Min(_packetSamples, free.Length)]);
                    break;
                case JitterTake.Idle:
                    var had = _buffered;
                    _samples.AsSpan(0, had).CopyTo(frame);
                    frame[had..].Clear();
                    _buffered = 0;
                    return had > 0;
            }
        }

        _samples.AsSpan(0, frame.Length).CopyTo(frame);
        _buffered -= frame.Length;
        _samples.AsSpan(frame.Length, _buffered).CopyTo(_samples);
        return true;
    }

    public void Dispose() => _codec.Dispose();

    private int Conceal(Span<short> missing)
    {
        _jitter!.TryPeek(out var next);
        var made = _codec.Conceal(next, missing);
        if (made > 0)
        {
            return made;
        }

        _concealment!.Conceal(missing);
        return missing.Length;
    }

    private void OnAudio(in RtpHeader header, ReadOnlySpan<byte> payload, TimeSpan arrival, MediaParameters parameters)
    {
        var samples = _codec.CountSamples(payload);
        if (samples <= 0 || samples > parameters.Format.SampleRate / 1000 * MaxPacketMilliseconds)
        {
            return;
        }

        _packetSamples = samples;
        PacketMilliseconds = samples * 1000 / parameters.Format.SampleRate;
        if (Decoding)
        {
            _jitter!.Put(header, payload, arrival, TimeSpan.FromMilliseconds(PacketMilliseconds), parameters.Format.ClockRate);
        }
    }

    private static InletPacket Classify(byte payloadType, MediaParameters parameters)
    {
        if (payloadType == (parameters.ReceivePayloadType ?? parameters.Format.PayloadType) || payloadType == parameters.Format.PayloadType)
        {
            return InletPacket.Audio;
        }

        if (parameters.TelephoneEventPayloadType is { } sent && (payloadType == (parameters.ReceiveTelephoneEventPayloadType ?? sent)))
        {
            return InletPacket.Event;
        }

        return payloadType == ComfortNoisePayloadType ? InletPacket.ComfortNoise : InletPacket.Refused;
    }

    private static TransportAddress Sendable(MediaParameters parameters) => TransportAddress.From(parameters.Remote);

    private InletPacket Refuse()
    {
        Refused++;
        return InletPacket.Refused;
    }

    private void ResetDecoding()
    {
        _jitter = null;
        _concealment = null;
        _samples = [];
        _buffered = 0;
        if (Decoding)
        {
            Decoding = false;
            SetDecoding(true);
        }
    }
}
