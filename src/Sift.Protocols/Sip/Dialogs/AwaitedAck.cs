using Sift.Protocols.Sip.Messages;
using Sift.Protocols.Sip.Transactions;

namespace Sift.Protocols.Sip.Dialogs;

/// <summary>Whoever sent a 2xx to an INVITE.</summary>
internal interface IAckUser
{
    void OnAck(SipRequest ack, bool answersOffer, in Turn turn);

    /// <summary>No ACK in 64*T1.</summary>
    void OnAckMissing(in Turn turn);
}

/// <summary>RFC 3261 13.3.1.4: our 2xx is repeated, over any transport, from T1 doubling to T2, until its ACK comes; 64*T1 is the end.</summary>
internal sealed class AwaitedAck : ITimed
{
    private readonly SipTransactions _transactions;
    private readonly InviteServerTransaction _transaction;
    private readonly IAckUser _user;
    private readonly TimeSpan _expiresAt;
    private TimeSpan _interval;
    private TimeSpan _repeatAt;

    public AwaitedAck(SipTransactions transactions, InviteServerTransaction transaction, uint sequence, bool offered, IAckUser user, in Turn turn)
    {
        _transactions = transactions;
        _transaction = transaction;
        _user = user;
        Sequence = sequence;
        Offered = offered;
        _interval = transactions.Timings.T1;
        _repeatAt = turn.Now + _interval;
        _expiresAt = turn.Now + transactions.Timings.Timeout;
        Arm();
    }

    public uint Sequence { get; }

    /// <summary>Our 2xx carried an offer, so the ACK carries the answer.</summary>
    public bool Offered { get; }

    int ITimed.HeapSlot { get; set; }

    TimeSpan ITimed.HeapDeadline { get; set; }

    public void OnAck(SipRequest ack, in Turn turn)
    {
        Stop();
        _user.OnAck(ack, Offered, turn);
    }

    public void Stop()
    {
        _transactions.Timers.Set(this, null);
        _transaction.ForgetSuccess();
    }

    void ITimed.OnDeadline(in Turn turn)
    {
        if (_expiresAt <= turn.Now)
        {
            Stop();
            _user.OnAckMissing(turn);
            return;
        }

        var doubled = 2 * _interval;
        _interval = doubled > _transactions.Timings.T2 ? _transactions.Timings.T2 : doubled;
        _repeatAt = turn.Now + _interval;
        Arm();
        _transaction.Repeat(turn);
    }

    private void Arm() => _transactions.Timers.Set(this, _repeatAt < _expiresAt ? _repeatAt : _expiresAt);
}
