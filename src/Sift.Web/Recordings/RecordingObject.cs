using System.ComponentModel;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Sift.Web.Http;
using Sift.Web.Observability;
using Sift.Web.Storage;

namespace Sift.Web.Recordings;

/// <summary>A recording of a conversation.</summary>
internal sealed record RecordingObject(
    [property: Description("Unique id; that of the conversation too.")] string RecordingId,
    [property: Description("Connection that is heard on the left channel. On the right is what it heard.")] string ConnectionId,
    [property: Description("recording, complete, or failed: cut off or lost, with the reason.")] string Status,
    [property: Description("When it began; ISO 8601 with milliseconds, UTC.")] string StartTime,
    [property: Description("Samples per second.")] int SampleRate)
{
    [Description("Connection at the other end.")]
    public string? WithConnectionId { get; init; }

    [Description("How long it is; absent while it is being recorded.")]
    public long? DurationMs { get; init; }

    [Description("Size of the file.")]
    public long? Bytes { get; init; }

    [Description("Why it is cut off or lost.")]
    public string? Error { get; init; }

    [Description("URL of the stereo wav file; ?channel=mixed, left or right gives one of them alone.")]
    public string? WavFile { get; init; }

    public static RecordingObject Of(HttpContext http, RecordingRow row) => new(
        row.Id, row.ConnectionId, row.Duration is null ? "recording" : row.Error is null ? "complete" : "failed", Moment.Of(row.StartedAt), row.SampleRate)
    {
        WithConnectionId = row.WithConnectionId,
        DurationMs = (long?)row.Duration?.TotalMilliseconds,
        Bytes = row.Bytes,
        Error = row.Error,
        WavFile = row.Bytes > 0 ? http.Absolute(PathOf(row.Id)) : null,
    };

    public static string PathOf(string id) => $"/v0/recordings/{id}/audio";
}

/// <summary>A conversation that was recorded (sift-api 2.4).</summary>
internal sealed record ConversationObject(
    string ConversationId,
    [property: Description("When it began; ISO 8601, UTC.")] string StartTime,
    [property: Description("processing while the recording is being written, then finished.")] string Status,
    [property: Description("One entry per connection.")] IReadOnlyList<ConversationChannel> Channels)
{
    [Description("When it ended.")]
    public string? EndTime { get; init; }

    [Description("All speakers mixed.")]
    public ConversationAudio? MixedAudio { get; init; }
}

internal sealed record ConversationChannel(string ConnectionId, [property: Description("When it joined, from the start of the conversation.")] long StartMs)
{
    [Description("When it left.")]
    public long? EndMs { get; init; }

    [Description("What this one said.")]
    public ConversationAudio? Audio { get; init; }
}

internal sealed record ConversationAudio(
    [property: Description("URL of a PCM wave file.")] string WavFile, [property: Description("The same value as wav_file.")] string WaveFile, long DurationMs);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(RecordingObject))]
[JsonSerializable(typeof(Page<RecordingObject>))]
[JsonSerializable(typeof(ConversationObject))]
internal sealed partial class RecordingJson : JsonSerializerContext
{
    public static RecordingJson Wire => wire ??= new RecordingJson(new JsonSerializerOptions(Default.Options) { TypeInfoResolver = null, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    // Made on first use: the order in which the generated part's own statics are set is not known.
    private static RecordingJson? wire;
}
