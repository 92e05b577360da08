using Sift.Protocols.Sip.Messages;
using Sift.Protocols.Sip.Transactions;
using Sift.Protocols.Sip.UserAgent;

namespace Sift.Protocols.Sip.Dialogs;

/// <summary>An incoming INVITE until its 2xx is acknowledged (RFC 3261 13.3).</summary>
internal sealed class InboundSetup : IInviteServerUser, IAckUser, IReliableUser, ITimed
{
    private static readonly TimeSpan ProvisionalInterval = TimeSpan.FromMinutes(1);

    private readonly AgentContext _context;
    private readonly Call _call;
    private readonly InviteServerTransaction _transaction;
    private readonly CSeq _sequence;
    private readonly bool _hasOffer;
    private SipRequest? _invite;
    private SipResponse? _lastProvisional;
    private TimeSpan _repeatAt = TimeSpan.MaxValue;
    private TimeSpan _expiresAt = TimeSpan.MaxValue;
    private ReliableProvisionals? _reliable;
    private ReadOnlyMemory<byte>? _heldAnswer;
    private bool _described;

    public InboundSetup(AgentContext context, Call call, InviteServerTransaction transaction, SipRequest invite, CSeq sequence, in Turn turn)
    {
        _context = context;
        _call = call;
        _transaction = transaction;
        _invite = invite;
        _sequence = sequence;
        _hasOffer = !invite.Body.IsEmpty;
        transaction.User = this;
        if (invite.Expires is > 0 and var seconds)
        {
            _expiresAt = turn.Now + TimeSpan.FromSeconds(seconds);
            Arm();
        }
    }

    public AwaitedAck? Awaited { get; private set; }

    string IInviteServerUser.LocalTag => _call.LocalTag;

    /// <summary>Offer and answer are through before the call is answered: ours went in a reliable provisional whose PRACK came.</summary>
    public bool IsNegotiated => _hasOffer && _described && _reliable is { IsPending: false };

    int ITimed.HeapSlot { get; set; }

    TimeSpan ITimed.HeapDeadline { get; set; }

    public bool Provisional(int status, ReadOnlyMemory<byte> sdp, in Turn turn)
    {
        if (_call.State != CallState.Ringing || _invite is null || _heldAnswer is not null || status is <= 100 or >= 200)
        {
            return false;
        }

        // The host lets the caller in: only now is its Contact worth a look-up.
        _call.Dialog!.PrepareRoute(_context.Flows);
        var response = CreateResponse(_invite, status);
        _context.AddCapabilities(response, _transaction.ReplyFlow, _call.Dialog.ContactUser);
        if (!sdp.IsEmpty)
        {
            _context.SetDescription(response, sdp);
            _call.LocalDescription = sdp;
        }

        if (IsReliable(_invite))
        {
            _described |= !sdp.IsEmpty;
            _reliable ??= new(_context, _transaction, _sequence, this);
            _reliable.Send(response, turn);
        }
        else
        {
            _transaction.Respond(response, turn);
        }

        _lastProvisional = response;
        _repeatAt = turn.Now + ProvisionalInterval;
        Arm();
        return true;
    }

    public bool Answer(ReadOnlyMemory<byte> sdp, in Turn turn)
    {
        if (_call.State != CallState.Ringing || _invite is null || _heldAnswer is not null)
        {
            return false;
        }

        // RFC 3262 section 5: a 2xx waits while a reliable provisional with a description is not acknowledged.
        if (_reliable is { IsPending: true } && _described)
        {
            _heldAnswer = sdp;
            return true;
        }

        SendSuccess(sdp, turn);
        return true;
    }

    public bool Reject(int status, IReadOnlyList<KeyValuePair<string, string>> headers, in Turn turn)
    {
        if (_call.State != CallState.Ringing || _invite is null || status is < 300 or > 699)
        {
            return false;
        }

        Refuse(status, headers, null, turn);
        _call.End(CallEvent.Refusal, new(SipEndCause.Rejected, status, SipReasonPhrases.For(status)), turn);
        return true;
    }

    /// <summary>The final refusal of an INVITE whose call ends for another reason.</summary>
    public void Refuse(int status, IReadOnlyList<KeyValuePair<string, string>> headers, string? reason, in Turn turn)
    {
        if (_invite is null)
        {
            return;
        }

        var response = CreateResponse(_invite, status);
        foreach (var (name, value) in headers)
        {
            response.Headers.Add(name, value);
        }

        if (reason is not null)
        {
            response.Headers.Add("Reason", reason);
        }

        Quiet();
        _transaction.Respond(response, turn);
    }

    /// <summary>Stops every timer; the call ends.</summary>
    public void Stop()
    {
        Quiet();
        Awaited?.Stop();
        Awaited = null;
    }

