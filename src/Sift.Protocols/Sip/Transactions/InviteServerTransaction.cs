using Sift.Protocols.Sip.Messages;

namespace Sift.Protocols.Sip.Transactions;

/// <summary>RFC 3261 17.2.1 with RFC 6026 7.1.</summary>
internal sealed class InviteServerTransaction : IServerTransaction, ITimed
{
    private readonly SipTransactions _owner;
    private MessageBytes _bytes;
    private TimeSpan _retransmitAt = TimeSpan.MaxValue;
    private TimeSpan _interval;
    private TimeSpan _expiresAt = TimeSpan.MaxValue;

    public InviteServerTransaction(SipTransactions owner, in ServerKey key, in MergeKey? merge, in SipFlow replyFlow)
    {
        _owner = owner;
        Key = key;
        Merge = merge;
        ReplyFlow = replyFlow;
    }

    public ServerKey Key { get; }

    public MergeKey? Merge { get; }

    public SipFlow ReplyFlow { get; }

    public InviteServerState State { get; private set; } = InviteServerState.Proceeding;

    /// <summary>Nothing has been answered yet, not even 100.</summary>
    public bool IsUnanswered => State == InviteServerState.Proceeding && _bytes.IsEmpty;

    /// <summary>Who is told of a CANCEL; set while the INVITE waits for its final response.</summary>
    public IInviteServerUser? User { get; set; }

    int ITimed.HeapSlot { get; set; }

    TimeSpan ITimed.HeapDeadline { get; set; }

    public void Respond(SipResponse response, in Turn turn)
    {
        if (State != InviteServerState.Proceeding)
        {
            return;
        }

        var bytes = _owner.Write(response);
        var isFirst = _bytes.IsEmpty;
        State = InviteServerMachine.Next(State, response.StatusCode switch
        {
            < 200 => InviteServerEvent.SendProvisional,
            < 300 => InviteServerEvent.SendSuccess,
            _ => InviteServerEvent.SendFailure,
        });
        if (State == InviteServerState.Accepted)
        {
            // RFC 6026 7.1: timer L over every transport; the 2xx itself is repeated by the user.
            User = null;
            _expiresAt = turn.Now + _owner.Timings.Timeout;
        }

        _bytes.Set(bytes);

        if (State == InviteServerState.Completed)
        {
            User = null;
            _expiresAt = turn.Now + _owner.Timings.Timeout;
            // RFC 3261 26.3.2.4: what is refused at once goes out once for each time that the INVITE comes. Repeating it by timer G
            // would throw a forged request back at its victim ten times over; the caller, who has no provisional, repeats its INVITE.
            if (!ReplyFlow.IsReliable && !isFirst)
            {
                _interval = _owner.Timings.T1;
                _retransmitAt = turn.Now + _interval;
            }
        }

        Arm();
        turn.Output.Send(ReplyFlow, bytes);
    }

    /// <summary>Sends the last response again: a 2xx until its ACK, a reliable provisional until its PRACK.</summary>
    public void Repeat(in Turn turn)
    {
        if (!_bytes.IsEmpty)
        {
            turn.Output.Send(ReplyFlow, _bytes.Span);
        }
    }

    /// <summary>The ACK of the 2xx is here: nothing is left to repeat.</summary>
    public void ForgetSuccess()
    {
        if (State == InviteServerState.Accepted)
        {
            _bytes.Release();
        }
    }

    public void OnRequest(SipRequest request, in Turn turn)
    {
        var before = State;
        State = InviteServerMachine.Next(before, request.Method == "ACK" ? InviteServerEvent.Ack : InviteServerEvent.Invite);
        if (State == InviteServerState.Confirmed && before == InviteServerState.Completed)
        {
            // RFC 3261 17.2.1: timer I absorbs repeated ACKs, 0 over reliable transports.
            _bytes.Release();
            _retransmitAt = TimeSpan.MaxValue;
            _expiresAt = ReplyFlow.IsReliable ? turn.Now : turn.Now + _owner.Timings.T4;
            Arm();
        }
        else if ((State is InviteServerState.Proceeding or InviteServerState.Completed) && request.Method != "ACK")
        {
            Repeat(turn);
        }
    }

    void ITimed.OnDeadline(in Turn turn)
    {
        if (_expiresAt <= turn.Now)
        {
            State = InviteServerMachine.Next(State, State switch
            {
                InviteServerState.Confirmed => InviteServerEvent.TimerI,
                InviteServerState.Accepted => InviteServerEvent.TimerL,
                InviteServerState.Proceeding or InviteServerState.Completed or InviteServerState.Terminated => InviteServerEvent.TimerH,
            });
            _bytes.Release();
            _owner.Remove(this);
            return;
        }

        // RFC 3261 17.2.1: timer G doubles up to T2.
        State = InviteServerMachine.Next(State, InviteServerEvent.TimerG);
        var doubled = 2 * _interval;
        _interval = doubled > _owner.Timings.T2 ? _owner.Timings.T2 : doubled;
        _retransmitAt = turn.Now + _interval;
        Arm();
        turn.Output.Send(ReplyFlow, _bytes.Span);
    }

    /// <summary>A lost connection changes nothing here: RFC 3261 17.2.4 leaves the failure to the user, who learns of it by a missing ACK.</summary>
    public void OnTransportError(in Turn turn) => State = InviteServerMachine.Next(State, InviteServerEvent.TransportError);

    private void Arm()
    {
        var next = _retransmitAt < _expiresAt ? _retransmitAt : _expiresAt;
        _owner.Timers.Set(this, next == TimeSpan.MaxValue ? null : next);
    }
}
