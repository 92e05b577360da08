namespace Sift.Protocols.Sip.UserAgent;

/// <summary>Why a call is over.</summary>
public enum SipEndCause
{
    /// <summary>We sent BYE or CANCEL.</summary>
    LocalHangUp,

    /// <summary>BYE from the far end.</summary>
    RemoteHangUp,

    /// <summary>CANCEL from the far end before we answered.</summary>
    Cancelled,

    /// <summary>We refused the incoming call.</summary>
    Rejected,

    /// <summary>The far end refused our call with <see cref="SipCallEnd.Status"/>.</summary>
    Refused,

    /// <summary>No answer at all came in time: timer B or F, or no ACK for our 200.</summary>
    Timeout,

    /// <summary>The session timer ran out without a refresh (RFC 4028).</summary>
    SessionExpired,

    /// <summary>The flow is gone and no other could be had.</summary>
    TransportError,

    /// <summary>The far end does not know the dialog any more (481 or 408 in the dialog).</summary>
    DialogLost,
}

/// <summary>How a call ended; the last thing said of a call.</summary>
/// <param name="Status">The final SIP status received or sent, when there was one.</param>
/// <param name="Reason">The reason phrase, or the value of a Reason header (RFC 3326) when one came.</param>
public sealed record SipCallEnd(SipEndCause Cause, int? Status, string? Reason);
