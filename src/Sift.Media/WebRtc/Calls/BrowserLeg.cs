using Sift.Media.Legs;
using Sift.Media.Sip;
using Sift.Media.WebRtc.Transport;
using Sift.Protocols.Ice;
using Sift.Protocols.Rtp;
using Sift.Protocols.Sdp;

namespace Sift.Media.WebRtc.Calls;

/// <summary>Where a browser leg stands.</summary>
internal enum BrowserLegStage
{
    /// <summary>A client called; call control has not decided.</summary>
    Offered,

    /// <summary>We call a client; nobody has accepted.</summary>
    Ringing,

    /// <summary>Accepted; the client's offer is awaited.</summary>
    AwaitingOffer,

    /// <summary>Answered; connectivity checks and the DTLS handshake go on.</summary>
    Connecting,

    Up,

    /// <summary>Over; its media closes and then its LegEnded is said.</summary>
    Ended,
}

/// <summary>One browser call as a leg: joins a client's signalling, its transport and a media session.</summary>
internal sealed class BrowserLeg
{
    private readonly IBrowserHost _host;
    private readonly BrowserAudio _audio;
    private readonly BrowserTransport _transport;
    private ReactorTimer? _timer;
    private BrowserSocket? _socket;
    private LegMedia? _media;
    private BrowserAgreement? _agreement;
    private SessionDescription? _waitingOffer;
    private bool _saidRinging;
    private bool _wasUp;
    private bool _held;

    private BrowserLeg(IBrowserHost host, LegId id, BrowserLegStage stage, IReadOnlyList<string> preferredCodecs)
    {
        _host = host;
        Id = id;
        Stage = stage;
        _audio = new BrowserAudio(host, preferredCodecs);
        _transport = new BrowserTransport(host, this);
    }

    public LegId Id { get; }

    public BrowserLegStage Stage { get; private set; }

    /// <summary>Null before the first answer and after the end.</summary>
    public LegMedia? Media => _media;

    /// <summary>Where media leaves; null before the first offer.</summary>
    internal BrowserSocket? Socket => _socket;

    public BrowserTransport Transport => _transport;

    /// <summary>A client calls.</summary>
    public static BrowserLeg Incoming(IBrowserHost host, BrowserCall call)
    {
        var leg = new BrowserLeg(host, call.Leg, BrowserLegStage.Offered, []);
        leg.Arm(host.Options.IncomingTimeout, () => leg.End(LegEndCause.NoAnswer, "nobody took the call", byClient: false));
        return leg;
    }

    /// <summary>A client is called.</summary>
    public static BrowserLeg Outgoing(IBrowserHost host, DialLeg dial)
    {
        var leg = new BrowserLeg(host, dial.Leg, BrowserLegStage.Ringing, dial.PreferredCodecs);
        leg.Arm(dial.RingTimeout, () => leg.End(LegEndCause.NoAnswer, "no client answered", byClient: false));
        return leg;
    }

    /// <summary>Call control decided to let it ring on.</summary>
    public void Ring()
    {
        if (Stage == BrowserLegStage.Offered)
        {
            Disarm();
        }
    }

    /// <summary>Call control takes the client's call.</summary>
    public void Answer()
    {
        if (Stage == BrowserLegStage.Offered)
        {
            ExpectOffer();
        }
    }

    public void Reject(LegEndCause cause)
    {
        if (Stage == BrowserLegStage.Offered)
        {
            End(cause, "refused", byClient: false);
        }
    }

    public void HangUp(string reason) => End(LegEndCause.LocalHangUp, reason, byClient: false);

    /// <summary>A client rings.</summary>
    public void ClientRings()
    {
        if (Stage == BrowserLegStage.Ringing && !_saidRinging)
        {
            _saidRinging = true;
            _host.Emit(new LegRinging(Id, EarlyMedia: false));
        }
    }

    /// <summary>A client took our call.</summary>
    public void ClientAccepts()
    {
        if (Stage == BrowserLegStage.Ringing)
        {
            ExpectOffer();
        }
    }

    public void ClientRefuses(LegEndCause cause, string? detail)
    {
        if (Stage == BrowserLegStage.Ringing)
        {
            End(cause, detail, byClient: true);
        }
    }

    public void ClientHangsUp(LegEndCause cause, string? detail) => End(cause, detail, byClient: true);

    /// <summary>A description of the client: the first, or in mid-call for an ICE restart, another peer connection, hold.</summary>
    public void Offer(string sdp)
    {
        if (Stage == BrowserLegStage.Ended)
        {
            return;
        }

        if (BrowserAudio.Parse(sdp, out var failure) is not { } offer)
        {
            RefuseOffer(failure!);
            return;
        }

        if (Stage is BrowserLegStage.Offered or BrowserLegStage.Ringing)
        {
            // Clients offer as soon as they can; the answer, and with it media, waits for the decision.
            _waitingOffer = offer;
            return;
        }

        Negotiate(offer);
    }

    /// <summary>An address at which the client says it can be reached.</summary>
    public void AddCandidate(IceCandidate candidate) => _transport.AddCandidate(candidate);

