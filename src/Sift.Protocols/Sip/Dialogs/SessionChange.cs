using Sift.Protocols.Sip.Messages;
using Sift.Protocols.Sip.Transactions;
using Sift.Protocols.Sip.UserAgent;

namespace Sift.Protocols.Sip.Dialogs;

/// <summary>Changes of a session by re-INVITE, UPDATE and PRACK, in both directions (RFC 3261 14, RFC 3311).</summary>
internal sealed class SessionChange(AgentContext context, Call call) : IDialogRequestUser, IInviteServerUser, IAckUser, ITimed
{
    private ChangeState _state;
    private ReadOnlyMemory<byte>? _wanted;
    private bool _refreshWanted;
    private Asked? _asked;
    private DialogRequest? _asking;

    public AwaitedAck? Awaited { get; private set; }

    string IInviteServerUser.LocalTag => call.LocalTag;

    int ITimed.HeapSlot { get; set; }

    TimeSpan ITimed.HeapDeadline { get; set; }

    /// <summary>An offer of the host. Held back while another change is open; a later one replaces it.</summary>
    public bool Offer(ReadOnlyMemory<byte> offer, in Turn turn)
    {
        if (call.State is not (CallState.Confirmed or CallState.Accepted))
        {
            return _state == ChangeState.Idle && call.EarlyDialogForUpdate is { } early && SendOffer(early, "UPDATE", offer, turn);
        }

        _wanted = offer;
        Continue(turn);
        return true;
    }

    /// <summary>RFC 4028 section 10: UPDATE without a body where the peer takes it, else the same offer again.</summary>
    public void Refresh(in Turn turn)
    {
        _refreshWanted = true;
        Continue(turn);
    }

    /// <summary>Sends what was held back, when nothing else is open.</summary>
    public void Continue(in Turn turn)
    {
        // RFC 3261 14.1: the pause after a 491 is kept even when their change is through before it ends.
        var pausing = ((ITimed)this).HeapSlot != 0;
        if (_state != ChangeState.Idle || pausing || call.State != CallState.Confirmed || call.Dialog is not { } dialog || !call.IsAcknowledged)
        {
            return;
        }

        if (_wanted is { } offer)
        {
            _wanted = null;
            _refreshWanted = false;
            SendOffer(dialog, "INVITE", offer, turn);
        }
        else if (_refreshWanted)
        {
            _refreshWanted = false;
            if (dialog.PeerTakesUpdate || call.LocalDescription.IsEmpty)
            {
                SendOffer(dialog, "UPDATE", default, turn);
            }
            else
            {
                SendOffer(dialog, "INVITE", call.LocalDescription, turn);
            }
        }
    }

    /// <summary>What a re-INVITE or UPDATE meets here: null to take it, or the refusal (RFC 3261 14.2, RFC 3311 5.2).</summary>
    public SipRefusal? Conflict(SipRequest request)
    {
        if (request.Method == "UPDATE" && request.Body.IsEmpty)
        {
            return null;
        }

        return _state switch
        {
            ChangeState.Asking => SipRefusal.Glare,
            ChangeState.Asked => SipRefusal.OutOfOrder,
            ChangeState.Answered => Awaited is { Offered: true } ? SipRefusal.Glare : null,
            ChangeState.Idle or ChangeState.Waiting => call.FirstExchangeConflict,
        };
    }

    /// <summary>A re-INVITE, UPDATE or PRACK that may change the session.</summary>
    public void OnOffer(SipRequest request, IServerTransaction transaction, in Turn turn)
    {
        if (request.Method == "UPDATE" && request.Body.IsEmpty)
        {
            Accept(request, transaction, default, turn);
            return;
        }

        // A re-INVITE that comes before the ACK of the last one: that ACK was lost or overtaken.
        Awaited?.Stop();
        Awaited = null;
        _state = ChangeMachine.Next(_state, ChangeEvent.Receive);
        _asked = new(request, transaction);
        if (transaction is InviteServerTransaction invite)
        {
            invite.User = this;
            invite.Respond(context.Respond(request, 100), turn);
        }

        turn.Output.OnReoffer(call.Id, request);
    }

    public bool Answer(ReadOnlyMemory<byte> sdp, in Turn turn)
    {
        if (_asked is not { } asked)
        {
            return false;
        }

        _asked = null;
        _state = ChangeMachine.Next(_state, asked.Request.Method == "INVITE" ? ChangeEvent.AnswerInvite : ChangeEvent.Answer);
        Accept(asked.Request, asked.Transaction, sdp, turn);
        Continue(turn);
        return true;
    }

    public bool Refuse(int status, in Turn turn)
    {
        if (_asked is not { } asked || status is < 300 or > 699)
        {
            return false;
        }

        _asked = null;
        _state = ChangeMachine.Next(_state, ChangeEvent.Refuse);
        asked.Transaction.Respond(context.Respond(asked.Request, status), turn);
        Continue(turn);
        return true;
    }

    /// <summary>The call ends: RFC 3261 15.1.2 wants 487 for what is still open.</summary>
    public void Stop(in Turn turn)
    {
        context.Timers.Set(this, null);
        Awaited?.Stop();
        Awaited = null;
        _wanted = null;
        _asking?.Abandon();
        if (_asked is { } asked)
        {
            _asked = null;
            asked.Transaction.Respond(context.Respond(asked.Request, 487), turn);
        }
    }

    void IInviteServerUser.OnCancel(SipRequest cancel, in Turn turn) => Refuse(487, turn);

