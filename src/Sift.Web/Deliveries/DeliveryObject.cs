using System.ComponentModel;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Sift.Activities.Webhooks;
using Sift.Web.Http;
using Sift.Web.Observability;

namespace Sift.Web.Deliveries;

/// <summary>A callback and what became of it.</summary>
internal sealed record DeliveryObject(
    [property: Description("Unique id; the webhook-id of every attempt.")] string DeliveryId,
    [property: Description("on_incoming, status, on_done, fallback or conversation_event.")] string Kind,
    [property: Description("Where it goes.")] string Url,
    [property: Description("pending, scheduled, succeeded, dead (out of attempts), aborted (the receiver wants no more) or expired (the call did not wait).")] string State,
    [property: Description("in_call: a call waits for the reply; event: nobody waits.")] string Mode,
    [property: Description("When it was caused.")] string CreatedAt,
    [property: Description("Attempts made.")] int AttemptCount)
{
    [Description("Connection that caused it.")]
    public string? ConnectionId { get; init; }

    [Description("When the next attempt is due; absent when none is planned. A scheduled delivery without it waits for its endpoint to be resumed, or for its host, which has failed too often in a row, to be back.")]
    public string? NextAttemptAt { get; init; }

    [Description("True when its bodies hold what a caller entered in confidence; they are not shown.")]
    public bool? Sensitive { get; init; }

    [Description("HTTP status of the last attempt.")]
    public int? LastStatus { get; init; }

    [Description("Why the last attempt failed.")]
    public string? LastError { get; init; }

    [Description("The body that is sent; only when one delivery is read, and not when it is sensitive.")]
    public string? Body { get; init; }

    [Description("Every attempt, oldest first; only when one delivery is read.")]
    public IReadOnlyList<AttemptObject>? Attempts { get; init; }

    public static DeliveryObject Of(DeliveryItem item) => new(
        item.Id, item.Kind, item.Url, Name(item.State), Name(item.Mode), Moment.Of(item.CreatedAt), item.Attempts)
    {
        ConnectionId = item.ConnectionId,
        NextAttemptAt = item.NextAttemptAt is { } next ? Moment.Of(next) : null,
        Sensitive = item.Sensitive ? true : null,
        LastStatus = item.LastStatus,
        LastError = item.Error,
    };

    public static DeliveryObject Of(Delivery delivery, IReadOnlyList<DeliveryAttempt> attempts) => new(
        delivery.Id, delivery.Kind, delivery.Url, Name(delivery.State), Name(delivery.Mode), Moment.Of(delivery.CreatedAt), delivery.Attempts)
    {
        ConnectionId = delivery.ConnectionId,
        NextAttemptAt = delivery.NextAttemptAt is { } next ? Moment.Of(next) : null,
        Sensitive = delivery.Sensitive ? true : null,
        LastStatus = attempts.Count > 0 ? attempts[^1].Status : null,
        LastError = attempts.Count > 0 ? attempts[^1].Error : null,
        Body = delivery.Sensitive ? null : Encoding.UTF8.GetString(delivery.Body.Span),
        Attempts = [.. attempts.Select(attempt => AttemptObject.Of(attempt, delivery.Sensitive))],
    };

    public static string Name(DeliveryState state) => state.ToString().ToLowerInvariant();

    public static string Name(DeliveryMode mode) => mode == DeliveryMode.InCall ? "in_call" : "event";
}

/// <summary>One attempt at a delivery.</summary>
internal sealed record AttemptObject(
    [property: Description("1 for the first.")] int Number,
    [property: Description("When it began.")] string At,
    [property: Description("Milliseconds until the answer was complete.")] double TookMs)
{
    [Description("HTTP status; absent when there was no answer.")]
    public int? Status { get; init; }

    [Description("Why there was no acceptable answer; absent on success.")]
    public string? Error { get; init; }

    [Description("The first 16 KiB of the answer; not shown when the delivery is sensitive.")]
    public string? ResponseBody { get; init; }

    public static AttemptObject Of(DeliveryAttempt attempt, bool sensitive) => new(attempt.Number, Moment.Of(attempt.At), Math.Round(attempt.Took.TotalMilliseconds, 1))
    {
        Status = attempt.Status,
        Error = attempt.Error,
        ResponseBody = sensitive ? null : attempt.ResponseBody,
    };
}

/// <summary>What was sent once more.</summary>
internal sealed record RedeliveryResult([property: Description("Deliveries taken up again.")] int Redelivered, [property: Description("True when the filter matches more; ask again.")] bool More);

/// <summary>A receiving host.</summary>
internal sealed record EndpointObject(
    [property: Description("Host and port, without the scheme's own port.")] string Host,
    [property: Description("active, paused (by request) or disabled (it failed for five days).")] string State,
    [property: Description("closed, or open: the host failed ten times in a row and is left alone for a moment.")] string Circuit,
    [property: Description("Attempts that failed in a row, of all accounts.")] int ConsecutiveFailures)
{
    [Description("Why it is not active.")]
    public string? Reason { get; init; }

    [Description("The first failure since the last success.")]
    public string? FailingSince { get; init; }
}

/// <summary>A signing secret.</summary>
internal sealed record WebhookSecretObject(
    [property: Description("Unique id.")] string SecretId,
    [property: Description("Last four characters of the secret.")] string Hint,
    [property: Description("When it was made.")] string CreatedAt)
{
    [Description("When it stops signing; absent for never.")]
    public string? ExpiresAt { get; init; }

    [Description("The secret (whsec_…). Given once, by the request that makes it.")]
    public string? Secret { get; init; }

    public static WebhookSecretObject Of(WebhookSecretInfo info, string? secret = null) => new(info.Id, info.Hint, Moment.Of(info.CreatedAt))
    {
        ExpiresAt = info.ExpiresAt is { } end ? Moment.Of(end) : null,
        Secret = secret,
    };
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(DeliveryObject))]
[JsonSerializable(typeof(Page<DeliveryObject>))]
[JsonSerializable(typeof(RedeliveryFilter))]
[JsonSerializable(typeof(RedeliveryResult))]
[JsonSerializable(typeof(EndpointObject))]
[JsonSerializable(typeof(Page<EndpointObject>))]
[JsonSerializable(typeof(WebhookSecretObject))]
[JsonSerializable(typeof(Page<WebhookSecretObject>))]
[JsonSerializable(typeof(SecretRotation))]
internal sealed partial class DeliveryJson : JsonSerializerContext
{
    /// <summary>Plus signs and accents as they are: bodies go out as application/json and are never put into HTML.</summary>
    public static DeliveryJson Wire => wire ??= new DeliveryJson(new JsonSerializerOptions(Default.Options) { TypeInfoResolver = null, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    // Made on first use: the order in which the generated part's own statics are set is not known.
    private static DeliveryJson? wire;
}
