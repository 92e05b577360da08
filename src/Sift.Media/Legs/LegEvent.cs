namespace Sift.Media.Legs;

/// <summary>What happens on a leg. All events of one leg arrive in order through <see cref="ILegEvents"/>; nobody polls a leg.</summary>
public abstract record LegEvent(LegId Leg);

/// <summary>Someone calls. The leg exists and waits for Ring, Answer or Reject; it is refused (480) if none comes within 30 s.</summary>
/// <param name="From">E.164 number, <c>webrtc:name</c> or SIP user part of the caller; "anonymous" when withheld.</param>
/// <param name="To">The number or name called.</param>
/// <param name="Origin">Which door it came through: <c>trunk:NAME</c>, <c>sandbox</c>, <c>webrtc</c>.</param>
public sealed record LegIncoming(LegId Leg, string From, string To, string Origin) : LegEvent(Leg)
{
    /// <summary>The account the origin belongs to, when the origin decides it (a browser token); null when the number decides.</summary>
    public string? AccountId { get; init; }

    /// <summary>The application the origin names (browser tokens); null when the number decides.</summary>
    public string? ApplicationId { get; init; }

    /// <summary>JSON text the client passed to <c>connect()</c>; null when none.</summary>
    public string? ClientData { get; init; }

    /// <summary>Set in bench mode only: a built-in load scenario to run instead of an application (say, play, bridge, hook).</summary>
    public string? BenchScenario { get; init; }
}

/// <summary>The callee's phone rings.</summary>
/// <param name="EarlyMedia">True when the far end already sends audio (183 with SDP): pass it on instead of local ringback.</param>
public sealed record LegRinging(LegId Leg, bool EarlyMedia) : LegEvent(Leg);

/// <summary>The call is up, media flows.</summary>
public sealed record LegAnswered(LegId Leg) : LegEvent(Leg);

/// <summary>The far end pressed a key, reported once per press whatever ways it was signalled.</summary>
/// <param name="Digit">0-9, *, #, A-D.</param>
public sealed record LegDigit(LegId Leg, char Digit, DigitSource Source) : LegEvent(Leg);

public enum DigitSource { TelephoneEvent, InBand, SipInfo, Client }

/// <summary>A playback ended; exactly one per <see cref="PlayOnLeg"/> unless the leg ends first.</summary>
/// <param name="Error">Why it failed, for people; null unless <see cref="PlaybackEnd.Failed"/>.</param>
public sealed record PlaybackFinished(LegId Leg, PlaybackId Playback, PlaybackEnd End, string? Error = null) : LegEvent(Leg);

public enum PlaybackEnd { Completed, Stopped, Interrupted, Failed }

/// <summary>No media arrived for the configured time while it should have. The leg ends by itself if it does not return.</summary>
public sealed record LegMediaLost(LegId Leg, TimeSpan Silence) : LegEvent(Leg);

/// <summary>Media arrives again.</summary>
public sealed record LegMediaResumed(LegId Leg) : LegEvent(Leg);

/// <summary>The far end put us on hold, or took us back.</summary>
public sealed record LegHoldChanged(LegId Leg, bool Held) : LegEvent(Leg);

/// <summary>The leg is gone; the last event of a leg, sent exactly once.</summary>
/// <param name="SipStatus">The final SIP status when one was received or sent, else null.</param>
/// <param name="Detail">For people: what ended it.</param>
public sealed record LegEnded(LegId Leg, LegEndCause Cause, int? SipStatus, string? Detail) : LegEvent(Leg)
{
    public LegQuality? Quality { get; init; }
}

/// <summary>Why a leg ended. The failure names of the API (busy, no_answer, …) are these.</summary>
public enum LegEndCause
{
    /// <summary>We hung up.</summary>
    LocalHangUp,

    /// <summary>The far end hung up (or cancelled).</summary>
    RemoteHangUp,
    Busy,
    NoAnswer,
    Declined,
    Unreachable,
    NotFound,
    Forbidden,
    MediaTimeout,
    Error,
}

/// <summary>Figures of a leg's media at its end.</summary>
/// <param name="Jitter">RFC 3550 interarrival jitter.</param>
public sealed record LegQuality(long PacketsReceived, long PacketsSent, long PacketsLost, TimeSpan Jitter, TimeSpan? RoundTrip, double? MeanOpinionScore, string Codec);
