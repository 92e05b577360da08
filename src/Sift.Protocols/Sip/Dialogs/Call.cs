using Sift.Protocols.Sip.Messages;
using Sift.Protocols.Sip.Transactions;
using Sift.Protocols.Sip.UserAgent;

namespace Sift.Protocols.Sip.Dialogs;

/// <summary>One INVITE session. What happens before the call is up lives in its setup, changes and refreshes in parts of their own.</summary>
internal sealed class Call
{
    private readonly AgentContext _context;
    private OutboundSetup? _outbound;
    private InboundSetup? _inbound;

    private Call(AgentContext context, string callId, string localTag, string localAddress, string? contactUser, CallState state)
    {
        _context = context;
        Id = context.NextId();
        CallId = callId;
        LocalTag = localTag;
        LocalAddress = localAddress;
        ContactUser = contactUser;
        State = state;
        Timer = new(context, this);
        Change = new(context, this);
    }

    public SipCallId Id { get; }

    public string CallId { get; }

    public string LocalTag { get; }

    public string LocalAddress { get; }

    public string? ContactUser { get; }

    public CallState State { get; private set; }

    /// <summary>The dialog of the call; while our own INVITE rings there may be several early ones instead.</summary>
    public Dialog? Dialog { get; set; }

    public SipCredentials? Credentials { get; private init; }

    public SessionTimer Timer { get; }

    public SessionChange Change { get; }

    /// <summary>The SDP we last sent.</summary>
    public ReadOnlyMemory<byte> LocalDescription { get; set; }

    public string? LeavingReason { get; private set; }

    /// <summary>The INVITE of the call has had its ACK: only then may another request change the session.</summary>
    public bool IsAcknowledged { get; private set; }

    /// <summary>An offer of the first exchange is still open (RFC 3311 5.2).</summary>
    public SipRefusal? FirstExchangeConflict => State switch
    {
        CallState.Inviting or CallState.Cancelling => _outbound?.OnlyEarly?.RemoteReliable is null ? SipRefusal.Glare : null,
        CallState.Ringing => _inbound is { IsNegotiated: true } ? null : SipRefusal.OutOfOrder,
        CallState.Accepted or CallState.Leaving => _inbound?.Awaited is { Offered: true } ? SipRefusal.Glare : null,
        CallState.Confirmed or CallState.Ended => IsAcknowledged ? null : SipRefusal.Glare,
    };

    public bool HasProceeded => _outbound is { HasProceeded: true };

    public Dialog? EarlyDialogForUpdate =>
        State == CallState.Inviting && _outbound?.OnlyEarly is { PeerTakesUpdate: true, RemoteReliable: not null } dialog ? dialog : null;

    public static Call Place(AgentContext context, SipInvitation invitation, in Turn turn)
    {
        var call = new Call(context, context.Tokens.CallId(), context.Tokens.Tag(), invitation.From, invitation.ContactUser, CallState.Inviting)
        {
            Credentials = invitation.Credentials,
            LocalDescription = invitation.Offer,
        };
        context.Add(call, call.LocalTag);
        call._outbound = new(context, call, invitation);
        call._outbound.Send(null, turn);
        return call;
    }

    public static Call Receive(AgentContext context, SipRequest invite, in RequestFacts facts, InviteServerTransaction transaction, SipUri remoteTarget, in Turn turn)
    {
        var tag = context.Tokens.Tag();
        var dialog = Dialog.OfIncoming(invite, facts, tag, remoteTarget, transaction.ReplyFlow);
        dialog.LocalSequence = context.Tokens.Sequence();
        var call = new Call(context, facts.CallId, tag, dialog.LocalAddress, dialog.ContactUser, CallState.Ringing) { Dialog = dialog };
        context.Add(call, tag);
        call._inbound = new(context, call, transaction, invite, facts.CSeq, turn);
        return call;
    }

    public static Call? Restore(AgentContext context, SipDialogSnapshot snapshot, in SipFlow flow, TimeSpan now)
    {
        if (context.Knows(snapshot.LocalTag) || Dialog.OfSnapshot(snapshot, flow) is not { } dialog)
        {
            return null;
        }

        var call = new Call(context, snapshot.CallId, snapshot.LocalTag, snapshot.LocalAddress, snapshot.ContactUser, CallState.Confirmed)
        {
            Dialog = dialog,
            LocalDescription = snapshot.LocalDescription,
            IsAcknowledged = true,
        };
        if (snapshot is { SessionInterval: { } interval, SessionRemaining: { } remaining })
        {
            call.Timer.Restore(interval, snapshot.IsRefresher, remaining, now);
        }

        context.Add(call, call.LocalTag);
        return call;
    }

    public SipDialogSnapshot? Snapshot(TimeSpan now) => State != CallState.Confirmed || !IsAcknowledged || Dialog is not { } dialog ? null : new()
    {
        CallId = CallId,
        LocalTag = LocalTag,
        RemoteTag = dialog.RemoteTag,
        LocalAddress = dialog.LocalAddress,
        RemoteAddress = dialog.RemoteAddress,
        RemoteTarget = dialog.RemoteTarget.ToString(),
        RouteSet = [.. dialog.RouteSet],
        LocalSequence = dialog.LocalSequence,
        RemoteSequence = dialog.RemoteSequence,
        IsCaller = dialog.IsCaller,
        ContactUser = dialog.ContactUser,
        PeerTakesUpdate = dialog.PeerTakesUpdate,
        SessionInterval = Timer.Interval,
        IsRefresher = Timer.IsRefresher,
        SessionRemaining = Timer.Remaining(now),
        LocalDescription = LocalDescription,
    };

