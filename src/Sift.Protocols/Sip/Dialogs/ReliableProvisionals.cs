using System.Globalization;
using Sift.Protocols.Sip.Messages;
using Sift.Protocols.Sip.Transactions;
using Sift.Protocols.Sip.UserAgent;

namespace Sift.Protocols.Sip.Dialogs;

/// <summary>Whoever sends reliable provisionals.</summary>
internal interface IReliableUser
{
    /// <summary>All that was sent is acknowledged.</summary>
    void OnReliableDone(in Turn turn);

    /// <summary>RFC 3262 section 3: no PRACK in 64*T1.</summary>
    void OnPrackMissing(in Turn turn);
}

/// <summary>RFC 3262 section 3, UAS side: provisional responses that are repeated until PRACK comes, one after another.</summary>
internal sealed class ReliableProvisionals : ITimed
{
    private readonly AgentContext _context;
    private readonly InviteServerTransaction _transaction;
    private readonly IReliableUser _user;
    private readonly Queue<SipResponse> _waiting = [];
    private readonly CSeq _invite;
    private SipResponse? _current;
    private uint _number;
    private TimeSpan _interval;
    private TimeSpan _repeatAt;
    private TimeSpan _expiresAt;

    public ReliableProvisionals(AgentContext context, InviteServerTransaction transaction, CSeq invite, IReliableUser user)
    {
        _context = context;
        _transaction = transaction;
        _invite = invite;
        _user = user;

        // RFC 3262 section 3: the first number is random.
        _number = context.Tokens.Sequence();
    }

    public bool IsPending => _current is not null;

    int ITimed.HeapSlot { get; set; }

    TimeSpan ITimed.HeapDeadline { get; set; }

    public void Send(SipResponse response, in Turn turn)
    {
        response.Headers.AddParsed("Require", "100rel");
        _waiting.Enqueue(response);
        if (_current is null)
        {
            Next(turn);
        }
    }

    /// <summary>False when the PRACK names no response that waits: 481.</summary>
    public bool TryAcknowledge(SipRequest prack)
    {
        if (_current is null || prack.RAck is not { } rack || rack.ResponseNumber != _number || rack.CSeq != _invite)
        {
            return false;
        }

        _current = null;
        _context.Timers.Set(this, null);
        return true;
    }

    /// <summary>After the PRACK is answered: the next one, or word that there is none.</summary>
    public void Continue(in Turn turn)
    {
        if (_waiting.Count > 0)
        {
            Next(turn);
        }
        else
        {
            _user.OnReliableDone(turn);
        }
    }

    /// <summary>Repeats nothing more; a PRACK that is on its way is still recognised (RFC 3262 section 3, last paragraph).</summary>
    public void Stop()
    {
        _waiting.Clear();
        _context.Timers.Set(this, null);
    }

    void ITimed.OnDeadline(in Turn turn)
    {
        if (_expiresAt <= turn.Now)
        {
            Stop();
            _user.OnPrackMissing(turn);
            return;
        }

        // RFC 3262 section 3: doubles without the cap of T2.
        _interval *= 2;
        _repeatAt = turn.Now + _interval;
        Arm();
        _transaction.Repeat(turn);
    }

    private void Next(in Turn turn)
    {
        _current = _waiting.Dequeue();
        _current.Headers.AddParsed("RSeq", (++_number).ToString(CultureInfo.InvariantCulture));
        _interval = _context.Timings.T1;
        _repeatAt = turn.Now + _interval;
        _expiresAt = turn.Now + _context.Timings.Timeout;
        Arm();
        _transaction.Respond(_current, turn);
    }

    private void Arm() => _context.Timers.Set(this, _repeatAt < _expiresAt ? _repeatAt : _expiresAt);
}
