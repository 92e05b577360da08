namespace Sift.Protocols.Rtp;

public enum LatchState
{
    /// <summary>Packets go to the signalled address; the next valid source is watched.</summary>
    Open,

    /// <summary>A source was learned and may still be replaced for a short while (the phone may change its path after answering).</summary>
    Settling,

    /// <summary>The source is fixed until signalling changes or it has long been silent.</summary>
    Locked,
}

public enum LatchVerdict { Accept, Reject }

/// <summary>Who may become the far end, besides the signalled address.</summary>
public enum LatchScope { SignalledOnly, SameHost, AnyHost }

/// <summary>
/// Symmetric RTP (RFC 4961) with a lock against strangers ("RTP bleed"): the far end is where its valid packets come from, learned
/// within a short window after signalling and then fixed. A lone stranger's packet never moves an established stream.
/// </summary>
public sealed class SymmetricLatch
{
    /// <summary>How long after the first packet the source may still move.</summary>
    public static readonly TimeSpan SettleTime = TimeSpan.FromSeconds(2);

    /// <summary>How long a locked source must be silent before another may take its place (a NAT that rebound).</summary>
    public static readonly TimeSpan SilenceToRelatch = TimeSpan.FromSeconds(5);

    /// <summary>Consecutive valid packets a new source must show before it is believed.</summary>
    public const int Proof = 2;

    private LatchScope _scope;
    private TransportAddress _signalled;
    private TransportAddress _candidate;
    private int _candidateCount;
    private TimeSpan _since;
    private TimeSpan _lastAccepted;

    public LatchState State { get; private set; }

    /// <summary>Where to send.</summary>
    public TransportAddress Target { get; private set; }

    /// <summary>Whether <see cref="Target"/> was learned from packets instead of signalling.</summary>
    public bool Learned { get; private set; }

    /// <summary>Sets what signalling says. A changed address opens the latch again; a repeated one changes nothing.</summary>
    public void OnSignalled(TransportAddress remote, LatchScope scope)
    {
        if (remote == _signalled && scope == _scope)
        {
            return;
        }

        _signalled = remote;
        _scope = scope;
        _candidateCount = 0;
        State = LatchState.Open;
        Target = remote;
        Learned = false;
    }

    /// <summary>Goes on with a source learned before a restart.</summary>
    public void Resume(TransportAddress learned, TimeSpan now)
    {
        Target = learned;
        Learned = learned != _signalled;
        State = LatchState.Locked;
        _lastAccepted = now;
    }

    /// <summary>Judges a packet that parsed as RTP of a payload type in use.</summary>
    public LatchVerdict OnPacket(TransportAddress source, TimeSpan now)
    {
        if (State == LatchState.Settling && now - _since >= SettleTime)
        {
            State = LatchState.Locked;
        }

        if (source == Target)
        {
            _candidateCount = 0;
            return Accept(source, now);
        }

        if (!InScope(source))
        {
            return LatchVerdict.Reject;
        }

        switch (State)
        {
            case LatchState.Open:
                return Accept(source, now);
            case LatchState.Settling:
                return Proven(source) ? Accept(source, now) : LatchVerdict.Reject;
            case LatchState.Locked:
                return now - _lastAccepted >= SilenceToRelatch && Proven(source) ? Accept(source, now) : LatchVerdict.Reject;
            default:
                return LatchVerdict.Reject;
        }
    }

    private LatchVerdict Accept(TransportAddress source, TimeSpan now)
    {
        if (State == LatchState.Open)
        {
            State = LatchState.Settling;
            _since = now;
        }

        if (source != Target)
        {
            Target = source;
            Learned = source != _signalled;
            _candidateCount = 0;
        }

        _lastAccepted = now;
        return LatchVerdict.Accept;
    }

    private bool Proven(TransportAddress source)
    {
        _candidateCount = source == _candidate ? _candidateCount + 1 : 1;
        _candidate = source;
        return _candidateCount >= Proof;
    }

    private bool InScope(TransportAddress source) => _scope switch
    {
        LatchScope.SignalledOnly => false,
        LatchScope.SameHost => source.SameHost(_signalled),
        LatchScope.AnyHost => true,
    };
}
