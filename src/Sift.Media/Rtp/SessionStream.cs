using System.Diagnostics.CodeAnalysis;
using Sift.Media.Dtmf;
using Sift.Media.Legs;
using Sift.Protocols.Rtp;

namespace Sift.Media.Rtp;

/// <summary>
/// A session as its media thread sees it: what comes in, what goes out, and where the audio of each step is from. Everything here is
/// touched by that one thread only.
/// </summary>
internal sealed partial class SessionStream
{
    // After this many steps without a packet from the partner the gap is filled with silence, so that NAT and latches stay open.
    private const int RelayGapSteps = 10;

    private readonly MediaSession _session;
    private readonly MediaPorts _ports;
    private readonly IMediaSessionEvents _events;
    private readonly MediaEngine _engine;
    private readonly RtcpExchange _rtcp;
    private readonly MediaWatch _watch;
    private readonly DigitFilter _digitFilter = new();
    private readonly TelephoneEventSender _keys = new();
    private DtmfTone? _tone;
    private DtmfDetector? _detector;
    private MediaParameters? _parameters;
    private SessionCommand? _postponed;
    private IAudioTap? _tap;
    private short[] _input = [];
    private short[] _output = [];
    private bool _heard;
    private bool _ahead;
    private ISocketReadiness? _readiness;
    private int _rtpPlace;
    private int _controlPlace;

    public SessionStream(MediaSession session, MediaPorts ports, IMediaSessionEvents events, MediaEngine engine)
    {
        _session = session;
        _ports = ports;
        _events = events;
        _engine = engine;
        _rtcp = new RtcpExchange(engine.Entropy);
        _watch = new MediaWatch(engine.Options.MediaLossWarning, engine.Options.MediaLossTimeout);
        Outlet = new RtpOutlet(ports.Rtp, engine.Entropy);
        Player = new Player((id, end, error) => _events.OnPlaybackFinished(_session, id, end, error));
    }

    public RtpInlet Inlet { get; } = new();

    public RtpOutlet Outlet { get; }

    public Player Player { get; }

    public LevelMeter Meter { get; } = new();

    public bool Closed { get; private set; }

    /// <summary>The shard that takes the session over after this step.</summary>
    public MediaShard? MovingTo { get; private set; }

    public void Moved() => MovingTo = null;

    public void Configure(MediaParameters parameters, TimeSpan now)
    {
        _ownRate = parameters.Format.SampleRate;
        UseFormat(parameters);
        Outlet.Enabled = parameters.MaySend;
        ConfigureControl(parameters);
        _watch.Expect(parameters.ExpectsMedia, now);
        _rtcp.Start(now);
    }

    public void Restore(MediaSnapshot snapshot, MediaParameters parameters, TimeSpan now)
    {
        Configure(parameters, now);
        var gone = _engine.Time.GetUtcNow() - snapshot.TakenAt;
        var units = (uint)(Math.Max(0, gone.TotalSeconds) * parameters.Format.ClockRate);
        Outlet.Resume(snapshot.Ssrc, snapshot.Sequence, snapshot.Timestamp + units);
        if (snapshot.LatchedRemote is { } latched && System.Net.IPEndPoint.TryParse(latched, out var remote))
        {
            Inlet.Latch.Resume(TransportAddress.From(remote), now);
        }
    }

    public MediaSnapshot? Snapshot(TimeSpan now) => _parameters is not { } parameters ? null : new MediaSnapshot(
        _session.LocalPort,
        parameters.Remote.ToString(),
        parameters.RemoteControl?.ToString(),
        Inlet.Latch.Learned ? Inlet.Latch.Target.ToString() : null,
        parameters.Format.Name,
        parameters.Format.PayloadType,
        parameters.ReceivePayloadType,
        parameters.TelephoneEventPayloadType,
        parameters.ReceiveTelephoneEventPayloadType,
        parameters.Direction,
        parameters.SendPtime,
        parameters.RtcpMux,
        parameters.Latch,
        Outlet.Ssrc,
        Outlet.NextSequence,
        Outlet.Clock,
        _engine.Time.GetUtcNow());

    public void SetTap(IAudioTap? tap)
    {
        _tap?.OnEnd();
        _tap = tap;
    }

    public void SendDigits(string digits)
    {
        foreach (var digit in digits)
        {
            _keys.Enqueue(digit);
        }
    }

