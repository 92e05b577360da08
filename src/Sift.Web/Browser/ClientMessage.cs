using System.Text.Json;

namespace Sift.Web.Browser;

/// <summary>One message of a client (docs/browser-protocol.md).</summary>
/// <param name="Body">Undefined when the message has none.</param>
internal readonly record struct ClientMessage(string Type, JsonElement Body)
{
    private static readonly JsonDocumentOptions Limits = new() { MaxDepth = 32 };

    /// <summary>False for what is no JSON object with a <c>type</c>.</summary>
    public static bool TryRead(ReadOnlyMemory<byte> utf8, out ClientMessage message)
    {
        message = default;
        try
        {
            using var document = JsonDocument.Parse(utf8, Limits);
            if (document.RootElement is not { ValueKind: JsonValueKind.Object } root || !root.TryGetProperty("type", out var type) || type.ValueKind != JsonValueKind.String)
            {
                return false;
            }

            message = new ClientMessage(type.GetString()!, root.TryGetProperty("body", out var body) ? body.Clone() : default);
            return true;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // InvalidOperationException: a string that is no UTF-16 text, such as half a surrogate pair.
            return false;
        }
    }

    /// <summary>The body when it is a string.</summary>
    public string? Text => Body.ValueKind == JsonValueKind.String ? Read(Body) : null;

    /// <summary>A string of the body when it is an object.</summary>
    public string? Field(string name) => Body.ValueKind == JsonValueKind.Object && Body.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? Read(value) : null;

    private static string? Read(JsonElement value)
    {
        try
        {
            return value.GetString();
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }
}
