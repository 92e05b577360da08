using System.Buffers.Binary;
using System.Net;
using Sift.Protocols.Rtp;
using Sift.Protocols.Stun;

namespace Sift.Protocols.Ice;

/// <summary>Our own checks: sent in their turn, answered, and what follows from that.</summary>
public sealed partial class IceAgent
{
    private void SendNext<TOutput>(TimeSpan now, ref TOutput output)
        where TOutput : IIceOutput, allows ref struct
    {
        if (now < _nextCheck || _list.TakeNext() is not { } pair)
        {
            return;
        }

        pair.State = CandidatePairState.InProgress;
        var nominates = Role == IceRole.Controlling && pair.NominateNext;
        Span<byte> buffer = stackalloc byte[IceReply.Longest];
        var message = buffer[..Write(buffer, _generation, nominates)].ToArray();
        var retransmission = Pace * _list.Pending;
        var check = new ConnectivityCheck(pair, Role, nominates, message, retransmission > LeastRetransmission ? retransmission : LeastRetransmission);
        _checks.Add(check);
        check.Sent(now);
        _nextCheck = now + Pace;
        output.SendStun(message, pair.Address);
    }

    private void Retransmit<TOutput>(TimeSpan now, ref TOutput output)
        where TOutput : IIceOutput, allows ref struct
    {
        for (var i = _checks.Count - 1; i >= 0; i--)
        {
            var check = _checks[i];
            if (check.Due > now)
            {
                continue;
            }

            if (!check.IsSpent)
            {
                check.Sent(now);
                output.SendStun(check.Message, check.Pair.Address);
                continue;
            }

            _checks.RemoveAt(i);
            if (!check.IsCancelled)
            {
                Fail(check.Pair);
            }
        }
    }

    private IceRefusal OnResponse<TOutput>(scoped StunMessage message, TransportAddress from, TimeSpan now, ref TOutput output)
        where TOutput : IIceOutput, allows ref struct
    {
        if (FindCheck(message.TransactionId) is not { } check)
        {
            return OnConsent(message, from, now);
        }

        if (!message.IsAuthentic(_generation.RemoteKey))
        {
            return IceRefusal.NotAuthentic;
        }

        _checks.Remove(check);
        var pair = check.Pair;
        if (message.Type == StunMessageType.BindingError)
        {
            OnError(check, message);
        }
        else if (from != pair.Address || !message.TryGetXorMappedAddress(out IPEndPoint? _))
        {
            // RFC 8445 7.2.5.2.1: the way back has to be the way there.
            Fail(pair);
        }
        else
        {
            OnSuccess(check, now, ref output);
        }

        SendNext(now, ref output);
        return IceRefusal.None;
    }

    private void OnError(ConnectivityCheck check, scoped StunMessage message)
    {
        if (message.ErrorCode != StunMessage.RoleConflict)
        {
            Fail(check.Pair);
            return;
        }

        if (check.Role == Role)
        {
            // RFC 8445 7.2.5.1: the other role, and another tie-breaker, as two that are equal would change for ever.
            Take(Role == IceRole.Controlling ? IceRole.Controlled : IceRole.Controlling);
            _tieBreaker = NewTieBreaker();
        }

        _list.Trigger(check.Pair);
    }

    private void OnSuccess<TOutput>(ConnectivityCheck check, TimeSpan now, ref TOutput output)
        where TOutput : IIceOutput, allows ref struct
    {
        var pair = check.Pair;
        pair.State = CandidatePairState.Succeeded;
        foreach (var other in _checks)
        {
            if (other.Pair == pair && !other.IsCancelled)
            {
                other.Cancel(now);
            }
        }

        if (!pair.IsValid)
        {
            pair.IsValid = true;
            _firstValid ??= now;
            output.OnValidated(pair.Address);
        }

        _list.Unfreeze(pair.Remote.Foundation);
        if (Role == IceRole.Controlled ? pair.NominateNext : check.Nominates)
        {
            OnNominated(pair, now, ref output);
            return;
        }

        // RFC 8445 12.1: until the nomination the best pair that works may be used.
        if (!_nominated && _list.BestValid is { } best && (_consent?.Generation != _generation || best.Address != _consent.Remote))
        {
            Select(best, now, ref output);
        }

        if (_consent is { } consent && consent.Generation == _generation && consent.Remote == pair.Address)
        {
            consent.Renew(now);
        }

        Nominate(now);
    }

