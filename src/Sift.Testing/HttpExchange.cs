using System.Text.Json;
using System.Text.Json.Nodes;

namespace Sift.Testing;

/// <summary>A request that Sift sent: a webhook, or the HttpCall of a flow.</summary>
/// <param name="At">When, since the simulation began.</param>
/// <param name="Method">The HTTP method.</param>
/// <param name="Url">Where to.</param>
/// <param name="Content">The body as it was sent.</param>
/// <param name="Headers">The headers as they were sent; several values of one are joined by commas.</param>
public sealed record HttpExchange(TimeSpan At, string Method, Uri Url, string Content, IReadOnlyDictionary<string, string> Headers)
{
    private JsonObject? _body;

    /// <summary>What the webhook is about: on_incoming, status, on_done, conversation_event, fallback; null for an HttpCall.</summary>
    public string? Kind { get; init; }

    /// <summary>The id that all attempts at one webhook share; null for an HttpCall.</summary>
    public string? WebhookId { get; init; }

    /// <summary>The connection it is about; null for an HttpCall.</summary>
    public string? ConnectionId { get; init; }

    /// <summary>The path of the URL, for telling handlers apart.</summary>
    public string Path => Url.AbsolutePath;

    /// <summary>The body as a JSON object; empty when it is none.</summary>
    public JsonObject Body => _body ??= Parse(Content);

    /// <summary>A text or number in the body, by name; null when it is not there.</summary>
    public string? this[string name] => Body[name] is JsonValue value ? value.ToString() : null;

    private static JsonObject Parse(string content)
    {
        try
        {
            return JsonNode.Parse(content) as JsonObject ?? [];
        }
        catch (JsonException)
        {
            return [];
        }
    }
}
