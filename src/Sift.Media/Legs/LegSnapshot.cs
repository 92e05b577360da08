namespace Sift.Media.Legs;

/// <summary>All that a restarted process needs to continue a leg that is up. Keys in it are sealed before it is stored.</summary>
/// <param name="Kind"><c>sip</c> or <c>webrtc</c>.</param>
/// <param name="Signalling">Driver-owned JSON: dialog ids, route set, CSeq, remote target, flow.</param>
/// <param name="Media">Driver-owned JSON: ports, remote address, codec, SSRC, sequence, timestamp, SRTP keys.</param>
public sealed record LegSnapshot(LegId Leg, string Kind, DateTimeOffset TakenAt, string Signalling, string Media);
