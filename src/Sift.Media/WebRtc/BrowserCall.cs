using Sift.Media.Legs;

namespace Sift.Media.WebRtc;

/// <summary>A client that calls (<c>connect</c>).</summary>
/// <param name="Leg">The id that the leg shall have; the connection id.</param>
/// <param name="From"><c>webrtc:name</c>, or <c>webrtc</c> for a client without a name.</param>
/// <param name="To">What is called: the application.</param>
/// <param name="AccountId">The account of the token.</param>
/// <param name="ApplicationId">The application of the token.</param>
/// <param name="ClientData">JSON text the client passed to <c>connect()</c>; null when none.</param>
public sealed record BrowserCall(LegId Leg, string From, string To, string AccountId, string? ApplicationId, string? ClientData);

/// <summary>A client that is to be called (<c>DialLeg</c> with the destination <c>webrtc:name</c>).</summary>
/// <param name="Name">The client name behind <c>webrtc:</c>.</param>
/// <param name="AccountId">The account whose clients may ring; null when the dialling side did not say.</param>
/// <param name="From">Number or name of the caller; null when withheld.</param>
/// <param name="Timeout">How long it will ring.</param>
public sealed record BrowserRing(LegId Leg, string Name, string? AccountId, string? From, TimeSpan Timeout);

/// <summary>How a browser leg ended, for the client's socket.</summary>
/// <param name="WasUp">True when media had been up: the client is told <c>hangup</c>; else <c>cancel</c>.</param>
/// <param name="ByClient">True when the client itself ended it and needs no message.</param>
/// <param name="Cause">As in <see cref="LegEnded"/>.</param>
/// <param name="Detail">For people.</param>
public sealed record BrowserEnd(LegId Leg, bool WasUp, bool ByClient, LegEndCause Cause, string? Detail);
