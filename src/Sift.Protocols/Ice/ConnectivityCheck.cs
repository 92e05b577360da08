using Sift.Protocols.Stun;

namespace Sift.Protocols.Ice;

/// <summary>One Binding transaction over UDP: sent again until it is answered or given up (RFC 8489 6.2.1).</summary>
internal sealed class ConnectivityCheck(CandidatePair pair, IceRole role, bool nominates, byte[] message, TimeSpan retransmission)
{
    /// <summary>Rc of RFC 8489 6.2.1.</summary>
    public const int MostSends = 7;

    // Rm of RFC 8489 6.2.1.
    private const int LastWait = 16;

    private int _sends;

    public CandidatePair Pair => pair;

    /// <summary>Ours when it was sent: a 487 that crossed a change of role changes nothing.</summary>
    public IceRole Role => role;

    /// <summary>Carried USE-CANDIDATE.</summary>
    public bool Nominates => nominates;

    public ReadOnlySpan<byte> Message => message;

    public ReadOnlySpan<byte> TransactionId => message.AsSpan(8, StunMessage.TransactionIdLength);

    /// <summary>When it is sent again, or given up.</summary>
    public TimeSpan Due { get; private set; }

    /// <summary>Not sent again, but an answer still counts (RFC 8445 7.3.1.4).</summary>
    public bool IsCancelled { get; private set; }

    public bool IsSpent => IsCancelled || _sends == MostSends;

    public void Sent(TimeSpan now)
    {
        _sends++;
        Due = now + (retransmission * (_sends == MostSends ? LastWait : 1 << (_sends - 1)));
    }

    public void Cancel(TimeSpan now)
    {
        IsCancelled = true;
        Due = now + retransmission;
    }
}