    /// <summary>The shared port got a further candidate.</summary>
    public void Announce(string candidate)
    {
        if (_agreement is { } agreement && Stage != BrowserLegStage.Ended)
        {
            _host.Signalling.Candidate(Id, "candidate:" + candidate, agreement.Mid, agreement.MediaIndex);
        }
    }

    /// <summary>A key that the client sent by signalling.</summary>
    public void ClientDigit(char digit)
    {
        if (Stage == BrowserLegStage.Up)
        {
            _media!.Session.ReportDigit(digit, DigitSource.Client);
        }
    }

    /// <summary>The peer has proven who it is and keys are there.</summary>
    internal void OnSecured()
    {
        Disarm();
        _media!.Configure(_agreement!.Parameters);
        if (Stage == BrowserLegStage.Connecting)
        {
            Stage = BrowserLegStage.Up;
            _wasUp = true;
            _host.Emit(new LegAnswered(Id));
            ReportHold();
        }
    }

    /// <summary>The peer's transport ended: by itself, or it never came to be.</summary>
    internal void OnTransportFailed(LegEndCause cause, string reason) => End(cause, reason, byClient: false);

    /// <summary>A DTLS goodbye: the page is closed, or reloads and is back in a moment.</summary>
    internal void OnGoodbye()
    {
        if (Stage is BrowserLegStage.Up or BrowserLegStage.Connecting)
        {
            Arm(_host.Options.ReloadGrace, () => End(LegEndCause.RemoteHangUp, "the browser closed the connection", byClient: false));
        }
    }

    internal void OnSelected(TransportAddress remote) => _socket?.SendTo(remote);

    private void ExpectOffer()
    {
        Stage = BrowserLegStage.AwaitingOffer;
        if (_waitingOffer is { } offer)
        {
            _waitingOffer = null;
            Negotiate(offer);
            return;
        }

        var limit = _host.Options.OfferTimeout;
        Arm(limit, () => End(LegEndCause.Error, $"the browser offered no audio within {limit.TotalSeconds:0} s: no microphone, or its use was refused", byClient: false));
    }

    private void Negotiate(SessionDescription offer)
    {
        _socket ??= new BrowserSocket(_host.Port, _host.Counters);
        _media ??= LegMedia.Open(_host, Id, () => End(LegEndCause.MediaTimeout, "no media", byClient: false), _socket, _host.Port.Port);
        var credentials = _transport.CredentialsFor(offer);
        var agreement = _audio.Answer(offer, credentials, _transport.Fingerprint, _media.Session.Stream.Outlet.Ssrc, out var answer, out var failure);
        if (agreement is null)
        {
            RefuseOffer(failure!);
            return;
        }

        _agreement = agreement;
        var renewed = _transport.Apply(agreement.Security, credentials);
        _host.Signalling.Answer(Id, answer!);
        if (renewed)
        {
            var limit = _host.Options.ConnectTimeout;
            Arm(limit, () => End(LegEndCause.Unreachable, _transport.WhatIsMissing(limit), byClient: false));
        }
        else if (Stage == BrowserLegStage.Up)
        {
            // The association goes on: the goodbye of an earlier page, if any, is not the last word.
            Disarm();
            _media.Configure(agreement.Parameters);
        }

        if (Stage == BrowserLegStage.AwaitingOffer)
        {
            Stage = BrowserLegStage.Connecting;
        }

        ReportHold();
    }

    private void RefuseOffer(string reason)
    {
        _host.Signalling.RefuseOffer(Id, reason);
        if (!_wasUp)
        {
            End(LegEndCause.Error, reason, byClient: false);
        }
    }

    private void ReportHold()
    {
        if (Stage != BrowserLegStage.Up || _agreement is not { } agreement)
        {
            return;
        }

        _media!.IsWatched = !agreement.IsHeldByPeer;
        if (agreement.IsHeldByPeer != _held)
        {
            _held = agreement.IsHeldByPeer;
            _host.Emit(new LegHoldChanged(Id, _held));
        }
    }

    private void Arm(TimeSpan delay, Action due)
    {
        Disarm();
        _timer = _host.After(delay, due);
    }

    private void Disarm()
    {
        _timer?.Cancel();
        _timer = null;
    }

    private void End(LegEndCause cause, string? detail, bool byClient)
    {
        if (Stage == BrowserLegStage.Ended)
        {
            return;
        }

        Stage = BrowserLegStage.Ended;
        Disarm();
        _host.Routes.Remove(this);
        _host.Signalling.End(new BrowserEnd(Id, _wasUp, byClient, cause, detail));
        if (_media is { } media)
        {
            _media = null;
            media.Close(Say);
        }
        else
        {
            Say(null);
        }

        void Say(Legs.LegQuality? quality)
        {
            // After the last RTCP packet, which the media thread sends while it closes.
            _transport.Close();
            _host.Emit(new LegEnded(Id, cause, null, detail) { Quality = quality });
            _host.Forget(this);
        }
    }
}
