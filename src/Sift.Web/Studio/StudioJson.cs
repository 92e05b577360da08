using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.WebUtilities;
using Sift.Workflows.Definitions;

namespace Sift.Web.Studio;

/// <summary>JSON as Studio reads it: camelCase names, enums as words, nulls written out.</summary>
internal static class StudioJson
{
    private const string MessageHeader = "x-sift-message";

    private static readonly JsonWriterOptions Writing = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static IResult Ok(JsonNode body) => new Answer(body, StatusCodes.Status200OK);

    /// <summary>A list in the envelope of most descriptors.</summary>
    public static IResult Items(JsonArray items) => Ok(new JsonObject { ["items"] = items, ["count"] = items.Count });

    public static IResult NotFound(string what) => Problem(StatusCodes.Status404NotFound, $"There is no such {what}.");

    /// <summary>Shown to the person as one red message.</summary>
    public static IResult BadRequest(string message) => Problem(StatusCodes.Status400BadRequest, message);

    /// <summary>Shown to the person as one red message per problem.</summary>
    public static IResult Invalid(IReadOnlyList<DefinitionProblem> problems)
    {
        var errors = new JsonObject();
        foreach (var group in problems.Where(problem => !problem.IsWarning).GroupBy(problem => problem.ActivityId ?? "workflow"))
        {
            errors[group.Key] = new JsonArray([.. group.Select(problem => (JsonNode)problem.Message)]);
        }

        return new Answer(new JsonObject { ["statusCode"] = 400, ["message"] = "The flow cannot be published.", ["errors"] = errors }, StatusCodes.Status400BadRequest);
    }

    public static IResult Problem(int status, string message) => new Answer(
        new JsonObject { ["statusCode"] = status, ["title"] = ReasonPhrases.GetReasonPhrase(status), ["message"] = message, ["detail"] = message }, status);

    /// <summary>The body as an object; null when it is none. Bodies that are empty count as an empty object.</summary>
    public static async ValueTask<JsonObject?> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        if (request.ContentLength is 0 || request.ContentType is null)
        {
            return [];
        }

        try
        {
            return await JsonNode.ParseAsync(request.Body, documentOptions: new JsonDocumentOptions { MaxDepth = 64 }, cancellationToken: cancellationToken) as JsonObject;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    public static byte[] ToUtf8(JsonNode node, bool indented = false)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, Writing with { Indented = indented }))
        {
            node.WriteTo(writer);
        }

        return stream.ToArray();
    }

    /// <summary>Has the host page say something that the elements have no words for.</summary>
    public static void Tell(HttpContext http, string message) => http.Response.Headers[MessageHeader] = Uri.EscapeDataString(message);

    public static string? Text(this JsonObject json, string name) => json[name] is JsonValue value && value.TryGetValue(out string? text) ? text : null;

    public static bool? Flag(this JsonObject json, string name) => json[name] is JsonValue value && value.TryGetValue(out bool flag) ? flag : null;

    public static int? Number(this JsonObject json, string name) => json[name] is JsonValue value && value.TryGetValue(out int number) ? number : null;

    /// <summary>The strings of a list; none when the member is null, absent or something else.</summary>
    public static IReadOnlyList<string> Texts(this JsonObject json, string name) =>
        json[name] is JsonArray list ? [.. list.OfType<JsonValue>().Select(item => item.TryGetValue(out string? text) ? text : null).OfType<string>()] : [];

    private sealed class Answer(JsonNode body, int status) : IResult, IStatusCodeHttpResult
    {
        public int? StatusCode => status;

        public async Task ExecuteAsync(HttpContext httpContext)
        {
            httpContext.Response.StatusCode = status;
            httpContext.Response.ContentType = "application/json; charset=utf-8";
            httpContext.Response.Headers.CacheControl = "no-store";
            await httpContext.Response.Body.WriteAsync(ToUtf8(body), httpContext.RequestAborted);
        }
    }
}
