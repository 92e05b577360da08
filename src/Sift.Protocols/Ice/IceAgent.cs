using System.Buffers.Binary;
using Sift.Protocols.Rtp;
using Sift.Protocols.Stun;

namespace Sift.Protocols.Ice;

/// <summary>
/// A full agent (RFC 8445) for one component behind one socket: checks the peer's addresses itself, which opens the way through a NAT, answers
/// the peer's checks, agrees on a pair and keeps asking for consent to use it (RFC 7675).
/// </summary>
public sealed partial class IceAgent : IIceAgent
{
    /// <summary>Ta: checks leave no closer together than this (RFC 8445 14.2).</summary>
    public static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(50);

    private static readonly TimeSpan LeastRetransmission = TimeSpan.FromMilliseconds(500);

    // How long the controlling side waits for a better pair than those that work.
    private static readonly TimeSpan NominationPatience = TimeSpan.FromMilliseconds(500);

    private readonly uint _tag;
    private readonly IEntropy _entropy;
    private readonly IReadOnlyList<IceCandidate> _localCandidates;
    private readonly List<ConnectivityCheck> _checks = [];
    private CheckList _list = new();
    private IceGeneration _generation;
    private IceGeneration? _previous;
    private ConsentWatch? _consent;
    private ulong _tieBreaker;
    private int _peerReflexive;
    private bool _nominated;
    private bool _nominating;
    private TimeSpan _nextCheck;
    private TimeSpan? _firstValid;

    /// <param name="localCandidates">What the peer is told; they all stand for the one socket.</param>
    /// <param name="tag">Begins every transaction id, so that a host with many agents on one port knows whose answer it holds.</param>
    public IceAgent(IceRole role, IceCredentials local, IceCredentials remote, IReadOnlyList<IceCandidate> localCandidates, uint tag, IEntropy entropy)
    {
        Role = role;
        _generation = new IceGeneration(local, remote);
        _localCandidates = localCandidates;
        _tag = tag;
        _entropy = entropy;
        _tieBreaker = NewTieBreaker();
    }

    public IceCredentials Local => _generation.Local;

    /// <summary>Changes when the peer turns out to have the same.</summary>
    public IceRole Role { get; private set; }

    /// <summary>True when the selected pair is the one that the controlling side chose.</summary>
    public bool IsNominated => _nominated;

    public TransportAddress? Selected => _consent?.Remote;

    public TimeSpan? Deadline
    {
        get
        {
            TimeSpan? due = _list.HasWork ? _nextCheck : null;
            foreach (var check in _checks)
            {
                due = Earlier(due, check.Due);
            }

            if (WantsToNominate && _firstValid is { } first && _list.BestValid is not null)
            {
                due = Earlier(due, first + NominationPatience);
            }

            return _consent is { } consent ? Earlier(Earlier(due, consent.NextCheck), consent.Expires) : due;
        }
    }

    private bool WantsToNominate => Role == IceRole.Controlling && !_nominated && !_nominating;

    /// <summary>The agent that an answer is for, out of its transaction id.</summary>
    public static uint TagOf(scoped ReadOnlySpan<byte> transactionId) => BinaryPrimitives.ReadUInt32BigEndian(transactionId);

    public bool IsValidated(TransportAddress from) => _list.Find(from) is { IsValid: true };

    public void AddRemote(IceCandidate candidate)
    {
        if (candidate.Address.IsEmpty || !Reaches(candidate.Address))
        {
            return;
        }

        if (_list.Find(candidate.Address) is not { } known)
        {
            // Once a pair is nominated, another needs the peer to check it first (RFC 8445 8.1.2).
            if (!_nominated)
            {
                _list.Add(candidate, PriorityOf(candidate));
            }
        }
        else if (known.Remote.Type == IceCandidateType.PeerReflexive)
        {
            // Its check came before its announcement.
            known.Remote = candidate;
            known.Priority = PriorityOf(candidate);
        }
    }

    public void Restart(IceCredentials local, IceCredentials remote)
    {
        _previous = _generation;
        _generation = new IceGeneration(local, remote);
        _list = new CheckList();
        _checks.Clear();
        _nominated = false;
        _nominating = false;
        _firstValid = null;
    }

    public IceRefusal OnDatagram<TOutput>(scoped ReadOnlySpan<byte> datagram, TransportAddress from, TimeSpan now, ref TOutput output)
        where TOutput : IIceOutput, allows ref struct
    {
        if (!StunMessage.TryParse(datagram, out var message))
        {
            return IceRefusal.NotStun;
        }

        switch (message.Type)
        {
            case StunMessageType.BindingRequest:
                return OnRequest(message, from, now, ref output);
            case StunMessageType.BindingSuccess:
            case StunMessageType.BindingError:
                return OnResponse(message, from, now, ref output);
            default:
                return IceRefusal.Unexpected;
        }
    }

