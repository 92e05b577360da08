using Sift.Protocols.Sip.Messages;
using Sift.Protocols.Sip.Transactions;
using Sift.Protocols.Sip.UserAgent;

namespace Sift.Protocols.Sip.Dialogs;

/// <summary>
/// Our INVITE until its last response (RFC 3261 13.2): challenges, redirects, early dialogs, CANCEL, and the 2xx that come after
/// the first, which stay here after the call itself has moved on or ended.
/// </summary>
internal sealed class OutboundSetup : IClientTransactionUser, ITimed
{
    private const int MaxForks = 32;
    private const int MaxAttempts = 12;

    private readonly AgentContext _context;
    private readonly Call _call;
    private readonly List<Dialog> _early = new(1);
    private readonly AnsweredForks _answered;
    private readonly bool _offered;
    private SipInvitation? _invitation;
    private InviteClientTransaction? _transaction;
    private Redirects? _redirects;
    private SipUri _target;
    private SipFlow _flow;
    private uint _sequence;
    private int _attempts;
    private int _challenges;
    private bool _rang;
    private bool _cancelSent;
    private string? _cancelReason;

    public OutboundSetup(AgentContext context, Call call, SipInvitation invitation)
    {
        _context = context;
        _call = call;
        _answered = new(context);
        _invitation = invitation;
        _target = invitation.Target;
        _flow = invitation.Flow;
        _offered = !invitation.Offer.IsEmpty;
        _sequence = context.Tokens.Sequence();
    }

    int ITimed.HeapSlot { get; set; }

    TimeSpan ITimed.HeapDeadline { get; set; }

    /// <summary>Our INVITE has had a response, if only a challenge.</summary>
    public bool HasProceeded => _rang || _attempts > 1;

    /// <summary>The dialog a request of the far end belongs to before the call is answered.</summary>
    public Dialog? Early(string remoteTag)
    {
        foreach (var dialog in _early)
        {
            if (dialog.RemoteTag == remoteTag)
            {
                return dialog;
            }
        }

        return null;
    }

    /// <summary>The early dialog for an UPDATE of ours: only where one phone rings it is clear which.</summary>
    public Dialog? OnlyEarly => _early.Count == 1 ? _early[0] : null;

    public void Send(SipResponse? challenge, in Turn turn)
    {
        var invitation = _invitation!;
        var request = new SipRequest("INVITE", _target);
        foreach (var route in invitation.Route)
        {
            request.Headers.Add("Route", route);
        }

        request.Headers.Add("Max-Forwards", invitation.MaxForwards.ToString(System.Globalization.CultureInfo.InvariantCulture));
        request.Headers.Add("From", SharedStrings.Of($"{invitation.From};tag={_call.LocalTag}"));
        request.Headers.Add("To", invitation.To);
        request.Headers.AddParsed("Call-ID", _call.CallId);
        request.Headers.AddParsed("CSeq", SharedStrings.Of($"{_sequence} INVITE"));

        // Without an offer of ours a reliable provisional would carry theirs, to be answered before the call is: not asked for.
        _context.AddCapabilities(request, _flow, invitation.ContactUser, reliable: _offered);
        request.Headers.AddParsed("User-Agent", _context.Options.Product);
        _call.Timer.AddRequest(request.Headers);
        foreach (var (name, value) in invitation.Headers)
        {
            request.Headers.Add(name, value);
        }

        _context.SetDescription(request, invitation.Offer);
        if (challenge is not null && !DigestRetry.TryAuthorise(request, challenge, invitation.Credentials!, _context.Tokens))
        {
            Refused(challenge, turn);
            return;
        }

        _attempts++;
        _rang = false;
        _cancelSent = false;
        _transaction = _context.Transactions.StartInvite(request, _flow, this, turn);
    }

    /// <summary>RFC 3261 9.1: CANCEL goes out at once, or after the first provisional.</summary>
    public void Cancel(string? reason, in Turn turn)
    {
        _cancelReason = reason;
        if (_rang)
        {
            SendCancel(turn);
        }
    }

