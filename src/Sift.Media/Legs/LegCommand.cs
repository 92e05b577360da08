namespace Sift.Media.Legs;

/// <summary>
/// What can be asked of a leg. Message-shaped: records with ids and no live references, so that a leg can be hosted by
/// another process or node. A command for a leg that is gone is dropped; its <see cref="LegEnded"/> has been or will be seen.
/// </summary>
public abstract record LegCommand(LegId Leg);

/// <summary>Places an outbound call. Its fate arrives as <see cref="LegRinging"/>, <see cref="LegAnswered"/> or <see cref="LegEnded"/>.</summary>
/// <param name="Destination">An E.164 number (<c>+15554443333</c>), or <c>webrtc:name</c>.</param>
/// <param name="CallerId">E.164 number or name shown to the callee; null for anonymous.</param>
/// <param name="RingTimeout">How long it may ring before it ends with <see cref="LegEndCause.NoAnswer"/>.</param>
/// <param name="PreferredCodecs">Codec names in order (RFC 3551 names, "PCMU"), to save transcoding on a bridge; empty for the default.</param>
public sealed record DialLeg(LegId Leg, string Destination, string? CallerId, TimeSpan RingTimeout, IReadOnlyList<string> PreferredCodecs) : LegCommand(Leg)
{
    /// <summary>The account that pays for the call; trunks and sandbox phones may be limited to some accounts.</summary>
    public string? AccountId { get; init; }

    /// <summary>The leg that it will be bridged with: without <see cref="PreferredCodecs"/> its codec is asked for first, so that packets can be relayed.</summary>
    public LegId? Partner { get; init; }
}

/// <summary>Tells an incoming caller that the phone rings (SIP 180).</summary>
public sealed record RingLeg(LegId Leg) : LegCommand(Leg);

/// <summary>Answers an incoming call (SIP 200). Answering twice is harmless.</summary>
public sealed record AnswerLeg(LegId Leg) : LegCommand(Leg);

/// <summary>Refuses an incoming call that was not answered.</summary>
/// <param name="Cause">Busy, Declined or NotFound give 486, 603 and 404; others 480.</param>
public sealed record RejectLeg(LegId Leg, LegEndCause Cause) : LegCommand(Leg);

/// <summary>Ends the leg: BYE, CANCEL or refusal, whatever its state asks for.</summary>
/// <param name="Reason">Free text for the Reason header and the journal.</param>
public sealed record HangUpLeg(LegId Leg, string Reason) : LegCommand(Leg);

/// <summary>
/// Starts a playback. Several sources play one after another without a gap. A new playback on a leg stops the one that runs.
/// </summary>
/// <param name="Loop">Starts again at the end, until stopped.</param>
/// <param name="StopOnDigit">Barge-in: the first digit stops the playback (it ends with <see cref="PlaybackEnd.Interrupted"/>).</param>
public sealed record PlayOnLeg(LegId Leg, PlaybackId Playback, IReadOnlyList<PlaySource> Sources, bool Loop = false, bool StopOnDigit = false) : LegCommand(Leg);

/// <summary>Stops that playback if it still runs.</summary>
public sealed record StopPlayback(LegId Leg, PlaybackId Playback) : LegCommand(Leg);

/// <summary>Joins the media of two legs of this host in both directions. Playback on a leg takes precedence over the bridge.</summary>
public sealed record BridgeLegs(LegId Leg, LegId Other) : LegCommand(Leg);

/// <summary>Parts the leg from whatever it is bridged with.</summary>
public sealed record UnbridgeLeg(LegId Leg) : LegCommand(Leg);

/// <summary>Sends DTMF digits (0-9, *, #, A-D) to the far end, by RFC 4733 when negotiated, else in-band.</summary>
public sealed record SendDigits(LegId Leg, string Digits) : LegCommand(Leg);

/// <summary>Records both directions of the leg to a stereo file: what it says on the left, what it hears on the right.</summary>
/// <param name="Recording">Names the recording, and its file.</param>
/// <param name="With">The leg it talks with; null when there is none.</param>
public sealed record RecordLeg(LegId Leg, string Recording, LegId? With = null) : LegCommand(Leg);

/// <summary>Ends that recording if it still runs.</summary>
public sealed record StopRecording(LegId Leg, string Recording) : LegCommand(Leg);