    void IAckUser.OnAck(SipRequest ack, bool answersOffer, in Turn turn)
    {
        Awaited = null;
        _state = ChangeMachine.Next(_state, ChangeEvent.Acknowledged);
        if (answersOffer)
        {
            turn.Output.OnAcknowledged(call.Id, ack.Body);
        }

        Continue(turn);
    }

    void IAckUser.OnAckMissing(in Turn turn)
    {
        Awaited = null;
        call.SendBye(null, turn);
        call.End(CallEvent.Lost, new(SipEndCause.Timeout, null, "No ACK"), turn);
    }

    void IDialogRequestUser.OnOutcome(DialogRequest request, SipResponse? response, in Turn turn)
    {
        if (call.State == CallState.Ended)
        {
            return;
        }

        _asking = null;
        context.Timers.Set(this, null);
        var status = response?.StatusCode ?? 408;
        switch (status)
        {
            case < 300:
                _state = ChangeMachine.Next(_state, ChangeEvent.Settled);
                if (call.State == CallState.Confirmed)
                {
                    call.Timer.OnSuccess(response!, turn.Now);
                }

                if (!request.Body.IsEmpty)
                {
                    call.LocalDescription = request.Body;
                    turn.Output.OnReofferAnswered(call.Id, response!);
                }

                break;
            case 491:
                _state = ChangeMachine.Next(_state, ChangeEvent.Glare);
                Want(request);
                context.Timers.Set(this, turn.Now + GlareDelay(request.Dialog));
                return;
            case 408 or 481:
                // RFC 3261 12.2.1.2: the dialog is gone at the far end.
                call.SendBye(null, turn);
                call.End(CallEvent.Lost, new(SipEndCause.DialogLost, response?.StatusCode, response?.ReasonPhrase), turn);
                return;
            case 405 or 501 when request is { Method: "UPDATE", Dialog.PeerTakesUpdate: true }:
                request.Dialog.PeerTakesUpdate = false;
                _state = ChangeMachine.Next(_state, ChangeEvent.Settled);
                Want(request);
                break;
            case 422 when call.Timer.TryRaise(response!):
                _state = ChangeMachine.Next(_state, ChangeEvent.Settled);
                Want(request);
                break;
            default:
                _state = ChangeMachine.Next(_state, ChangeEvent.Settled);
                if (!request.Body.IsEmpty)
                {
                    turn.Output.OnReofferRefused(call.Id, status);
                }

                break;
        }

        Continue(turn);
    }

    /// <summary>RFC 3261 14.1: the pause after a 491 is over, or our re-INVITE has been left without a final response.</summary>
    void ITimed.OnDeadline(in Turn turn)
    {
        if (_state == ChangeState.Asking && _asking is { } asking)
        {
            asking.Abandon();
            ((IDialogRequestUser)this).OnOutcome(asking, null, turn);
            return;
        }

        _state = ChangeMachine.Next(_state, ChangeEvent.RetryDue);
        Continue(turn);
    }

    /// <summary>Wants the same once more, unless the host asked for something newer.</summary>
    private void Want(DialogRequest request)
    {
        if (request.Body.IsEmpty)
        {
            _refreshWanted = true;
        }
        else
        {
            _wanted ??= request.Body;
        }
    }

    /// <summary>RFC 3261 14.1: 2.1 to 4 s for the owner of the Call-ID, 0 to 2 s for the other, in steps of 10 ms.</summary>
    private TimeSpan GlareDelay(Dialog dialog) => dialog.IsCaller
        ? context.Tokens.Between(TimeSpan.FromMilliseconds(2100), TimeSpan.FromSeconds(4), TimeSpan.FromMilliseconds(10))
        : context.Tokens.Between(TimeSpan.Zero, TimeSpan.FromSeconds(2), TimeSpan.FromMilliseconds(10));

    private bool SendOffer(Dialog dialog, string method, ReadOnlyMemory<byte> offer, in Turn turn)
    {
        var session = new SipHeaders();
        if (call.State == CallState.Confirmed)
        {
            call.Timer.AddRequest(session);
        }

        var fields = new KeyValuePair<string, string>[session.Count];
        for (var i = 0; i < fields.Length; i++)
        {
            fields[i] = session[i];
        }

        _state = ChangeMachine.Next(_state, ChangeEvent.Send);
        _asking = new(context, dialog, method, call.Credentials, this) { Fields = fields, Body = offer };
        context.Timers.Set(this, turn.Now + (2 * context.Timings.Timeout));
        _asking.Send(turn);
        return true;
    }

    private void Accept(SipRequest request, IServerTransaction transaction, ReadOnlyMemory<byte> sdp, in Turn turn)
    {
        var dialog = call.DialogFor(request);
        var response = context.Respond(request, 200);
        if (request.Method != "PRACK")
        {
            dialog?.RefreshTarget(request);
            dialog?.PrepareRoute(context.Flows);
            context.AddCapabilities(response, transaction.ReplyFlow, dialog?.ContactUser);
            if (call.State is CallState.Confirmed or CallState.Accepted)
            {
                // An early dialog has no session yet that could expire.
                call.Timer.AnswerRequest(request, response, turn.Now);
            }
        }

        if (!sdp.IsEmpty)
        {
            context.SetDescription(response, sdp);
            call.LocalDescription = sdp;
        }

        if (transaction is InviteServerTransaction invite && request.CSeq is { } sequence)
        {
            Awaited = new(context.Transactions, invite, sequence.Number, request.Body.IsEmpty, this, turn);
        }

        transaction.Respond(response, turn);
    }

    private sealed record Asked(SipRequest Request, IServerTransaction Transaction);
}