    private void OnNominated<TOutput>(CandidatePair pair, TimeSpan now, ref TOutput output)
        where TOutput : IIceOutput, allows ref struct
    {
        pair.NominateNext = false;
        _nominating = false;
        if (!_nominated)
        {
            _nominated = true;
            _list.Conclude();
            foreach (var check in _checks)
            {
                check.Cancel(now);
            }
        }

        // A later nomination of another pair moves the call: the peer's network changed.
        if (_consent?.Generation != _generation || _consent.Remote != pair.Address)
        {
            Select(pair, now, ref output);
        }
    }

    /// <summary>Controlling, RFC 8445 8.1.1: one more check of the best pair, with USE-CANDIDATE, once nothing better is to be expected.</summary>
    private void Nominate(TimeSpan now)
    {
        if (!WantsToNominate || _list.BestValid is not { } best)
        {
            return;
        }

        var nothingBetterIsPending = !_list.Pairs.Any(p =>
            p.Priority > best.Priority && p.State is not (CandidatePairState.Failed or CandidatePairState.Succeeded));
        if (nothingBetterIsPending || now >= _firstValid + NominationPatience)
        {
            _nominating = true;
            best.NominateNext = true;
            _list.Trigger(best);
        }
    }

    private void Select<TOutput>(CandidatePair pair, TimeSpan now, ref TOutput output)
        where TOutput : IIceOutput, allows ref struct
    {
        var moves = _consent?.Remote != pair.Address;
        _consent = new ConsentWatch(pair.Address, _generation, now, _entropy);
        if (moves)
        {
            output.OnSelected(pair.Address);
        }
    }

    private void Fail(CandidatePair pair)
    {
        pair.State = CandidatePairState.Failed;
        pair.IsValid = false;
        if (pair.NominateNext)
        {
            pair.NominateNext = false;
            _nominating = false;
        }
    }

    private void WatchConsent<TOutput>(TimeSpan now, ref TOutput output)
        where TOutput : IIceOutput, allows ref struct
    {
        if (_consent is not { } consent)
        {
            return;
        }

        if (now >= consent.Expires)
        {
            _consent = null;
            if (_list.Find(consent.Remote) is { } pair)
            {
                // Should the peer come back there, its check begins everything again.
                Fail(pair);
            }

            _nominated = false;
            output.OnConsentLost();
        }
        else if (now >= consent.NextCheck)
        {
            Span<byte> buffer = stackalloc byte[IceReply.Longest];
            var length = Write(buffer, consent.Generation, nominates: false);
            consent.Sent(buffer.Slice(8, StunMessage.TransactionIdLength), now, _entropy);
            output.SendStun(buffer[..length], consent.Remote);
        }
    }

    private IceRefusal OnConsent(scoped StunMessage message, TransportAddress from, TimeSpan now)
    {
        if (_consent is not { } consent || message.Type != StunMessageType.BindingSuccess || from != consent.Remote || !consent.Knows(message.TransactionId))
        {
            return IceRefusal.Unexpected;
        }

        if (!message.IsAuthentic(consent.Generation.RemoteKey))
        {
            return IceRefusal.NotAuthentic;
        }

        consent.Renew(now);
        return IceRefusal.None;
    }

    private int Write(Span<byte> buffer, IceGeneration generation, bool nominates)
    {
        Span<byte> transaction = stackalloc byte[StunMessage.TransactionIdLength];
        _entropy.Fill(transaction);
        BinaryPrimitives.WriteUInt32BigEndian(transaction, _tag);
        var writer = new StunWriter(buffer, StunMessageType.BindingRequest, transaction);
        writer.Add(StunAttribute.Username, generation.CheckUser);

        // RFC 8445 7.1.1: what the peer is to give a candidate that it learns from this check.
        writer.Add(StunAttribute.Priority, IceCandidate.PriorityOf((int)IceCandidateType.PeerReflexive, IceCandidate.HighestLocalPreference));
        writer.Add(Role == IceRole.Controlling ? StunAttribute.IceControlling : StunAttribute.IceControlled, _tieBreaker);
        if (nominates)
        {
            writer.Add(StunAttribute.UseCandidate, []);
        }

        return writer.Seal(generation.RemoteKey);
    }

    private ConnectivityCheck? FindCheck(scoped ReadOnlySpan<byte> transaction)
    {
        foreach (var check in _checks)
        {
            if (check.TransactionId.SequenceEqual(transaction))
            {
                return check;
            }
        }

        return null;
    }
}
