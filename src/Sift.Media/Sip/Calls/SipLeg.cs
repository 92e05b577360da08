using Sift.Media.Legs;
using Sift.Media.Sip.Calls.Outbound;
using Sift.Protocols.Sip.Messages;
using Sift.Protocols.Sip.UserAgent;

namespace Sift.Media.Sip.Calls;

/// <summary>Where a SIP leg stands.</summary>
internal enum SipLegStage
{
    /// <summary>Somebody calls; call control has not decided.</summary>
    Offered,

    /// <summary>200 is sent, the ACK is awaited.</summary>
    Answering,

    /// <summary>We call.</summary>
    Dialling,

    Up,

    /// <summary>The leg is over; its media closes and then its LegEnded is said.</summary>
    Ended,
}

/// <summary>One SIP call as a leg: joins a call of the core with an RTP session.</summary>
internal sealed partial class SipLeg : IHostedLeg, ISipCallOwner
{
    private readonly ILegHost _host;
    private readonly LegAudio _audio;
    private ReactorTimer? _decisionTimer;
    private OutboundCall? _outbound;
    private SipCallId _call;
    private bool _earlyMedia;
    private bool? _toldRinging;
    private bool _held;
    private ReadOnlyMemory<byte> _offer;

    private SipLeg(ILegHost host, LegId id, SipLegStage stage, LegAudio audio)
    {
        _host = host;
        Id = id;
        Stage = stage;
        _audio = audio;
    }

    public LegId Id { get; }

    public LegId Leg => Id;

    public SipLegStage Stage { get; private set; }

    public LegMedia? Media { get; private set; }

    public bool IsOver => Stage == SipLegStage.Ended;

    private string MediaAddress => _host.Options.MediaAddress ?? Media!.Session.LocalAddress.ToString();

    private int MediaPort => Media!.Session.LocalPort;

    /// <summary>Takes an incoming call on. Refuses it with 488 by itself when there is nothing in common.</summary>
    /// <returns>Null when it was refused.</returns>
    public static SipLeg? Accept(ILegHost host, LegId id, SipCallId call, ReadOnlyMemory<byte> offer)
    {
        var leg = new SipLeg(host, id, SipLegStage.Offered, new LegAudio(host.Entropy, [])) { _call = call, _offer = offer };
        if (!offer.IsEmpty && !leg._audio.CanAnswer(offer))
        {
            host.Agent.Reject(call, 488, [new("Warning", "305 sift \"No common audio format\"")], host.Now, host.Output);
            return null;
        }

        host.Own(call, leg);
        leg._decisionTimer = host.After(host.Options.IncomingTimeout, () => leg.Reject(LegEndCause.NoAnswer));
        return leg;
    }

    /// <summary>Takes up a call that another process carried.</summary>
    /// <returns>Null when its media cannot be had again.</returns>
    public static SipLeg? Restore(ILegHost host, LegId id, SipCallId call, SipLegState state, Func<SipLeg, LegMedia?> media)
    {
        var leg = new SipLeg(host, id, SipLegStage.Up, new LegAudio(host.Entropy, state.Audio))
        {
            _call = call,
            _held = state.Held,
        };
        leg.Media = media(leg);
        if (leg.Media is null)
        {
            return null;
        }

        leg.Media.IsWatched = !state.Held;
        host.Own(call, leg);
        return leg;
    }

    public void Ring()
    {
        if (Stage == SipLegStage.Offered)
        {
            Decided();
            _host.Agent.Provisional(_call, 180, default, _host.Now, _host.Output);
        }
    }

    public void Answer()
    {
        if (Stage != SipLegStage.Offered)
        {
            return;
        }

        Decided();
        if (!OpenMedia())
        {
            End(LegEndCause.Error, 503, "no free RTP port");
            _host.Agent.Reject(_call, 503, [new("Retry-After", "5")], _host.Now, _host.Output);
            return;
        }

        byte[] sdp;
        if (_offer.IsEmpty)
        {
            // RFC 3261 13.2.2.4: an INVITE without a body asks for our offer; its answer comes in the ACK.
            sdp = _audio.CreateOffer(MediaAddress, MediaPort);
        }
        else
        {
            sdp = _audio.Answer(_offer, MediaAddress, MediaPort)!;
            Apply();
        }

        Stage = SipLegStage.Answering;
        _host.Agent.Answer(_call, sdp, _host.Now, _host.Output);
    }

    public void Reject(LegEndCause cause)
    {
        if (Stage == SipLegStage.Offered)
        {
            Decided();

            // The leg ends first: the core says the end of the call from within Reject, and the cause is ours to name.
            var status = SipFailures.StatusOf(cause);
            End(cause, status, "refused");
            _host.Agent.Reject(_call, status, [], _host.Now, _host.Output);
        }
    }

    public void HangUp(LegEndCause cause, string reason)
    {
        switch (Stage)
        {
            case SipLegStage.Offered:
                End(cause, 480, reason);
                _host.Agent.Reject(_call, 480, [], _host.Now, _host.Output);
                break;
            case SipLegStage.Dialling:
                _outbound!.GiveUp(cause, reason);
                break;
            case SipLegStage.Answering:
            case SipLegStage.Up:
                End(cause, null, reason);
                _host.Agent.HangUp(_call, SipFailures.ReasonHeader(reason), _host.Now, _host.Output);
                break;
            case SipLegStage.Ended:
                break;
        }
    }

