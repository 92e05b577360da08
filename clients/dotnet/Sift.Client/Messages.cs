using System.Text.Json.Nodes;

namespace Sift.Client;

/// <summary>What decides on new connections.</summary>
/// <param name="AppId">Its id.</param>
/// <param name="Name">For people.</param>
/// <param name="OnIncoming">Asked what to do with a new connection; null when <paramref name="DefaultRoutine"/> decides.</param>
/// <param name="DefaultRoutine">The commands that run when there is no <paramref name="OnIncoming"/>.</param>
/// <param name="PhoneNumbers">Numbers bound to it.</param>
public sealed record Application(string AppId, string? Name = null, string? OnIncoming = null, JsonArray? DefaultRoutine = null, IReadOnlyList<string>? PhoneNumbers = null);

/// <summary>One media connection with a phone or browser.</summary>
/// <param name="ConnectionId">Its id.</param>
/// <param name="Status">connecting, connected, failed or finished.</param>
/// <param name="From">Phone number or <c>webrtc:name</c> that initiated.</param>
/// <param name="To">Phone number, <c>webrtc:name</c> or application that received.</param>
/// <param name="Direction"><c>incoming</c>: someone reached Sift; <c>outgoing</c>: Sift placed it.</param>
public sealed record Connection(string ConnectionId, string Status, string From, string To, string Direction)
{
    /// <summary>When it was answered.</summary>
    public DateTimeOffset? StartTime { get; init; }

    /// <summary>When it ended.</summary>
    public DateTimeOffset? EndTime { get; init; }

    /// <summary>What the browser client passed to <c>connect()</c>.</summary>
    public JsonNode? ClientData { get; init; }

    /// <summary>With status failed: busy, no_answer, declined, unreachable, not_found, forbidden or error.</summary>
    public string? Failure { get; init; }

    /// <summary>The connection that placed this one.</summary>
    public string? ParentId { get; init; }
}

/// <summary>A registered number.</summary>
/// <param name="Number">E.164.</param>
/// <param name="ApplicationId">The application that takes its calls.</param>
public sealed record PhoneNumber([property: System.Text.Json.Serialization.JsonPropertyName("phone_number")] string Number, string? ApplicationId = null);

/// <summary>A call to place.</summary>
/// <param name="PhoneNumber">E.164.</param>
public sealed record NewCall(string PhoneNumber)
{
    /// <summary>Hears of every change of status; the routine in its reply to <c>connected</c> runs.</summary>
    public string? StatusUrl { get; init; }

    /// <summary>Shown to the callee; null for the account's first number.</summary>
    public string? CallerId { get; init; }

    /// <summary>How long it may ring; null for the server's default.</summary>
    public double? TimeoutSeconds { get; init; }

    /// <summary>Commands to run once it is answered.</summary>
    public JsonArray? Routine { get; init; }
}

/// <summary>The server refused a request.</summary>
public sealed class SiftException : Exception
{
    internal SiftException(int status, string message, IReadOnlyDictionary<string, string[]> errors)
        : base(message)
    {
        Status = status;
        Errors = errors;
    }

    /// <summary>The HTTP status.</summary>
    public int Status { get; }

    /// <summary>What is wrong with each field of the request.</summary>
    public IReadOnlyDictionary<string, string[]> Errors { get; }
}
