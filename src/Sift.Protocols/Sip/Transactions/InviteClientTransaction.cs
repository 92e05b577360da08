using Sift.Protocols.Sip.Messages;

namespace Sift.Protocols.Sip.Transactions;

/// <summary>RFC 3261 17.1.1 with RFC 6026 7.2.</summary>
internal sealed class InviteClientTransaction : IClientTransaction, ITimed
{
    private readonly SipTransactions _owner;
    private readonly IClientTransactionUser _user;
    private SipRequest? _request;
    private MessageBytes _bytes;
    private TimeSpan _retransmitAt = TimeSpan.MaxValue;
    private TimeSpan _interval;
    private TimeSpan _expiresAt;

    public InviteClientTransaction(SipTransactions owner, in ClientKey key, SipRequest request, in SipFlow flow, IClientTransactionUser user)
    {
        _owner = owner;
        _user = user;
        _request = request;
        Key = key;
        Flow = flow;
    }

    public ClientKey Key { get; private set; }

    public SipFlow Flow { get; private set; }

    /// <summary>Set when only its size took the request to a stream: where it goes when no stream can be had (RFC 3261 18.1.1).</summary>
    public SipFlow? Datagram { get; set; }

    public InviteClientState State { get; private set; } = InviteClientState.Calling;

    int ITimed.HeapSlot { get; set; }

    TimeSpan ITimed.HeapDeadline { get; set; }

    /// <summary>The request as sent, until the transaction is completed.</summary>
    public SipRequest? Request => _request;

    public void Start(ReadOnlySpan<byte> bytes, in Turn turn)
    {
        // RFC 3261 17.1.1.2: timer A only over unreliable transports, timer B over all.
        if (!Flow.IsReliable)
        {
            _bytes.Set(bytes);
            _interval = _owner.Timings.T1;
            _retransmitAt = turn.Now + _interval;
        }

        _expiresAt = turn.Now + _owner.Timings.Timeout;
        Arm();
        turn.Output.Send(Flow, bytes);
    }

    public void OnResponse(SipResponse response, in RequestFacts facts, in Turn turn)
    {
        var @event = response.StatusCode switch
        {
            < 200 => InviteClientEvent.Provisional,
            < 300 => InviteClientEvent.Success,
            _ => InviteClientEvent.Failure,
        };
        var before = State;
        State = InviteClientMachine.Next(before, @event);
        switch (State)
        {
            case InviteClientState.Proceeding:
                _bytes.Release();
                _retransmitAt = TimeSpan.MaxValue;
                _expiresAt = TimeSpan.MaxValue;
                Arm();
                _user.OnResponse(response, facts, turn);
                break;
            case InviteClientState.Accepted when @event == InviteClientEvent.Success:
                if (before != InviteClientState.Accepted)
                {
                    _bytes.Release();
                    _request = null;
                    _retransmitAt = TimeSpan.MaxValue;
                    _expiresAt = turn.Now + _owner.Timings.Timeout;
                    Arm();
                }

                _user.OnResponse(response, facts, turn);
                break;
            case InviteClientState.Completed when @event == InviteClientEvent.Failure:
                if (before == InviteClientState.Completed)
                {
                    Send(turn);
                    break;
                }

                SendAck(response, turn);
                _request = null;
                _retransmitAt = TimeSpan.MaxValue;
                _expiresAt = Flow.IsReliable ? turn.Now : turn.Now + _owner.Timings.TimerD;
                Arm();
                _user.OnResponse(response, facts, turn);
                break;
            default:
                break;
        }
    }

    void ITimed.OnDeadline(in Turn turn)
    {
        if (_expiresAt <= turn.Now)
        {
            var before = State;
            Advance(before switch
            {
                InviteClientState.Completed => InviteClientEvent.TimerD,
                InviteClientState.Accepted => InviteClientEvent.TimerM,
                InviteClientState.Calling or InviteClientState.Proceeding or InviteClientState.Terminated => InviteClientEvent.TimerB,
            });
            if (before == InviteClientState.Calling)
            {
                _user.OnFailure(TransactionFailure.Timeout, turn);
            }

            return;
        }

        // RFC 3261 17.1.1.2: timer A doubles without a cap.
        _interval *= 2;
        _retransmitAt = turn.Now + _interval;
        Arm();
        Send(turn);
    }

    public void OnTransportError(in Turn turn)
    {
        if (State == InviteClientState.Calling && Datagram is { } datagram && _request is { } request)
        {
            Datagram = null;
            Flow = datagram;
            Key = _owner.Move(this, request, datagram, out var bytes);
            Start(bytes, turn);
            return;
        }

        var waiting = State is InviteClientState.Calling or InviteClientState.Proceeding;
        Advance(InviteClientEvent.TransportError);
        if (waiting)
        {
            _user.OnFailure(TransactionFailure.Transport, turn);
        }
    }

    public void Abandon()
    {
        State = InviteClientState.Terminated;
        End();
    }

    private void Advance(InviteClientEvent @event)
    {
        State = InviteClientMachine.Next(State, @event);
        if (State == InviteClientState.Terminated)
        {
            End();
        }
        else
        {
            Arm();
        }
    }

    private void End()
    {
        _bytes.Release();
        _request = null;
        _owner.Remove(this);
    }

    /// <summary>RFC 3261 17.1.1.3: same Request-URI, Call-ID, From, CSeq number, Route and top Via as the INVITE, To of the response.</summary>
    private void SendAck(SipResponse response, in Turn turn)
    {
        if (_request is null)
        {
            return;
        }

        var ack = new SipRequest("ACK", _request.RequestUri);
        foreach (var field in _request.Headers)
        {
            switch (field.Key)
            {
                case "Via" when !ack.Headers.Contains("Via"):
                case "Route" or "From" or "Call-ID" or "Max-Forwards":
                    ack.Headers.Add(field.Key, field.Value);
                    break;
                default:
                    break;
            }
        }

        ack.Headers.Add("To", response.Headers.Get("To") ?? _request.Headers.Get("To") ?? "");
        ack.Headers.Add("CSeq", SipTransactions.WithMethod(_request, "ACK"));
        var bytes = _owner.Write(ack);
        if (!Flow.IsReliable)
        {
            _bytes.Set(bytes);
        }

        turn.Output.Send(Flow, bytes);
    }

    private void Send(in Turn turn)
    {
        if (!_bytes.IsEmpty)
        {
            turn.Output.Send(Flow, _bytes.Span);
        }
    }

    private void Arm()
    {
        var next = _retransmitAt < _expiresAt ? _retransmitAt : _expiresAt;
        _owner.Timers.Set(this, next == TimeSpan.MaxValue ? null : next);
    }
}
