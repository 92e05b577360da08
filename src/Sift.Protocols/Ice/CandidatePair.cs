using Sift.Protocols.Rtp;

namespace Sift.Protocols.Ice;

/// <summary>States of a pair in the checklist (RFC 8445 6.1.2.6).</summary>
internal enum CandidatePairState
{
    Frozen,
    Waiting,
    InProgress,
    Succeeded,
    Failed,
}

/// <summary>
/// A remote candidate and our socket. All our candidates share that one base, so that pruning (RFC 8445 6.1.2.4) leaves one pair for each
/// address of the peer.
/// </summary>
internal sealed class CandidatePair(IceCandidate remote)
{
    public IceCandidate Remote { get; set; } = remote;

    public TransportAddress Address => Remote.Address;

    public CandidatePairState State { get; set; }

    /// <summary>RFC 8445 6.1.2.3.</summary>
    public ulong Priority { get; set; }

    /// <summary>In the valid list (7.2.5.3.2): a check of ours was answered from where it went.</summary>
    public bool IsValid { get; set; }

    /// <summary>Controlled: the peer has nominated it, our own check is not through yet (7.3.1.5). Controlling: the next check nominates.</summary>
    public bool NominateNext { get; set; }

    public bool IsQueued { get; set; }

    public static ulong PriorityOf(uint controlling, uint controlled)
    {
        var (least, most) = controlling < controlled ? (controlling, controlled) : (controlled, controlling);
        return ((ulong)least << 32) + (2UL * most) + (controlling > controlled ? 1UL : 0UL);
    }
}
