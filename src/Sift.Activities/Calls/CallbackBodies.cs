using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Sift.Activities.Calls;

/// <summary>Body of the incoming and the status callback (sift-api 3.1, 3.2).</summary>
internal sealed record ConnectionCallback(string AccountId, JsonNode? Connection);

/// <summary>Body of a command's Done callback (sift-api 3.3). Only the properties of the command are set.</summary>
internal sealed record DoneCallbackBody(string AccountId, string ConnectionId)
{
    public string? Digits { get; init; }

    public string? DialStatus { get; init; }

    public int? DialDuration { get; init; }

    public string? CalleeConnectionId { get; init; }
}

/// <summary>The <c>ended</c> event of a conversation (sift-api 3.4).</summary>
internal sealed record ConversationEnded(string ConversationId, string EventType, string StartTime, string EndTime, string Status);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ConnectionCallback))]
[JsonSerializable(typeof(DoneCallbackBody))]
[JsonSerializable(typeof(ConversationEnded))]
internal sealed partial class CallbackJsonContext : JsonSerializerContext
{
    /// <summary>A context that leaves + and non-ASCII text readable; the bodies go to servers, never into HTML.</summary>
    public static CallbackJsonContext Readable { get; } = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });
}