    public void HearDigit(char digit, DigitSource source, TimeSpan now)
    {
        if (!_digitFilter.IsNew(digit, source, now))
        {
            return;
        }

        Player.OnDigit();
        PassDigitOn(digit, source);
        _events.OnDigit(_session, digit, source);
    }

    /// <summary>When a media thread takes the session over: its sockets are asked about together with those of the others.</summary>
    public void EnterSockets(ISocketReadiness readiness)
    {
        if (!Closed)
        {
            _readiness = readiness;
            _rtpPlace = readiness.Enter(_ports.Rtp);
            _controlPlace = readiness.Enter(_ports.Control);
        }
    }

    /// <summary>When it gives the session away, and before the sockets are another's.</summary>
    public void LeaveSockets()
    {
        _readiness?.Leave(_rtpPlace, _ports.Rtp);
        _readiness?.Leave(_controlPlace, _ports.Control);
        _readiness = null;
    }

    /// <summary>First half of a step: commands, sockets, received audio.</summary>
    public void Receive(MediaShard shard, TimeSpan now)
    {
        if (Closed || !RunCommands(shard, now) || _parameters is not { } parameters)
        {
            return;
        }

        if (WantedRate(parameters) is var rate && rate != parameters.Format.SampleRate)
        {
            parameters = parameters with { Format = parameters.Format with { SampleRate = rate } };
            UseFormat(parameters);
        }

        Inlet.SetDecoding(NeedsInput(parameters));
        if (_readiness!.IsReady(_rtpPlace))
        {
            DrainRtp(shard, now);
        }

        if (_readiness.IsReady(_controlPlace))
        {
            DrainControl(shard, now);
        }

        Inlet.OnTime(now);
        Outlet.Target = Inlet.Latch.Target;
        if (Inlet.Decoding)
        {
            Inlet.ReadFrame(_input, now);
            DetectInBand(parameters, now);
            if (parameters.MeterLevels)
            {
                Meter.MeasureInput(_input);
            }
        }

        switch (_watch.Check(now))
        {
            case MediaSilence.Warn:
                _events.OnMediaLost(_session, _watch.SilentFor(now));
                break;
            case MediaSilence.TimedOut:
                _events.OnMediaTimeout(_session, _watch.SilentFor(now));
                break;
            case MediaSilence.Resumed:
                _events.OnMediaResumed(_session);
                break;
            case MediaSilence.None:
                break;
        }
    }

    /// <summary>
    /// Between two steps: a playback that was just asked for is heard now, not up to 20 ms later. What follows comes with the steps as ever, so
    /// that the far end has one frame more in its buffer, until the silence after the playback leaves one out.
    /// </summary>
    public void Hasten(MediaShard shard, TimeSpan now)
    {
        var playing = Player.Playing;
        if (Closed || MovingTo is not null || !RunCommands(shard, now) || _parameters is not { } parameters
            || _ahead || playing || !Player.Playing || _partner is not null || _tap is not null || KeysAreSent)
        {
            return;
        }

        _ahead = true;
        Outlet.Target = Inlet.Latch.Target;
        SendAudio(parameters);
        Outlet.Advance(1);
    }

    /// <summary>Second half of a step: send 20 ms of whatever has precedence.</summary>
    public void Send(MediaShard shard, TimeSpan now)
    {
        if (Closed || MovingTo is not null || _parameters is not { } parameters)
        {
            return;
        }

        if (_ahead && _partner is null && !Player.Playing && !KeysAreSent)
        {
            _ahead = false;
            Array.Clear(_output);
        }
        else
        {
            SendAudio(parameters);
            Outlet.Advance(1);
        }

        if (_tap is { } tap)
        {
            tap.OnFrame(_input, _output, parameters.Format.SampleRate);
        }

        if (parameters.MeterLevels)
        {
            Meter.MeasureOutput(_output);
        }

        if (_rtcp.IsDue(now))
        {
            SendControl(shard, now, bye: false);
        }
    }

    public void Close(TimeSpan now)
    {
        if (Closed)
        {
            return;
        }

        if (_parameters is not null && Outlet.PacketsSent > 0)
        {
            SendControl(_session.Shard, now, bye: true);
        }

        End();
        _events.OnClosed(_session, Quality());
    }

