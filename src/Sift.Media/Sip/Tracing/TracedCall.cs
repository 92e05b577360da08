using System.Net;
using Sift.Media.Legs;

namespace Sift.Media.Sip.Tracing;

/// <summary>One SIP message of a call, made fit to be shown.</summary>
/// <param name="At">When it was received or sent, UTC.</param>
/// <param name="Received">False for one that was sent.</param>
/// <param name="Local">Address and port of this end.</param>
/// <param name="Remote">Address and port of the other end.</param>
/// <param name="Transport">UDP, TCP, TLS, WS or WSS.</param>
/// <param name="Bytes">The message; credentials, media keys and digits are blotted out, and it is cut off after 8 KiB.</param>
public sealed record TracedMessage(DateTimeOffset At, bool Received, IPEndPoint Local, IPEndPoint Remote, string Transport, ReadOnlyMemory<byte> Bytes)
{
    /// <summary>The message as text.</summary>
    public string Text => System.Text.Encoding.UTF8.GetString(Bytes.Span);
}

/// <summary>The media of a leg at one moment.</summary>
/// <param name="At">UTC.</param>
/// <param name="Quality">Figures since the leg's media began.</param>
public sealed record QualitySample(DateTimeOffset At, LegQuality Quality);

/// <summary>What passed by of one leg.</summary>
/// <param name="Messages">In the order in which they passed.</param>
/// <param name="Samples">Oldest first.</param>
/// <param name="Dropped">Messages beyond those kept.</param>
public sealed record TracedLeg(IReadOnlyList<TracedMessage> Messages, IReadOnlyList<QualitySample> Samples, int Dropped);

/// <summary>A call that came in, whatever became of it.</summary>
/// <param name="Leg">The leg it became; null when it was refused before that.</param>
/// <param name="Status">The SIP status it was refused with before it became a leg; null when it was not.</param>
/// <param name="Reason">Why, for people.</param>
public sealed record ReceivedCall(string CallId, LegId? Leg, int? Status, string? Reason, IReadOnlyList<TracedMessage> Messages);

/// <summary>A call that went out, whatever became of it.</summary>
/// <param name="Leg">The leg it was placed for.</param>
public sealed record PlacedCall(string CallId, LegId? Leg, IReadOnlyList<TracedMessage> Messages);

/// <summary>A call that was refused before it became a leg.</summary>
/// <param name="Status">The SIP status it was refused with.</param>
/// <param name="Reason">Why, for people.</param>
public sealed record RefusedCall(DateTimeOffset At, string CallId, int Status, string Reason, IReadOnlyList<TracedMessage> Messages);
