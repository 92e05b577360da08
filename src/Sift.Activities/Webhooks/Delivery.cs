namespace Sift.Activities.Webhooks;

/// <summary>
/// One callback to a customer's server: a row written in the same transaction as the journal entry that caused it, so that no crash
/// loses it. Its id is the <c>webhook-id</c> of every attempt.
/// </summary>
/// <param name="Id">16 lower-case hex digits, the same in a replay.</param>
/// <param name="InstanceId">The workflow instance to resume with the reply; null for events whose reply is ignored.</param>
/// <param name="Kind">on_incoming, status, on_done, conversation_event …</param>
/// <param name="Body">UTF-8 JSON.</param>
public sealed record Delivery(
    string Id,
    string AccountId,
    string? ConnectionId,
    string? InstanceId,
    string Kind,
    string Url,
    ReadOnlyMemory<byte> Body,
    DeliveryMode Mode,
    DateTimeOffset CreatedAt)
{
    public DeliveryState State { get; init; } = DeliveryState.Pending;

    public int Attempts { get; init; }

    /// <summary>How many of the attempts were made while a call waited, but for the last: the schedule of events begins after them.</summary>
    public int InCallAttempts { get; init; }

    /// <summary>When the next attempt is due; null when none is.</summary>
    public DateTimeOffset? NextAttemptAt { get; init; }

    /// <summary>In-call only: when the call stops waiting and takes the fallback.</summary>
    public DateTimeOffset? Deadline { get; init; }

    /// <summary>The host that is left alone for now; the event is taken up when that host is back.</summary>
    public string? WaitsFor { get; init; }

    /// <summary>The body must not be shown to people.</summary>
    public bool Sensitive { get; init; }
}

/// <summary>How urgent a delivery is.</summary>
public enum DeliveryMode
{
    /// <summary>A call waits for the reply: attempts at 0, 1, 3, 7, 15 s … until the deadline.</summary>
    InCall,

    /// <summary>Nobody waits: 8 attempts over about 28 h, then dead letter.</summary>
    Event,
}

public enum DeliveryState { Pending, Scheduled, Succeeded, Dead, Aborted, Expired }

/// <summary>One attempt, kept for people.</summary>
/// <param name="Status">HTTP status, or null when there was no answer.</param>
/// <param name="Error">Why there was no acceptable answer; null on success.</param>
/// <param name="ResponseBody">The first 16 KiB of the answer.</param>
public sealed record DeliveryAttempt(string DeliveryId, int Number, DateTimeOffset At, TimeSpan Took, int? Status, string? Error, string? ResponseBody);

/// <summary>
/// Where deliveries are kept. Rows are created through <c>ActivityContext.Attach</c> (with the journal) or <see cref="AddAsync"/>, and belong to the
/// process that created them until it has told of an attempt, or another process has inherited them: several may share one store.
/// </summary>
public interface IDeliveryStore
{
    ValueTask AddAsync(Delivery delivery, CancellationToken cancellationToken);

    ValueTask<Delivery?> FindAsync(string id, CancellationToken cancellationToken);

    /// <summary>Makes an open delivery this process's own and reads it; null when it is done, unknown, or another process is at it.</summary>
    ValueTask<Delivery?> ClaimAsync(string id, CancellationToken cancellationToken);

    /// <summary>The open deliveries that this process owns, oldest first: with those of a dead process, what must be taken up.</summary>
    IAsyncEnumerable<DeliveryKey> OwnedAsync(CancellationToken cancellationToken);

    /// <summary>At most <paramref name="limit"/> open deliveries that were due before <paramref name="before"/> and that no other process is at.</summary>
    ValueTask<IReadOnlyList<DeliveryKey>> OverdueAsync(DateTimeOffset before, int limit, CancellationToken cancellationToken);

    /// <summary>The hosts that events wait for.</summary>
    ValueTask<IReadOnlyList<string>> AwaitedHostsAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Makes at most <paramref name="limit"/> of the events that wait for a host, and were caused before a time, this process's own, oldest first. They
    /// wait no longer.
    /// </summary>
    ValueTask<IReadOnlyList<Delivery>> TakeWaitingAsync(string host, DateTimeOffset causedBefore, int limit, CancellationToken cancellationToken);

    /// <summary>Completes at once while this process may make attempts; while another may have taken over what it owns, it waits.</summary>
    ValueTask ReadyAsync(CancellationToken cancellationToken);

    /// <summary>Saves a delivery that is done, or waits for its time, as one to be sent once more. Changes nothing while another process is at it.</summary>
    ValueTask ReopenAsync(Delivery delivery, CancellationToken cancellationToken);

    /// <summary>Records an attempt and the state after it, in one transaction. An event that waits for its next attempt is nobody's from then on.</summary>
    ValueTask RecordAsync(Delivery delivery, DeliveryAttempt attempt, CancellationToken cancellationToken);

    /// <summary>Records the state without an attempt. An event that waits for its time or for its host is nobody's from then on.</summary>
    ValueTask SaveAsync(Delivery delivery, CancellationToken cancellationToken);

    ValueTask<IReadOnlyList<DeliveryAttempt>> AttemptsAsync(string deliveryId, CancellationToken cancellationToken);
}

/// <summary>Names a delivery and the connection within which its first attempt keeps its place.</summary>
public readonly record struct DeliveryKey(string Id, string? ConnectionId);

/// <summary>Wakes the pipeline when an event delivery is due again; durable (Quartz in the server, a list in tests).</summary>
public interface IRetrySchedule
{
    ValueTask ScheduleAsync(string deliveryId, DateTimeOffset dueAt, CancellationToken cancellationToken);
}