    /// <summary>After a fault: frees everything and still tells the owner.</summary>
    [SuppressMessage("Design", "CA1031", Justification = "Cleaning up after a fault must not end the media thread")]
    public void Abandon(bool tell)
    {
        if (Closed)
        {
            return;
        }

        try
        {
            End();
            if (tell)
            {
                _events.OnClosed(_session, Quality());
            }
        }
        catch (Exception exception)
        {
            _engine.ReportFault(exception, _session.LocalPort);
        }
    }

    private void End()
    {
        Closed = true;
        _session.MarkClosed();
        LeaveBridge();
        SetTap(null);
        Player.Close();
        Inlet.Dispose();
        Outlet.Dispose();
        LeaveSockets();
        _ports.Release();
        Drop(_postponed);
        Drop(_session.TakeCommands());
        _postponed = null;
    }

    private static void Drop(SessionCommand? command)
    {
        while (command is not null)
        {
            var next = command.Next;
            command.Drop();
            command = next;
        }
    }

    /// <returns>False when the session is closed or about to move to another thread.</returns>
    private bool RunCommands(MediaShard shard, TimeSpan now)
    {
        while (true)
        {
            var command = _postponed ?? (_session.HasCommands ? _session.TakeCommands() : null);
            _postponed = null;
            if (command is null)
            {
                return true;
            }

            for (; command is not null; command = command.Next)
            {
                if (command is JoinBridge join && join.Meeting != shard)
                {
                    LeaveBridge();
                    _postponed = command;
                    MovingTo = join.Meeting;
                    return false;
                }

                // Closing drops what follows; remember it, as End looks only at what was not taken yet.
                if (command is CloseSession)
                {
                    _postponed = command.Next;
                    command.Execute(this, now);
                    return false;
                }

                command.Execute(this, now);
            }
        }
    }

    private bool NeedsInput(MediaParameters parameters) =>
        _tap is not null || parameters.MeterLevels || parameters.TelephoneEventPayloadType is null || PartnerNeedsInput();

    private void DrainRtp(MediaShard shard, TimeSpan now)
    {
        var batch = shard.Batch;
        int count;
        var rounds = 0;
        do
        {
            count = _ports.Rtp.Receive(batch);
            for (var i = 0; i < count; i++)
            {
                var datagram = batch[i];
                var arrival = Arrival(shard, batch.Stamps[i], now);
                if (RtpHeader.IsRtcp(datagram))
                {
                    OnControl(datagram, batch.Sources[i], arrival, batch.Stamps[i], shard, now);
                    continue;
                }

                OnRtp(datagram, batch.Sources[i], arrival, now);
            }
        }
        while (count == DatagramBatch.Size && ++rounds < 4);
    }

    private void OnRtp(ReadOnlySpan<byte> datagram, TransportAddress source, TimeSpan arrival, TimeSpan now)
    {
        var kind = Inlet.OnDatagram(datagram, source, arrival, now, out var header, out var key);
        if (kind == InletPacket.Refused)
        {
            return;
        }

        _watch.OnPacket(now);
        if (!_heard)
        {
            _heard = true;
            _events.OnFirstPacket(_session);
        }

        RelayToPartner(kind, header, datagram.Slice(header.PayloadOffset, header.PayloadLength));
        if (key is { } pressed)
        {
            HearDigit(pressed, DigitSource.TelephoneEvent, now);
        }
    }

    private static TimeSpan Arrival(MediaShard shard, long stamp, TimeSpan now) =>
        stamp == 0 ? now : now + TimeSpan.FromTicks((stamp - shard.WallNanoseconds) / 100);

    private void DetectInBand(MediaParameters parameters, TimeSpan now)
    {
        if (parameters.TelephoneEventPayloadType is not null)
        {
            return;
        }

        _detector ??= new DtmfDetector(parameters.Format.SampleRate);
        if (_detector.Process(_input) is { } digit)
        {
            HearDigit(digit, DigitSource.InBand, now);
        }
    }

    /// <summary>Figures so far. May be read from another thread: they are then as good as the moment.</summary>
    public LegQuality Quality()
    {
        var reception = Inlet.Statistics;
        var format = _parameters?.Format ?? AudioFormat.Pcmu;
        var jitter = reception.Jitter(format.ClockRate);
        var expected = reception.Received + reception.Lost;
        double? score = expected == 0 ? null : OpinionScore.Estimate((double)reception.Lost / expected, jitter, _rtcp.RoundTrip);
        return new LegQuality(reception.Received, Outlet.PacketsSent, reception.Lost, jitter, _rtcp.RoundTrip, score, format.Name);
    }
}
