using Sift.Protocols.Rtp;

namespace Sift.Protocols.Ice;

/// <summary>The pairs of one generation, and which is to be checked next (RFC 8445 6.1.2, 6.1.4.2).</summary>
internal sealed class CheckList
{
    // RFC 8445 6.1.2.5 recommends a limit of 100; a browser has a dozen.
    private const int MostPairs = 64;

    private readonly List<CandidatePair> _pairs = [];
    private readonly Queue<CandidatePair> _triggered = new();

    public IReadOnlyList<CandidatePair> Pairs => _pairs;

    public bool HasWork => Next() is not null;

    /// <summary>Pairs that wait or are being checked, for the retransmission time (RFC 8445 14.3).</summary>
    public int Pending => _pairs.Count(static p => p.State is CandidatePairState.Waiting or CandidatePairState.InProgress);

    public CandidatePair? BestValid => _pairs.Where(static p => p.IsValid).MaxBy(static p => p.Priority);

    public CandidatePair? Find(TransportAddress remote) => _pairs.Find(p => p.Address == remote);

    /// <returns>Null when there are too many that are worth no less.</returns>
    public CandidatePair? Add(IceCandidate remote, ulong priority)
    {
        if (_pairs.Count == MostPairs)
        {
            if (_pairs.FindIndex(static p => p.State == CandidatePairState.Failed) is var failed and >= 0)
            {
                _pairs.RemoveAt(failed);
            }
            else
            {
                return null;
            }
        }

        // RFC 8838 12: one of a foundation is tried first, the others follow its success.
        var isTried = _pairs.Exists(p => p.Remote.Foundation == remote.Foundation
            && p.State is CandidatePairState.Waiting or CandidatePairState.InProgress or CandidatePairState.Frozen);
        var pair = new CandidatePair(remote) { Priority = priority, State = isTried ? CandidatePairState.Frozen : CandidatePairState.Waiting };
        _pairs.Add(pair);
        return pair;
    }

    /// <summary>Puts a pair before all ordinary checks (RFC 8445 7.3.1.4).</summary>
    public void Trigger(CandidatePair pair)
    {
        pair.State = CandidatePairState.Waiting;
        if (!pair.IsQueued)
        {
            pair.IsQueued = true;
            _triggered.Enqueue(pair);
        }
    }

    public CandidatePair? TakeNext()
    {
        var pair = Next();
        if (pair is { IsQueued: true })
        {
            // The head, as Next looks there first.
            _triggered.Dequeue();
            pair.IsQueued = false;
        }

        return pair;
    }

    /// <summary>RFC 8445 7.2.5.3.3.</summary>
    public void Unfreeze(string foundation)
    {
        foreach (var pair in _pairs)
        {
            if (pair.State == CandidatePairState.Frozen && pair.Remote.Foundation == foundation)
            {
                pair.State = CandidatePairState.Waiting;
            }
        }
    }

    /// <summary>RFC 8445 8.1.2: a pair was nominated, what has not been checked need not be.</summary>
    public void Conclude()
    {
        foreach (var pair in _triggered)
        {
            pair.IsQueued = false;
        }

        _triggered.Clear();
        _pairs.RemoveAll(static p => !p.IsValid && p.State is CandidatePairState.Waiting or CandidatePairState.Frozen);
    }

    private CandidatePair? Next()
    {
        if (_triggered.TryPeek(out var triggered))
        {
            return triggered;
        }

        CandidatePair? waiting = null;
        CandidatePair? frozen = null;
        foreach (var pair in _pairs)
        {
            if (pair.State == CandidatePairState.Waiting && pair.Priority > (waiting?.Priority ?? 0))
            {
                waiting = pair;
            }
            else if (pair.State == CandidatePairState.Frozen && pair.Priority > (frozen?.Priority ?? 0) && !IsBusy(pair.Remote.Foundation))
            {
                frozen = pair;
            }
        }

        return waiting ?? frozen;
    }

    private bool IsBusy(string foundation) =>
        _pairs.Exists(p => p.Remote.Foundation == foundation && p.State is CandidatePairState.Waiting or CandidatePairState.InProgress);
}