    /// <summary>The ACK that waited for the host's answer (RFC 3261 13.2.2.4).</summary>
    public bool Acknowledge(ReadOnlyMemory<byte> answer, in Turn turn)
    {
        if (_call.Dialog is not { } dialog || !_answered.OwesAnswer(dialog))
        {
            return false;
        }

        _answered.Acknowledged(dialog, SendAck(dialog, answer, turn));
        return true;
    }

    public void Stop() => _context.Timers.Set(this, null);

    void IClientTransactionUser.OnResponse(SipResponse response, in RequestFacts facts, in Turn turn)
    {
        switch (response.StatusCode)
        {
            case < 200:
                OnProvisional(response, facts, turn);
                break;
            case < 300:
                OnSuccess(response, facts, turn);
                break;
            default:
                OnRefusal(response, turn);
                break;
        }
    }

    void IClientTransactionUser.OnFailure(TransactionFailure failure, in Turn turn)
    {
        if (TryNextServer(turn) || TryRedirect(turn))
        {
            return;
        }

        var cause = _call.State == CallState.Cancelling ? SipEndCause.LocalHangUp
            : failure == TransactionFailure.Timeout ? SipEndCause.Timeout : SipEndCause.TransportError;
        _call.End(CallEvent.Lost, new(cause, null, null), turn);
    }

    /// <summary>RFC 3261 9.1: without a final response 64*T1 after the CANCEL the transaction counts as cancelled.</summary>
    void ITimed.OnDeadline(in Turn turn)
    {
        _transaction?.Abandon();
        _call.End(CallEvent.Lost, new(SipEndCause.LocalHangUp, null, null), turn);
    }

    private void OnProvisional(SipResponse response, in RequestFacts facts, in Turn turn)
    {
        _rang = true;
        if (_call.State == CallState.Cancelling)
        {
            SendCancel(turn);
            return;
        }

        if (response.StatusCode == 100 || _call.State != CallState.Inviting)
        {
            return;
        }

        if (facts.ToTag is { } tag)
        {
            var dialog = Early(tag);
            if (dialog is null)
            {
                if (_early.Count == MaxForks)
                {
                    return;
                }

                dialog = CreateDialog(response, facts);
                dialog.PrepareRoute(_context.Flows);
                _early.Add(dialog);
            }

            if (!TryTakeReliable(dialog, response, turn))
            {
                return;
            }
        }

        turn.Output.OnProvisional(_call.Id, response, facts.ToTag ?? "");
    }

    /// <summary>RFC 3262 section 4: PRACK for each reliable provisional in order; false for one already seen or out of order.</summary>
    private bool TryTakeReliable(Dialog dialog, SipResponse response, in Turn turn)
    {
        if (response.RSeq is not { } number || !TokenList.Contains(response.Headers, "Require", "100rel"))
        {
            return true;
        }

        if (dialog.RemoteReliable is { } last && number != last + 1)
        {
            return false;
        }

        dialog.RemoteReliable = number;
        dialog.RefreshTarget(response);

        new DialogRequest(_context, dialog, "PRACK", _call.Credentials, null)
        {
            Fields = [new("RAck", $"{number} {_sequence} INVITE")],
        }.Send(turn);
        return true;
    }

    private void OnSuccess(SipResponse response, in RequestFacts facts, in Turn turn)
    {
        var tag = facts.ToTag ?? "";
        if (_answered.TryRepeat(tag, turn) || _answered.IsFull)
        {
            return;
        }

        var dialog = Early(tag) ?? CreateDialog(response, facts);
        dialog.TakeRoutes(response);
        dialog.RefreshTarget(response);
        if (_call.State != CallState.Inviting)
        {
            Decline(dialog, turn);
            if (_call.State == CallState.Cancelling)
            {
                _call.End(CallEvent.RemoteAnswer, new(SipEndCause.LocalHangUp, 200, null), turn);
            }

            return;
        }

        _call.Dialog = dialog;
        _call.Timer.OnSuccess(response, turn.Now);
        _call.Advance(CallEvent.RemoteAnswer);
        _early.Clear();
        _invitation = null;
        _redirects = null;
        var owesAnswer = !_offered && !response.Body.IsEmpty;
        _answered.Add(dialog, owesAnswer ? null : SendAck(dialog, default, turn));
        if (!owesAnswer)
        {
            _call.MarkAcknowledged();
        }

        turn.Output.OnAnswered(_call.Id, response, owesAnswer);
        _call.Change.Continue(turn);
    }