    public void OnTimer<TOutput>(TimeSpan now, ref TOutput output)
        where TOutput : IIceOutput, allows ref struct
    {
        Retransmit(now, ref output);
        Nominate(now);
        SendNext(now, ref output);
        WatchConsent(now, ref output);
    }

    private IceRefusal OnRequest<TOutput>(scoped StunMessage message, TransportAddress from, TimeSpan now, ref TOutput output)
        where TOutput : IIceOutput, allows ref struct
    {
        var generation = _generation;
        var refusal = generation.Judge(message);
        if (refusal == IceRefusal.WrongUser && _previous is { } previous)
        {
            generation = previous;
            refusal = previous.Judge(message);
        }

        if (refusal != IceRefusal.None)
        {
            return refusal;
        }

        Span<byte> reply = stackalloc byte[IceReply.Longest];
        if (IceReply.UnknownAttributes(reply, message, generation.LocalKey) is > 0 and var unknown)
        {
            output.SendStun(reply[..unknown], from);
            return IceRefusal.None;
        }

        if (!SettleRole(message))
        {
            output.SendStun(reply[..IceReply.RoleConflict(reply, message, generation.LocalKey)], from);
            return IceRefusal.None;
        }

        output.SendStun(reply[..IceReply.Success(reply, message, from, generation.LocalKey)], from);
        if (generation == _generation)
        {
            Hear(from, message, now, ref output);
            SendNext(now, ref output);
        }

        return IceRefusal.None;
    }

    /// <summary>RFC 8445 7.3.1.1: of two that claim the same role, the one with the greater tie-breaker keeps it or, controlled, takes the other.</summary>
    /// <returns>False when the peer has to change.</returns>
    private bool SettleRole(scoped StunMessage message)
    {
        var claimed = Role == IceRole.Controlling ? StunAttribute.IceControlling : StunAttribute.IceControlled;
        if (!message.TryGet(claimed, out var value) || value.Length != sizeof(ulong))
        {
            return true;
        }

        var oursIsGreater = _tieBreaker >= BinaryPrimitives.ReadUInt64BigEndian(value);
        if (oursIsGreater == (Role == IceRole.Controlling))
        {
            return false;
        }

        Take(Role == IceRole.Controlling ? IceRole.Controlled : IceRole.Controlling);
        return true;
    }

    /// <summary>An authentic check came from there (RFC 8445 7.3.1.3 to 7.3.1.5).</summary>
    private void Hear<TOutput>(TransportAddress from, scoped StunMessage message, TimeSpan now, ref TOutput output)
        where TOutput : IIceOutput, allows ref struct
    {
        if ((_list.Find(from) ?? Learn(from, message)) is not { } pair)
        {
            return;
        }

        var nominates = Role == IceRole.Controlled && message.Has(StunAttribute.UseCandidate);
        if (pair.State == CandidatePairState.Succeeded)
        {
            if (nominates)
            {
                OnNominated(pair, now, ref output);
            }

            return;
        }

        pair.NominateNext |= nominates;
        foreach (var check in _checks)
        {
            if (check.Pair == pair && !check.IsCancelled)
            {
                check.Cancel(now);
            }
        }

        _list.Trigger(pair);
    }

    private CandidatePair? Learn(TransportAddress from, scoped StunMessage message)
    {
        var priority = message.TryGet(StunAttribute.Priority, out var told) && told.Length == sizeof(uint) ? BinaryPrimitives.ReadUInt32BigEndian(told) : 0;
        var learnt = new IceCandidate($"p{++_peerReflexive}", priority, from, IceCandidateType.PeerReflexive);
        return _list.Add(learnt, PriorityOf(learnt));
    }

    private void Take(IceRole role)
    {
        Role = role;
        _nominating = false;
        foreach (var pair in _list.Pairs)
        {
            pair.NominateNext = false;
            pair.Priority = PriorityOf(pair.Remote);
        }
    }

    private bool Reaches(TransportAddress remote)
    {
        foreach (var local in _localCandidates)
        {
            if (local.Address.IsIPv4 == remote.IsIPv4)
            {
                return true;
            }
        }

        return false;
    }

    private ulong PriorityOf(IceCandidate remote)
    {
        // Of the base that all our candidates share, the best one counts.
        var local = 0u;
        foreach (var candidate in _localCandidates)
        {
            if (candidate.Address.IsIPv4 == remote.Address.IsIPv4)
            {
                local = Math.Max(local, candidate.Priority);
            }
        }

        return Role == IceRole.Controlling ? CandidatePair.PriorityOf(local, remote.Priority) : CandidatePair.PriorityOf(remote.Priority, local);
    }

    private ulong NewTieBreaker()
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        _entropy.Fill(bytes);
        return BinaryPrimitives.ReadUInt64BigEndian(bytes);
    }

    private static TimeSpan? Earlier(TimeSpan? one, TimeSpan other) => one is { } first && first < other ? first : other;
}
