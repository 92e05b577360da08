namespace Sift.Workflows.Journal;

/// <summary>One stored event of an instance. The store treats <see cref="Data"/> as opaque UTF-8 JSON.</summary>
/// <param name="Sequence">Starts at 1, without gaps, per instance.</param>
/// <param name="At">UTC, in whole milliseconds; a store must keep it exactly.</param>
/// <param name="Kind">Event name, for example <c>activity.started</c>.</param>
public readonly record struct JournalEntry(string InstanceId, long Sequence, DateTimeOffset At, string Kind, ReadOnlyMemory<byte> Data);

/// <summary>One atomic append: entries, the instance's summary row after them, and rows of others that must commit with them.</summary>
public sealed record JournalAppend(string InstanceId, IReadOnlyList<JournalEntry> Entries, InstanceSummary Summary, IReadOnlyList<object> Attachments);

/// <summary>An attached row whose commit nothing outside waits for: it may share a later transaction.</summary>
public interface IDeferrableRow;

/// <summary>The row by which instances are listed and found again.</summary>
/// <param name="Status">Running or Finished.</param>
/// <param name="SubStatus">Elsa's sub status: Executing, Suspended, Finished, Cancelled, Faulted, Interrupted.</param>
public sealed record InstanceSummary(
    string InstanceId,
    string DefinitionId,
    string DefinitionVersionId,
    int Version,
    string? CorrelationId,
    string? Name,
    string Status,
    string SubStatus,
    int IncidentCount,
    long LastSequence,
    DateTimeOffset CreatedAt,
    DateTimeOffset UpdatedAt,
    DateTimeOffset? FinishedAt)
{
    /// <summary>The account it belongs to; null for the server's own.</summary>
    public string? AccountId { get; init; }

    /// <summary>Effects still have to be carried out, maybe after the instance finished. Such an instance is found again after a restart.</summary>
    public bool HasPendingEffects { get; init; }
}

/// <summary>Where journals are kept. Appends of many instances are committed in groups.</summary>
public interface IJournalStore
{
    /// <summary>Completes when the entries and the attachments are durable, all or none.</summary>
    /// <exception cref="JournalConflictException">The first entry does not follow the last stored one, or this owner's lease is gone.</exception>
    ValueTask AppendAsync(JournalAppend append, CancellationToken cancellationToken);

    /// <summary>Takes what to call when a transaction is about to be formed: what is appended within joins it. A store without transactions ignores it.</summary>
    /// <returns>Has it called within a time; null when the store does so only of its own accord.</returns>
    Action<TimeSpan>? BeforeCommit(Action gather) => null;

    /// <summary>The entries from that sequence on, in order; none for an unknown instance.</summary>
    IAsyncEnumerable<JournalEntry> ReadAsync(string instanceId, long fromSequence, CancellationToken cancellationToken);

    ValueTask<InstanceSummary?> FindAsync(string instanceId, CancellationToken cancellationToken);

    /// <summary>Instances that were not finished when the process ended, or have <see cref="InstanceSummary.HasPendingEffects"/>, oldest first.</summary>
    IAsyncEnumerable<InstanceSummary> UnfinishedAsync(CancellationToken cancellationToken);

    /// <summary>Removes journals and summaries of instances finished before that time, at most <paramref name="batch"/> of them. Never touches a live one.</summary>
    ValueTask<int> PurgeAsync(DateTimeOffset finishedBefore, int batch, CancellationToken cancellationToken);
}
