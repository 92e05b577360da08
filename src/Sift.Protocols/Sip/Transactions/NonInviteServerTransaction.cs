using Sift.Protocols.Sip.Messages;

namespace Sift.Protocols.Sip.Transactions;

/// <summary>RFC 3261 17.2.2.</summary>
internal sealed class NonInviteServerTransaction : IServerTransaction, ITimed
{
    private readonly SipTransactions _owner;
    private MessageBytes _bytes;

    public NonInviteServerTransaction(SipTransactions owner, in ServerKey key, in MergeKey? merge, in SipFlow replyFlow)
    {
        _owner = owner;
        Key = key;
        Merge = merge;
        ReplyFlow = replyFlow;
    }

    public ServerKey Key { get; }

    public MergeKey? Merge { get; }

    public SipFlow ReplyFlow { get; }

    public NonInviteServerState State { get; private set; } = NonInviteServerState.Trying;

    /// <summary>Told when the transaction ends, answered or not.</summary>
    public Action? OnEnd { get; set; }

    int ITimed.HeapSlot { get; set; }

    TimeSpan ITimed.HeapDeadline { get; set; }

    public void Respond(SipResponse response, in Turn turn)
    {
        if (State is NonInviteServerState.Completed or NonInviteServerState.Terminated)
        {
            return;
        }

        State = NonInviteServerMachine.Next(State, response.StatusCode < 200 ? NonInviteServerEvent.SendProvisional : NonInviteServerEvent.SendFinal);
        var bytes = _owner.Write(response);
        if (!ReplyFlow.IsReliable)
        {
            _bytes.Set(bytes);
        }

        if (State == NonInviteServerState.Completed)
        {
            // RFC 3261 17.2.2: timer J, 0 over reliable transports.
            _owner.Timers.Set(this, ReplyFlow.IsReliable ? turn.Now : turn.Now + _owner.Timings.Timeout);
        }

        turn.Output.Send(ReplyFlow, bytes);
    }

    public void OnRequest(SipRequest request, in Turn turn)
    {
        State = NonInviteServerMachine.Next(State, NonInviteServerEvent.Request);
        if (!_bytes.IsEmpty)
        {
            turn.Output.Send(ReplyFlow, _bytes.Span);
        }
    }

    void ITimed.OnDeadline(in Turn turn)
    {
        State = NonInviteServerMachine.Next(State, NonInviteServerEvent.TimerJ);
        End();
    }

    public void OnTransportError(in Turn turn)
    {
        State = NonInviteServerMachine.Next(State, NonInviteServerEvent.TransportError);
        if (State == NonInviteServerState.Terminated)
        {
            End();
        }
    }

    private void End()
    {
        _bytes.Release();
        _owner.Remove(this);
        OnEnd?.Invoke();
    }
}
