using Sift.Protocols.Sip.Messages;

namespace Sift.Protocols.Sip.Transactions;

/// <summary>RFC 3261 17.1.2.</summary>
internal sealed class NonInviteClientTransaction : IClientTransaction, ITimed
{
    private readonly SipTransactions _owner;
    private IClientTransactionUser? _user;
    private MessageBytes _bytes;
    private TimeSpan _retransmitAt = TimeSpan.MaxValue;
    private TimeSpan _interval;
    private TimeSpan _expiresAt;

    public NonInviteClientTransaction(SipTransactions owner, in ClientKey key, in SipFlow flow, IClientTransactionUser? user)
    {
        _owner = owner;
        _user = user;
        Key = key;
        Flow = flow;
    }

    public ClientKey Key { get; private set; }

    public SipFlow Flow { get; private set; }

    /// <summary>Set when only its size took the request to a stream: what is sent where when no stream can be had (RFC 3261 18.1.1).</summary>
    public (SipRequest Request, SipFlow Flow)? Datagram { get; set; }

    public NonInviteClientState State { get; private set; } = NonInviteClientState.Trying;

    int ITimed.HeapSlot { get; set; }

    TimeSpan ITimed.HeapDeadline { get; set; }

    public void Start(ReadOnlySpan<byte> bytes, in Turn turn)
    {
        // RFC 3261 17.1.2.2: timer E only over unreliable transports, timer F over all.
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
        var before = State;
        State = NonInviteClientMachine.Next(before, response.StatusCode < 200 ? NonInviteClientEvent.Provisional : NonInviteClientEvent.Final);
        if (before is NonInviteClientState.Completed or NonInviteClientState.Terminated)
        {
            return;
        }

        var user = _user;
        if (State == NonInviteClientState.Completed)
        {
            _user = null;
            _bytes.Release();
            _retransmitAt = TimeSpan.MaxValue;

            // RFC 3261 17.1.2.2: timer K absorbs repeated responses, 0 over reliable transports.
            _expiresAt = Flow.IsReliable ? turn.Now : turn.Now + _owner.Timings.T4;
            Arm();
        }

        user?.OnResponse(response, facts, turn);
    }

    void ITimed.OnDeadline(in Turn turn)
    {
        if (_expiresAt <= turn.Now)
        {
            Fail(State == NonInviteClientState.Completed ? NonInviteClientEvent.TimerK : NonInviteClientEvent.TimerF, TransactionFailure.Timeout, turn);
            return;
        }

        // RFC 3261 17.1.2.2: timer E doubles up to T2 in Trying and is T2 in Proceeding.
        var doubled = 2 * _interval;
        _interval = State == NonInviteClientState.Proceeding || doubled > _owner.Timings.T2 ? _owner.Timings.T2 : doubled;
        State = NonInviteClientMachine.Next(State, NonInviteClientEvent.TimerE);
        _retransmitAt = turn.Now + _interval;
        Arm();
        turn.Output.Send(Flow, _bytes.Span);
    }

    public void OnTransportError(in Turn turn)
    {
        if (State == NonInviteClientState.Trying && Datagram is { } datagram)
        {
            Datagram = null;
            Flow = datagram.Flow;
            Key = _owner.Move(this, datagram.Request, datagram.Flow, out var bytes);
            Start(bytes, turn);
            return;
        }

        Fail(NonInviteClientEvent.TransportError, TransactionFailure.Transport, turn);
    }

    public void Abandon()
    {
        State = NonInviteClientState.Terminated;
        End();
    }

    private void Fail(NonInviteClientEvent @event, TransactionFailure failure, in Turn turn)
    {
        State = NonInviteClientMachine.Next(State, @event);
        if (State != NonInviteClientState.Terminated)
        {
            Arm();
            return;
        }

        var user = _user;
        End();
        user?.OnFailure(failure, turn);
    }

    private void End()
    {
        _user = null;
        _bytes.Release();
        _owner.Remove(this);
    }

    private void Arm() => _owner.Timers.Set(this, _retransmitAt < _expiresAt ? _retransmitAt : _expiresAt);
}