    public void Advance(CallEvent @event) => State = CallMachine.Next(State, @event);

    public bool Provisional(int status, ReadOnlyMemory<byte> sdp, in Turn turn) => _inbound?.Provisional(status, sdp, turn) ?? false;

    public bool Answer(ReadOnlyMemory<byte> sdp, in Turn turn) => _inbound?.Answer(sdp, turn) ?? false;

    public bool Reject(int status, IReadOnlyList<KeyValuePair<string, string>> headers, in Turn turn) => _inbound?.Reject(status, headers, turn) ?? false;

    public bool Acknowledge(ReadOnlyMemory<byte> answer, in Turn turn)
    {
        if (_outbound is null || !_outbound.Acknowledge(answer, turn))
        {
            return false;
        }

        IsAcknowledged = true;
        Change.Continue(turn);
        return true;
    }

    public bool HangUp(string? reason, in Turn turn)
    {
        var before = State;
        switch (before)
        {
            case CallState.Inviting:
                Advance(CallEvent.HangUp);
                _outbound!.Cancel(reason, turn);
                return true;
            case CallState.Ringing:
                _inbound!.Refuse(480, [], reason, turn);
                End(CallEvent.HangUp, new(SipEndCause.LocalHangUp, 480, reason), turn);
                return true;
            case CallState.Accepted:
                LeavingReason = reason;
                Advance(CallEvent.HangUp);
                return true;
            case CallState.Confirmed:
                _outbound?.Acknowledge(default, turn);
                SendBye(reason, turn);
                End(CallEvent.HangUp, new(SipEndCause.LocalHangUp, null, reason), turn);
                return true;
            case CallState.Cancelling or CallState.Leaving or CallState.Ended:
            default:
                return false;
        }
    }

    public bool Info(string contentType, ReadOnlyMemory<byte> body, in Turn turn)
    {
        if (State != CallState.Confirmed || Dialog is null)
        {
            return false;
        }

        new DialogRequest(_context, Dialog, "INFO", Credentials, null) { ContentType = contentType, Body = body }.Send(turn);
        return true;
    }

    public void SendBye(string? reason, in Turn turn)
    {
        if (Dialog is not null)
        {
            new DialogRequest(_context, Dialog, "BYE", Credentials, null) { Fields = reason is null ? [] : [new("Reason", reason)] }.Send(turn);
        }
    }

    /// <summary>RFC 4028 section 10: nobody refreshed.</summary>
    public void Expire(in Turn turn)
    {
        SendBye("SIP;cause=408;text=\"Session expired\"", turn);
        End(CallEvent.Lost, new(SipEndCause.SessionExpired, null, null), turn);
    }

    public void OnAcknowledged(SipRequest ack, bool answersOffer, in Turn turn)
    {
        IsAcknowledged = true;
        var left = State == CallState.Leaving;
        if (left)
        {
            SendBye(LeavingReason, turn);
            End(CallEvent.Acknowledged, new(SipEndCause.LocalHangUp, 200, LeavingReason), turn);
            return;
        }

        Advance(CallEvent.Acknowledged);
        turn.Output.OnAcknowledged(Id, answersOffer ? ack.Body : default);
        Change.Continue(turn);
    }

    /// <summary>The call is over: every timer stops, and the host hears of it, once.</summary>
    public void End(CallEvent @event, SipCallEnd end, in Turn turn)
    {
        if (State == CallState.Ended)
        {
            return;
        }

        Advance(@event);
        State = CallState.Ended;
        _outbound?.Stop();
        _inbound?.Stop();
        Timer.Stop();
        Change.Stop(turn);
        _context.Remove(this, LocalTag);
        turn.Output.OnEnded(Id, end);
    }

    public Dialog? DialogFor(SipRequest request)
    {
        var tag = AddressTag.Of(request.Headers.Get("From") ?? "") ?? "";
        return Dialog is { } dialog && dialog.RemoteTag == tag ? dialog : State == CallState.Inviting ? _outbound?.Early(tag) : null;
    }

    public void OnAck(SipRequest ack, in RequestFacts facts, in Turn turn)
    {
        if (DialogFor(ack) is null)
        {
            return;
        }

        if (_inbound?.Awaited is { } first && first.Sequence == facts.CSeq.Number)
        {
            first.OnAck(ack, turn);
        }
        else if (Change.Awaited is { } change && change.Sequence == facts.CSeq.Number)
        {
            change.OnAck(ack, turn);
        }
    }

    public bool TryPrack(SipRequest prack, IServerTransaction transaction, in Turn turn) => _inbound?.TryPrack(prack, transaction, turn) ?? false;

    /// <summary>BYE: RFC 3261 15.1.2.</summary>
    public void OnBye(SipRequest bye, IServerTransaction transaction, in Turn turn)
    {
        transaction.Respond(_context.Respond(bye, 200), turn);
        if (State == CallState.Ringing)
        {
            _inbound!.Refuse(487, [], null, turn);
        }

        if (State is CallState.Inviting or CallState.Cancelling)
        {
            // RFC 3261 15: a callee may not send BYE in an early dialog; the final response of the INVITE decides.
            return;
        }

        End(CallEvent.RemoteHangUp, new(SipEndCause.RemoteHangUp, null, AgentContext.ReasonOf(bye)), turn);
    }

    public void MarkAcknowledged() => IsAcknowledged = true;
}
