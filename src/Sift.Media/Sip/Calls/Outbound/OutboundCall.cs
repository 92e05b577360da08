using Sift.Media.Legs;
using Sift.Protocols.Sip.Messages;
using Sift.Protocols.Sip.UserAgent;

namespace Sift.Media.Sip.Calls.Outbound;

/// <summary>
/// A call while it is being placed: rings every phone of a round at once, takes the first that answers, and goes on to the next
/// carrier when one cannot take the call (503, a timeout, a broken transport before anything rang).
/// </summary>
internal sealed class OutboundCall(ILegHost host, SipLeg leg, DialLeg dial, DialPlan plan, ReadOnlyMemory<byte> offer)
{
    /// <summary>How long the 487 of a cancelled call is waited for before the leg ends without it.</summary>
    private static readonly TimeSpan CancelGrace = TimeSpan.FromSeconds(1);

    private readonly List<OutboundBranch> _branches = [];
    private ReactorTimer? _ringTimer;
    private ReactorTimer? _silenceTimer;
    private int _round = -1;
    private bool _rang;
    private bool _settled;
    private LegEndCause? _givenUp;
    private string? _reason;
    private SipCallEnd? _worst;

    public LegId Leg => leg.Id;

    public void Start()
    {
        _ringTimer = host.After(dial.RingTimeout, () => GiveUp(LegEndCause.NoAnswer, "no answer in time"));
        NextRound();
    }

    /// <summary>Cancels what rings; the leg ends with that cause.</summary>
    public void GiveUp(LegEndCause cause, string reason)
    {
        if (_settled || _givenUp is not null)
        {
            return;
        }

        _givenUp = cause;
        _reason = reason;
        host.After(CancelGrace, () => Settle(cause, _worst?.Status, reason));
        CancelAllBut(null);
        SettleWhenDone();
    }

    public void Provisional(OutboundBranch branch, SipResponse response)
    {
        if (_settled || _givenUp is not null || branch.IsPassedOver || response.StatusCode is not (180 or 183))
        {
            return;
        }

        _rang = true;
        branch.Target.Trunk?.Heard(branch.Target.Flow, response.StatusCode);
        leg.Rings(response);
    }

    public void Answered(OutboundBranch branch, SipCallId call, SipResponse response, bool owesAnswer)
    {
        if (_settled || _givenUp is not null || branch.IsPassedOver)
        {
            // It crossed our CANCEL (RFC 3261 9.1), or another phone was faster: acknowledged by the core, now ended.
            if (owesAnswer)
            {
                host.Agent.Acknowledge(call, default, host.Now, host.Output);
            }

            host.Agent.HangUp(call, null, host.Now, host.Output);
            return;
        }

        _settled = true;
        _ringTimer?.Cancel();
        _silenceTimer?.Cancel();
        CancelAllBut(branch);
        leg.Connected(call, response, owesAnswer);
    }

    public void Ended(OutboundBranch branch, SipCallEnd end)
    {
        _branches.Remove(branch);
        if (_settled || branch.IsPassedOver)
        {
            return;
        }

        if (branch.Target.Trunk is { } trunk && end.Cause is SipEndCause.Refused or SipEndCause.Timeout or SipEndCause.TransportError)
        {
            trunk.Heard(branch.Target.Flow, end.Cause == SipEndCause.Refused ? end.Status : null);
        }

        if (_worst is null || Rank(end) >= Rank(_worst))
        {
            _worst = end;
        }

        if (end is { Cause: SipEndCause.Refused, Status: >= 600 })
        {
            // RFC 3261 16.7 step 5: a 6xx speaks for the whole user.
            CancelAllBut(null);
        }

        SettleWhenDone();
    }

    private void SettleWhenDone()
    {
        if (_settled || _branches.Count > 0)
        {
            return;
        }

        if (_givenUp is { } cause)
        {
            Settle(cause, _worst?.Status, _reason);
        }
        else if (_worst is null || (MayGoOn(_worst) && _round + 1 < plan.Rounds.Count))
        {
            NextRound();
        }
        else
        {
            var end = _worst;
            var failure = end.Cause switch
            {
                SipEndCause.Refused when end.Status is { } status => SipFailures.CauseOf(status),
                SipEndCause.Timeout or SipEndCause.TransportError => LegEndCause.Unreachable,
                _ => LegEndCause.Error,
            };
            Settle(failure, end.Status, SipFailures.Describe(end));
        }
    }

    private void NextRound()
    {
        if (++_round >= plan.Rounds.Count)
        {
            Settle(LegEndCause.Unreachable, null, "nowhere to go");
            return;
        }

        foreach (var target in plan.Rounds[_round])
        {
            // Entered before the invitation: the core may fail it from within Invite.
            var branch = new OutboundBranch(this, target);
            _branches.Add(branch);
        }

        WatchForSilence();
        foreach (var branch in _branches.ToArray())
        {
            branch.Start(host, new SipInvitation
            {
                Target = branch.Target.Uri,
                Flow = branch.Target.Flow,
                From = branch.Target.From,
                To = branch.Target.To,
                Offer = offer,
                ContactUser = "sift",
                Headers = branch.Target.Headers,
                Credentials = branch.Target.Credentials,
            });
        }
    }

    /// <summary>RFC 3263 4.3: a server that says nothing at all is given up for the next one, long before timer B would.</summary>
    private void WatchForSilence()
    {
        _silenceTimer?.Cancel();
        if (_branches is not [{ Target.Trunk: { } trunk } branch] || _round + 1 >= plan.Rounds.Count)
        {
            return;
        }

        _silenceTimer = host.After(trunk.Options.FailoverAfter, () =>
        {
            if (_settled || _givenUp is not null || !_branches.Contains(branch) || branch.HasProceeded(host))
            {
                return;
            }

            // It stays behind cancelled: an answer that comes after all is acknowledged and ended by the core.
            trunk.Heard(branch.Target.Flow, null);
            branch.IsPassedOver = true;
            _branches.Remove(branch);
            branch.Cancel(host);
            NextRound();
        });
    }

    private void CancelAllBut(OutboundBranch? winner)
    {
        foreach (var branch in _branches.ToArray())
        {
            if (branch != winner)
            {
                branch.Cancel(host);
            }
        }
    }

    private void Settle(LegEndCause cause, int? status, string? detail)
    {
        if (_settled)
        {
            return;
        }

        _settled = true;
        _ringTimer?.Cancel();
        _silenceTimer?.Cancel();
        CancelAllBut(null);
        leg.Failed(cause, status, detail);
    }

    private bool MayGoOn(SipCallEnd end) => !_rang
        && (end.Cause is SipEndCause.Timeout or SipEndCause.TransportError
            || end is { Cause: SipEndCause.Refused, Status: 408 or 500 or 502 or 503 or 504 });

    /// <summary>Of several refusals the one that says most about the callee counts (RFC 3261 16.7 step 6).</summary>
    private static int Rank(SipCallEnd end) => end switch
    {
        { Cause: SipEndCause.Refused, Status: >= 600 } => 5,
        { Cause: SipEndCause.Refused, Status: 486 } => 4,
        { Cause: SipEndCause.Refused, Status: >= 400 and < 500 and not 408 } => 3,
        { Cause: SipEndCause.Refused } => 2,
        _ => 1,
    };
}