    void IInviteServerUser.OnCancel(SipRequest cancel, in Turn turn)
    {
        // RFC 3261 9.2: CANCEL has no effect once a final response went out.
        if (_call.State != CallState.Ringing)
        {
            return;
        }

        Refuse(487, [], null, turn);
        _call.End(CallEvent.RemoteHangUp, new(SipEndCause.Cancelled, 487, AgentContext.ReasonOf(cancel)), turn);
    }

    /// <summary>RFC 3262 section 3: answers the PRACK; false when nothing waits for it.</summary>
    public bool TryPrack(SipRequest prack, IServerTransaction transaction, in Turn turn)
    {
        if (_reliable is null || !_reliable.TryAcknowledge(prack))
        {
            return false;
        }

        if (!prack.Body.IsEmpty && (_hasOffer || !_described))
        {
            // RFC 3262 section 5: a second offer, answered in the 200 of the PRACK.
            _reliable.Continue(turn);
            _call.Change.OnOffer(prack, transaction, turn);
            return true;
        }

        transaction.Respond(_context.Respond(prack, 200), turn);
        if (!prack.Body.IsEmpty)
        {
            turn.Output.OnAcknowledged(_call.Id, prack.Body);
        }

        _reliable.Continue(turn);
        return true;
    }

    void IReliableUser.OnReliableDone(in Turn turn)
    {
        if (_heldAnswer is { } sdp && _call.State == CallState.Ringing)
        {
            _heldAnswer = null;
            SendSuccess(sdp, turn);
        }
    }

    void IReliableUser.OnPrackMissing(in Turn turn)
    {
        Refuse(504, [], null, turn);
        _call.End(CallEvent.Lost, new(SipEndCause.Timeout, 504, "No PRACK"), turn);
    }

    void IAckUser.OnAck(SipRequest ack, bool answersOffer, in Turn turn)
    {
        Awaited = null;
        _call.OnAcknowledged(ack, answersOffer, turn);
    }

    void IAckUser.OnAckMissing(in Turn turn)
    {
        Awaited = null;

        // RFC 3261 13.3.1.4: the dialog is confirmed all the same, so it ends with BYE.
        var left = _call.State == CallState.Leaving;
        _call.SendBye(_call.LeavingReason, turn);
        _call.End(CallEvent.Lost, left ? new(SipEndCause.LocalHangUp, 200, null) : new(SipEndCause.Timeout, null, "No ACK"), turn);
    }

    void ITimed.OnDeadline(in Turn turn)
    {
        if (_expiresAt <= turn.Now)
        {
            // RFC 3261 13.3.1: the invitation is good for no longer than its Expires says.
            Refuse(487, [], null, turn);
            _call.End(CallEvent.RemoteHangUp, new(SipEndCause.Cancelled, 487, "The invitation expired"), turn);
            return;
        }

        // RFC 3261 13.3.1.1: a provisional every minute, so that proxies do not give up.
        _repeatAt = turn.Now + ProvisionalInterval;
        Arm();
        if (_lastProvisional is not { } last || _reliable is { IsPending: true })
        {
            return;
        }

        if (_reliable is null)
        {
            _transaction.Respond(last, turn);
        }
        else
        {
            // RFC 3262 section 3: a new one under a new number; what it described is acknowledged already.
            Provisional(last.StatusCode, default, turn);
        }
    }

    private bool IsReliable(SipRequest invite) => _context.Options.ReliableProvisionals switch
    {
        SipReliability.Never => false,
        SipReliability.WhenRequired => TokenList.Contains(invite.Headers, "Require", "100rel"),
        SipReliability.WhenSupported => invite.Supports("100rel"),
    };

    private SipResponse CreateResponse(SipRequest invite, int status) => _context.Respond(invite, status, _call.LocalTag);

    private void SendSuccess(ReadOnlyMemory<byte> sdp, in Turn turn)
    {
        _call.Dialog!.PrepareRoute(_context.Flows);
        var response = CreateResponse(_invite!, 200);
        _context.AddCapabilities(response, _transaction.ReplyFlow, _call.Dialog.ContactUser);
        _call.Timer.AnswerRequest(_invite!, response, turn.Now);
        if (!sdp.IsEmpty)
        {
            _context.SetDescription(response, sdp);
            _call.LocalDescription = sdp;
        }

        Quiet();
        _call.Advance(CallEvent.LocalAnswer);
        Awaited = new(_context.Transactions, _transaction, _sequence.Number, !_hasOffer && !_described, this, turn);
        _transaction.Respond(response, turn);
    }

    private void Arm()
    {
        var next = _repeatAt < _expiresAt ? _repeatAt : _expiresAt;
        _context.Timers.Set(this, next == TimeSpan.MaxValue ? null : next);
    }

    /// <summary>Drops what only an unanswered INVITE needs.</summary>
    private void Quiet()
    {
        _context.Timers.Set(this, null);
        _reliable?.Stop();
        _lastProvisional = null;
        _heldAnswer = null;
        _invite = null;
    }
}
