using System.Text.Json;
using System.Text.Json.Nodes;

namespace Sift.Activities;

/// <summary>Reads members that may be absent or of another kind; then the answer is null, zero or false.</summary>
internal static class JsonReading
{
    public static string? Text(this JsonElement json, string name) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    public static string? Text(this JsonNode? json, string name) =>
        json is JsonObject o && o[name] is JsonValue value && value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : null;

    public static int Number(this JsonNode? json, string name) =>
        json is JsonObject o && o[name] is JsonValue value && value.TryGetValue(out int number) ? number
        : json is JsonObject p && p[name] is JsonValue text && int.TryParse(text.ToJsonString(), out var parsed) ? parsed : 0;

    public static bool Flag(this JsonNode? json, string name) =>
        json is JsonObject o && o[name]?.GetValueKind() == JsonValueKind.True;

    public static DateTimeOffset? Time(this JsonNode? json, string name) =>
        json.Text(name) is { } text && DateTimeOffset.TryParse(text, System.Globalization.CultureInfo.InvariantCulture, System.Globalization.DateTimeStyles.AssumeUniversal, out var time) ? time : null;
}
