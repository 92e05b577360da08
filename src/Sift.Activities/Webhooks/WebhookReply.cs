using System.Text.Json;
using System.Text.Json.Nodes;

namespace Sift.Activities.Webhooks;

/// <summary>
/// Reads a reply. Only a JSON object with a <c>routine</c> list gives instructions; anything else gives none and is not an error
/// (sift-api 1.5). Whether the list can run is judged by whoever runs it.
/// </summary>
internal static class WebhookReply
{
    private static readonly JsonDocumentOptions Options = new() { MaxDepth = Routines.RoutineParser.MaxDepth, AllowDuplicateProperties = true };

    public static JsonObject Read(ReadOnlyMemory<byte> body)
    {
        if (FirstByte(body.Span) != (byte)'{')
        {
            return [];
        }

        try
        {
            using var document = JsonDocument.Parse(body, Options);
            return document.RootElement.TryGetProperty("routine", out var routine) && routine.ValueKind == JsonValueKind.Array
                ? new JsonObject { ["routine"] = JsonArray.Create(routine.Clone()) }
                : [];
        }
        catch (JsonException)
        {
            return [];
        }
    }

    private static byte FirstByte(ReadOnlySpan<byte> body)
    {
        var start = body.IndexOfAnyExcept(" \t\r\n"u8);
        return start < 0 ? (byte)0 : body[start];
    }
}
