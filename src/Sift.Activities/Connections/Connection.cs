using System.Text.Json;
using System.Text.Json.Nodes;
using Sift.Workflows.Journal;

namespace Sift.Activities.Connections;

/// <summary>
/// The Connection object of the API (sift-api 2.2): one media connection with a phone or browser. Written as a row in the same
/// transaction as the journal entry that changed it.
/// </summary>
/// <param name="Id">16 lower-case hex digits; also the leg id and the workflow instance id.</param>
/// <param name="From">E.164 number or <c>webrtc:name</c> that initiated.</param>
/// <param name="Direction"><c>incoming</c>: someone reached Sift; <c>outgoing</c>: Sift placed it.</param>
public sealed record Connection(
    string Id,
    string AccountId,
    string From,
    string To,
    string Direction,
    ConnectionStatus Status,
    DateTimeOffset CreatedAt) : IDeferrableRow
{
    /// <summary>When it was answered.</summary>
    public DateTimeOffset? StartTime { get; init; }

    public DateTimeOffset? EndTime { get; init; }

    /// <summary>Whatever the browser client passed to connect(), any JSON value.</summary>
    public JsonNode? ClientData { get; init; }

    public string? ApplicationId { get; init; }

    public string? StatusUrl { get; init; }

    /// <summary>busy, no_answer, declined, unreachable, not_found, forbidden or error; only with <see cref="ConnectionStatus.Failed"/>.</summary>
    public string? Failure { get; init; }

    public int? SipStatus { get; init; }

    /// <summary>The connection that placed this one with CallPhone or CallClient; null otherwise.</summary>
    public string? ParentId { get; init; }

    /// <summary>Why it ended, for people.</summary>
    public string? EndReason { get; init; }
}

public enum ConnectionStatus { Connecting, Connected, Failed, Finished }

/// <summary>Reads connections; writes go through the journal as attachments.</summary>
public interface IConnectionStore
{
    ValueTask<Connection?> FindAsync(string id, CancellationToken cancellationToken);
}

/// <summary>Writes rows that no journal entry carries: the end of a call whose workflow ended before its leg did.</summary>
public interface IConnectionRows
{
    /// <summary>Writes <see cref="Connection"/> and <see cref="Webhooks.Delivery"/> rows in one transaction; a delivery that exists is left as it is.</summary>
    ValueTask SaveAsync(IReadOnlyList<object> rows, CancellationToken cancellationToken);
}

/// <summary>What an application wants done with a new connection (sift-api 2.1).</summary>
/// <param name="DefaultRoutine">JSON list of commands, used when <paramref name="OnIncoming"/> is null.</param>
/// <param name="Answer"><c>immediately</c> or <c>on_demand</c> (design section 5).</param>
/// <param name="FallbackRoutine">JSON list of commands run when the callback cannot be had.</param>
public sealed record ApplicationPlan(string AccountId, string ApplicationId, string? OnIncoming, JsonElement? DefaultRoutine, string Answer, JsonElement? FallbackRoutine, string? FallbackUrl, string? WorkflowId);

/// <summary>Looks up who is called. Implemented by the storage of the web project.</summary>
public interface INumberDirectory
{
    /// <summary>The application bound to that number; null when the number is unknown, unbound, or its account disabled.</summary>
    ValueTask<ApplicationPlan?> FindByNumberAsync(string number, CancellationToken cancellationToken);

    ValueTask<ApplicationPlan?> FindByApplicationAsync(string accountId, string applicationId, CancellationToken cancellationToken);

    /// <summary>The account's first registered number, for caller ids; null when it has none.</summary>
    ValueTask<string?> FirstNumberAsync(string accountId, CancellationToken cancellationToken);
}