    /// <summary>RFC 3261 13.2.2.4: a 2xx we do not want is acknowledged, then its dialog ended.</summary>
    private void Decline(Dialog dialog, in Turn turn)
    {
        _answered.Add(dialog, SendAck(dialog, default, turn));
        new DialogRequest(_context, dialog, "BYE", _call.Credentials, null).Send(turn);
    }

    private void OnRefusal(SipResponse response, in Turn turn)
    {
        _early.Clear();
        if (_call.State != CallState.Inviting)
        {
            _call.End(CallEvent.Refusal, new(SipEndCause.LocalHangUp, response.StatusCode, response.ReasonPhrase), turn);
            return;
        }

        var again = _attempts < MaxAttempts;
        switch (response.StatusCode)
        {
            case 401 or 407 when again && DigestRetry.IsWorthwhile(response, _challenges) && _invitation?.Credentials is not null:
                _challenges++;
                _sequence++;
                Send(response, turn);
                break;
            case 422 when again && _call.Timer.TryRaise(response):
                _challenges = 0;
                _sequence++;
                Send(null, turn);
                break;
            case >= 300 and < 400 when _invitation is { MaxRedirects: > 0 } invitation:
                _redirects ??= new(invitation.MaxRedirects, _target);
                _redirects.Add(response);
                if (!TryRedirect(turn))
                {
                    Refused(response, turn);
                }

                break;
            case 503 when TryNextServer(turn):
                break;
            case < 600 when TryRedirect(turn):
                break;
            default:
                Refused(response, turn);
                break;
        }
    }

    private bool TryRedirect(in Turn turn)
    {
        while (_call.State == CallState.Inviting && _attempts < MaxAttempts && _redirects is not null && _redirects.TryNext(out var next))
        {
            if (_context.Flows.TryRedirect(next, _flow, out var flow))
            {
                _target = next;
                SendTo(flow, turn);
                return true;
            }
        }

        return false;
    }

    /// <summary>RFC 3263 4.3, for a target we were redirected to; the servers of the first target are the host's affair.</summary>
    private bool TryNextServer(in Turn turn)
    {
        if (_call.State != CallState.Inviting || _attempts >= MaxAttempts || _redirects is null || !_context.Flows.TryAnother(_target, _flow, out var flow))
        {
            return false;
        }

        SendTo(flow, turn);
        return true;
    }

    private void SendTo(in SipFlow flow, in Turn turn)
    {
        _flow = flow;
        _challenges = 0;
        _sequence++;
        Send(null, turn);
    }

    private void Refused(SipResponse response, in Turn turn) =>
        _call.End(CallEvent.Refusal, new(SipEndCause.Refused, response.StatusCode, AgentContext.ReasonOf(response) ?? response.ReasonPhrase), turn);

    private void SendCancel(in Turn turn)
    {
        if (_cancelSent || _transaction is null)
        {
            return;
        }

        _cancelSent = true;
        _context.Timers.Set(this, turn.Now + _context.Timings.Timeout);
        _context.Transactions.StartCancel(_transaction, _cancelReason, turn);
    }

    private Dialog CreateDialog(SipResponse response, in RequestFacts facts) =>
        Dialog.OfOutgoing(response, facts, _call.LocalAddress, _target, _transaction!.Flow, _sequence, _call.ContactUser);

    private SentAck SendAck(Dialog dialog, ReadOnlyMemory<byte> answer, in Turn turn)
    {
        var ack = dialog.CreateAck(_sequence);
        if (!answer.IsEmpty)
        {
            _context.SetDescription(ack, answer);
            _call.LocalDescription = answer;
        }

        return _context.Transactions.SendAck(ack, dialog.RouteFlow(_context.Flows), turn);
    }
}
