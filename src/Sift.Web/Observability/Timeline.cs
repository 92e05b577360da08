using System.ComponentModel;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Sift.Media.Sip.Tracing;

namespace Sift.Web.Observability;

/// <summary>Everything that is known of a connection, on one time axis. Times are ISO 8601 with milliseconds, UTC.</summary>
internal sealed record Timeline(
    [property: Description("Unique id of the connection.")] string ConnectionId,
    [property: Description("connecting, connected, failed or finished.")] string Status,
    [property: Description("Who called.")] string From,
    [property: Description("Who was called.")] string To,
    [property: Description("incoming or outgoing.")] string Direction,
    [property: Description("When it began.")] string CreatedAt,
    [property: Description("SIP messages in the order in which they passed, without credentials.")] IReadOnlyList<TimelineMessage> Sip,
    [property: Description("Steps of the routine or flow.")] IReadOnlyList<TimelineStep> Steps,
    [property: Description("What happened on the call: keys, holds, media lost and found, the end.")] IReadOnlyList<TimelineEvent> Events,
    [property: Description("Callbacks, with every attempt.")] IReadOnlyList<TimelineDelivery> Deliveries,
    [property: Description("The media, every five seconds and at the end.")] IReadOnlyList<TimelineQuality> Quality,
    [property: Description("What was recorded of it.")] IReadOnlyList<TimelineRecording> Recordings,
    [property: Description("Calls that it placed.")] IReadOnlyList<TimelinePlaced> Placed)
{
    [Description("When it was answered.")]
    public string? StartTime { get; init; }

    [Description("When it ended.")]
    public string? EndTime { get; init; }

    [Description("Why it ended, in words.")]
    public string? EndReason { get; init; }

    [Description("With status failed: the kind of failure.")]
    public string? Failure { get; init; }

    [Description("Final SIP status, when there was one.")]
    public int? SipStatus { get; init; }

    [Description("Connection that placed this one.")]
    public string? ParentId { get; init; }

    [Description("SIP messages that were not kept because there were too many.")]
    public int? SipDropped { get; init; }

    [Description("True when a command of the call is sensitive: no digits are shown.")]
    public bool? Sensitive { get; init; }
}

internal sealed record TimelineMessage(
    string At,
    [property: Description("received or sent.")] string Direction,
    string Remote,
    string Transport,
    [property: Description("First line, shortened: INVITE, 180 Ringing.")] string Summary,
    [property: Description("The message as text.")] string Message)
{
    public static TimelineMessage Of(TracedMessage message)
    {
        var text = message.Text;
        return new TimelineMessage(Moment.Of(message.At), message.Received ? "received" : "sent", message.Remote.ToString(), message.Transport, SipSummary.Of(text), text);
    }
}

internal sealed record TimelineStep(
    string At,
    [property: Description("Command or activity.")] string Name,
    [property: Description("running, completed, faulted, cancelled, or ended: the call was over.")] string State)
{
    public string? EndedAt { get; init; }

    [Description("The outcome, or what went wrong.")]
    public string? Detail { get; init; }

    [Description("Depth below the root of the flow.")]
    public int Depth { get; init; }
}

internal sealed record TimelineEvent(string At, string Kind, string Text);

internal sealed record TimelineDelivery(string DeliveryId, string Kind, string Url, string State, string CreatedAt, IReadOnlyList<Deliveries.AttemptObject> Attempts)
{
    [Description("Number of the step that caused it, counted from 0 in steps; absent when no step did.")]
    public int? Step { get; init; }

    [Description("The body that was sent; absent when it is sensitive.")]
    public string? Body { get; init; }

    public bool? Sensitive { get; init; }
}

internal sealed record TimelinePlaced(string ConnectionId, string At, string To, string Status)
{
    public string? EndedAt { get; init; }
}

internal sealed record TimelineRecording(string RecordingId, string At, [property: Description("Absent while it is being recorded.")] long? DurationMs, [property: Description("Whether there is a file to listen to.")] bool HasSound)
{
    [Description("Why it is cut off or lost.")]
    public string? Error { get; init; }
}

internal sealed record TimelineQuality(
    string At, string Codec, long PacketsReceived, long PacketsSent, long PacketsLost, [property: Description("Interarrival jitter by RFC 3550.")] double JitterMs)
{
    public double? RoundTripMs { get; init; }

    [Description("Estimated mean opinion score, 1 to 4.5.")]
    public double? Mos { get; init; }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(Timeline))]
internal sealed partial class TimelineJson : JsonSerializerContext
{
    public static TimelineJson Wire => wire ??= new TimelineJson(new JsonSerializerOptions(Default.Options) { TypeInfoResolver = null, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    // Made on first use: the order in which the generated part's own statics are set is not known.
    private static TimelineJson? wire;
}