    public async Task<LegSnapshot?> SnapshotAsync(CancellationToken cancellationToken)
    {
        if (Stage != SipLegStage.Up || Media is not { } media
            || _host.Agent.Snapshot(_call, _host.Now) is not { } dialog || _host.Agent.FlowOf(_call) is not { } flow)
        {
            return null;
        }

        var signalling = new SipLegState(flow.Transport, flow.Remote.ToString(), _held, _audio.State, dialog).ToJson();
        var takenAt = _host.WallClock;
        var snapshot = await media.Session.SnapshotAsync(cancellationToken).ConfigureAwait(false);
        return snapshot is null ? null : new LegSnapshot(Id, SipLegState.Kind, takenAt, signalling, snapshot.ToJson());
    }

    public void OnProvisional(SipCallId call, SipResponse response)
    {
    }

    public void OnAnswered(SipCallId call, SipResponse response, bool owesAnswer)
    {
    }

    public void OnAcknowledged(ReadOnlyMemory<byte> answer)
    {
        if (!answer.IsEmpty || _audio.AwaitsAnswer)
        {
            if (!_audio.Accept(answer))
            {
                // RFC 3261 14.1: a call whose offer got no usable answer cannot go on.
                if (Stage == SipLegStage.Answering || _audio.Agreed is null)
                {
                    HangUp(LegEndCause.Error, "no common audio format");
                }

                return;
            }

            Apply();
        }

        if (Stage == SipLegStage.Answering)
        {
            GoUp();
        }
        else
        {
            ReportHold();
        }
    }

    public void OnReoffer(SipRequest request)
    {
        if (Media is null)
        {
            _host.Agent.RefuseReoffer(_call, 488, _host.Now, _host.Output);
            return;
        }

        var offer = SipBodies.Sdp(request);
        if (offer.IsEmpty)
        {
            _host.Agent.AnswerReoffer(_call, _audio.CreateOffer(MediaAddress, MediaPort), _host.Now, _host.Output);
            return;
        }

        if (_audio.Answer(offer, MediaAddress, MediaPort) is not { } answer)
        {
            _host.Agent.RefuseReoffer(_call, 488, _host.Now, _host.Output);
            return;
        }

        _host.Agent.AnswerReoffer(_call, answer, _host.Now, _host.Output);
        Apply();
        if (Stage == SipLegStage.Up)
        {
            ReportHold();
        }
    }

    public void OnReofferAnswered(SipResponse response)
    {
        if (SipBodies.Sdp(response) is { IsEmpty: false } answer && _audio.Accept(answer))
        {
            Apply();
            ReportHold();
        }
    }

    public void OnInfo(SipRequest info)
    {
        if (Stage == SipLegStage.Up && InfoDigits.TryRead(info, out var digit))
        {
            Media?.Session.ReportDigit(digit, DigitSource.SipInfo);
        }
    }

    public void OnEnded(SipCallId call, SipCallEnd end)
    {
        if (Stage == SipLegStage.Ended || call != _call)
        {
            return;
        }

        var cause = end.Cause switch
        {
            SipEndCause.LocalHangUp or SipEndCause.Rejected => LegEndCause.LocalHangUp,
            SipEndCause.RemoteHangUp or SipEndCause.Cancelled => LegEndCause.RemoteHangUp,
            SipEndCause.Refused => SipFailures.CauseOf(end.Status ?? 500),
            SipEndCause.Timeout or SipEndCause.TransportError => LegEndCause.Unreachable,
            SipEndCause.SessionExpired or SipEndCause.DialogLost => LegEndCause.Error,
        };
        End(cause, end.Status, SipFailures.Describe(end));
    }

    private bool OpenMedia()
    {
        Media ??= LegMedia.Open(_host, Id, OnMediaTimeout);
        return Media is not null;
    }

    internal void OnMediaTimeout()
    {
        if (Stage == SipLegStage.Up)
        {
            HangUp(LegEndCause.MediaTimeout, "no media");
        }
    }

    private void Apply()
    {
        if (_audio.Agreed is { } parameters)
        {
            Media!.Configure(parameters);
        }
    }

    private void GoUp()
    {
        Stage = SipLegStage.Up;
        _host.Emit(new LegAnswered(Id));
        ReportHold();
    }

    private void ReportHold()
    {
        Media!.IsWatched = !_audio.IsHeld;
        if (_audio.IsHeld != _held)
        {
            _held = _audio.IsHeld;
            _host.Emit(new LegHoldChanged(Id, _held));
        }
    }

    private void Decided()
    {
        _decisionTimer?.Cancel();
        _decisionTimer = null;
    }

    private void End(LegEndCause cause, int? status, string? detail)
    {
        if (Stage == SipLegStage.Ended)
        {
            return;
        }

        Stage = SipLegStage.Ended;
        Decided();
        if (Media is { } media)
        {
            Media = null;
            media.Close(quality => Say(quality));
        }
        else
        {
            Say(null);
        }

        void Say(LegQuality? quality)
        {
            _host.Emit(new LegEnded(Id, cause, status, detail) { Quality = quality });
            _host.Forget(this);
        }
    }
}
