using Sift.Media.Legs;
using Sift.Protocols.Sip.Messages;
using Sift.Protocols.Sip.UserAgent;

namespace Sift.Media.Sip.Calls;

/// <summary>SIP statuses as the failure names of the API, and back.</summary>
internal static class SipFailures
{
    /// <summary>What a final refusal of our call means.</summary>
    public static LegEndCause CauseOf(int status) => status switch
    {
        486 or 600 => LegEndCause.Busy,
        408 or 480 or 487 => LegEndCause.NoAnswer,
        603 or 607 => LegEndCause.Declined,
        401 or 403 or 407 => LegEndCause.Forbidden,
        404 or 410 or 484 or 604 => LegEndCause.NotFound,
        >= 500 and < 600 => LegEndCause.Unreachable,
        _ => LegEndCause.Error,
    };

    /// <summary>The status an incoming call is refused with.</summary>
    public static int StatusOf(LegEndCause cause) => cause switch
    {
        LegEndCause.Busy => 486,
        LegEndCause.Declined => 603,
        LegEndCause.NotFound => 404,
        LegEndCause.Forbidden => 403,
        LegEndCause.LocalHangUp or LegEndCause.RemoteHangUp or LegEndCause.NoAnswer or LegEndCause.Unreachable
            or LegEndCause.MediaTimeout or LegEndCause.Error => 480,
    };

    /// <summary>The end of a call in words, for people.</summary>
    public static string Describe(SipCallEnd end)
    {
        var what = end.Cause switch
        {
            SipEndCause.LocalHangUp => "hung up here",
            SipEndCause.RemoteHangUp => "the far end hung up",
            SipEndCause.Cancelled => "the caller gave up",
            SipEndCause.Rejected => "refused here",
            SipEndCause.Refused => "the far end refused",
            SipEndCause.Timeout => "the far end did not answer a message in time",
            SipEndCause.SessionExpired => "the session timer ran out",
            SipEndCause.TransportError => "the connection broke",
            SipEndCause.DialogLost => "the far end lost the call",
        };
        return (end.Status, end.Reason) switch
        {
            ({ } status, { } reason) => $"{what}: {status} {reason}",
            ({ } status, null) => $"{what}: {status}",
            (null, { } reason) => $"{what}: {reason}",
            (null, null) => what,
        };
    }

    /// <summary>RFC 3326 with the Q.850 cause that carriers expect (RFC 6432).</summary>
    public static string ReasonHeader(string text) => new Reason("Q.850", 16, text).ToString();
}
