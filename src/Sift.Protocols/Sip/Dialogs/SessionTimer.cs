using System.Globalization;
using Sift.Protocols.Sip.Messages;
using Sift.Protocols.Sip.Transactions;
using Sift.Protocols.Sip.UserAgent;

namespace Sift.Protocols.Sip.Dialogs;

/// <summary>RFC 4028: a session that nobody refreshes ends.</summary>
internal sealed class SessionTimer(AgentContext context, Call call) : ITimed
{
    private static readonly TimeSpan MaxMargin = TimeSpan.FromSeconds(32);

    /// <summary>A peer that asks for more than a day is not followed any further.</summary>
    private static readonly TimeSpan MaxInterval = TimeSpan.FromDays(1);

    private TimeSpan _expiresAt;
    private bool _refreshSent;

    public TimeSpan? Interval { get; private set; }

    public bool IsRefresher { get; private set; }

    /// <summary>The smallest interval a 422 of the far end allows (RFC 4028 section 7.3).</summary>
    public TimeSpan Minimum { get; private set; } = context.Options.MinimumSessionExpires;

    int ITimed.HeapSlot { get; set; }

    TimeSpan ITimed.HeapDeadline { get; set; }

    public TimeSpan? Remaining(TimeSpan now) => Interval is null ? null : _expiresAt > now ? _expiresAt - now : TimeSpan.Zero;

    /// <summary>RFC 4028 section 7.1 and 7.4: the fields of our INVITE or UPDATE. A refresh keeps the roles.</summary>
    public void AddRequest(SipHeaders headers)
    {
        if ((Interval ?? context.Options.SessionExpires) is not { } wanted)
        {
            return;
        }

        var refresher = Interval is null ? SessionRefresher.Unspecified : IsRefresher ? SessionRefresher.Uac : SessionRefresher.Uas;
        headers.AddParsed("Session-Expires", new SessionExpires(Seconds(wanted > Minimum ? wanted : Minimum), refresher).ToString());
        if (Minimum > TimeSpan.FromSeconds(90))
        {
            headers.AddParsed("Min-SE", Seconds(Minimum).ToString(CultureInfo.InvariantCulture));
        }
    }

    /// <summary>RFC 4028 section 7.3: takes the Min-SE of a 422; false when it leaves nothing to try.</summary>
    public bool TryRaise(SipResponse response)
    {
        var least = TimeSpan.FromSeconds(response.MinSessionExpires ?? 0);
        if (least <= Minimum || least > MaxInterval)
        {
            return false;
        }

        Minimum = least;
        if (Interval is { } interval && interval < Minimum)
        {
            Interval = Minimum;
        }

        return true;
    }

    /// <summary>RFC 4028 section 9: the fields of our 2xx, and the start of the timer.</summary>
    public void AnswerRequest(SipRequest request, SipResponse response, TimeSpan now)
    {
        var supported = request.Supports("timer");
        if (request.SessionExpires is not { } asked)
        {
            if (!supported || context.Options.SessionExpires is not { } ours)
            {
                Stop();
                return;
            }

            var least = TimeSpan.FromSeconds(request.MinSessionExpires ?? 0);
            asked = new(Seconds(ours > least ? ours : least), SessionRefresher.Uas);
        }

        // Table 2: a UAC without support cannot refresh.
        var refresher = supported && asked.Refresher != SessionRefresher.Uas ? SessionRefresher.Uac : SessionRefresher.Uas;
        response.Headers.AddParsed("Session-Expires", (asked with { Refresher = refresher }).ToString());
        if (refresher == SessionRefresher.Uac)
        {
            response.Headers.AddParsed("Require", "timer");
        }

        Start(TimeSpan.FromSeconds(asked.Seconds), refresher == SessionRefresher.Uas, now);
    }

    /// <summary>RFC 4028 section 7.2: what the 2xx to our request settled.</summary>
    public void OnSuccess(SipResponse response, TimeSpan now)
    {
        if (response.SessionExpires is { } settled)
        {
            Start(TimeSpan.FromSeconds(settled.Seconds), settled.Refresher != SessionRefresher.Uas, now);
        }
        else
        {
            Stop();
        }
    }

    public void Restore(TimeSpan interval, bool isRefresher, TimeSpan remaining, TimeSpan now)
    {
        Interval = interval;
        IsRefresher = isRefresher;
        _expiresAt = now + remaining;
        Arm(now);
    }

    public void Stop()
    {
        Interval = null;
        context.Timers.Set(this, null);
    }

    void ITimed.OnDeadline(in Turn turn)
    {
        if (IsRefresher && !_refreshSent)
        {
            _refreshSent = true;
            context.Timers.Set(this, GiveUpAt);
            call.Change.Refresh(turn);
            return;
        }

        call.Expire(turn);
    }

    // RFC 4028 section 10: BYE min(32 s, a third of the interval) before the end.
    private TimeSpan GiveUpAt => _expiresAt - (Interval!.Value / 3 < MaxMargin ? Interval.Value / 3 : MaxMargin);

    private void Start(TimeSpan interval, bool isRefresher, TimeSpan now)
    {
        // A peer may name any number; below the floor of RFC 4028 section 5 it would keep us refreshing without end.
        var floor = TimeSpan.FromSeconds(90);
        Interval = interval < floor ? floor : interval;
        IsRefresher = isRefresher;
        _expiresAt = now + Interval.Value;
        Arm(now);
    }

    private void Arm(TimeSpan now)
    {
        _refreshSent = false;
        var refreshAt = _expiresAt - (Interval!.Value / 2);
        context.Timers.Set(this, !IsRefresher ? GiveUpAt : refreshAt > now ? refreshAt : now);
    }

    private static uint Seconds(TimeSpan time) => (uint)Math.Ceiling(time.TotalSeconds);
}
