using System.Runtime.CompilerServices;

namespace Sift.Workflows.Journal;

/// <summary>
/// A journal in memory, for tests, benches and the simulator. <see cref="HoldCommits"/> keeps appends in flight until
/// <see cref="Release"/>, and <see cref="Crash"/> loses what is in flight, as a killed process would.
/// </summary>
public sealed class InMemoryJournalStore : IJournalStore
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Kept> _instances = new(StringComparer.Ordinal);
    private readonly List<(JournalAppend Append, TaskCompletionSource Done)> _inFlight = [];
    private readonly List<object> _attachments = [];
    private bool _crashed;

    /// <summary>While true, appends stay uncommitted.</summary>
    public bool HoldCommits { get; set; }

    /// <summary>An append that holds this sequence, and every later one, stays in flight for ever: the process is killed during it. 0 for none.</summary>
    public long CutAt { get; set; }

    /// <summary>How many appends were handed in.</summary>
    public long Appends { get; private set; }

    /// <summary>Rows committed with journal entries, in order.</summary>
    public IReadOnlyList<object> Attachments
    {
        get
        {
            lock (_gate) return [.. _attachments];
        }
    }

    public int InFlight
    {
        get
        {
            lock (_gate) return _inFlight.Count;
        }
    }

    public ValueTask AppendAsync(JournalAppend append, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            Appends++;
            if (CutAt > 0 && append.Summary.LastSequence >= CutAt) _crashed = true;
            if (_crashed) return new ValueTask(new TaskCompletionSource().Task);
            if (!HoldCommits)
            {
                try
                {
                    Commit(append);
                    return ValueTask.CompletedTask;
                }
                catch (JournalConflictException e)
                {
                    return ValueTask.FromException(e);
                }
            }

            var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _inFlight.Add((append, done));
            return new ValueTask(done.Task);
        }
    }

    /// <summary>Commits the oldest appends in flight.</summary>
    public void Release(int count = int.MaxValue)
    {
        List<(JournalAppend Append, TaskCompletionSource Done)> released;
        lock (_gate)
        {
            released = _inFlight.GetRange(0, Math.Min(count, _inFlight.Count));
            _inFlight.RemoveRange(0, released.Count);
        }

        foreach (var (append, done) in released)
        {
            try
            {
                lock (_gate) Commit(append);
                done.SetResult();
            }
            catch (JournalConflictException e)
            {
                done.SetException(e);
            }
        }
    }

    /// <summary>What survives a kill of the process: a store with everything committed and nothing that was in flight. This one answers no more.</summary>
    public InMemoryJournalStore Crash()
    {
        lock (_gate)
        {
            _crashed = true;
            _inFlight.Clear();
            var survivor = new InMemoryJournalStore();
            foreach (var (id, kept) in _instances) survivor._instances.Add(id, new Kept([.. kept.Entries], kept.Summary));
            survivor._attachments.AddRange(_attachments);
            return survivor;
        }
    }

    public async IAsyncEnumerable<JournalEntry> ReadAsync(
        string instanceId, long fromSequence, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.CompletedTask.ConfigureAwait(false);
        JournalEntry[] entries;
        lock (_gate) entries = _instances.TryGetValue(instanceId, out var kept) ? [.. kept.Entries] : [];
        foreach (var entry in entries)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (entry.Sequence >= fromSequence) yield return entry;
        }
    }

    public ValueTask<InstanceSummary?> FindAsync(string instanceId, CancellationToken cancellationToken)
    {
        lock (_gate) return new(_instances.GetValueOrDefault(instanceId)?.Summary);
    }

    public async IAsyncEnumerable<InstanceSummary> UnfinishedAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.CompletedTask.ConfigureAwait(false);
        InstanceSummary[] live;
        lock (_gate) live = [.. _instances.Values.Select(kept => kept.Summary).Where(IsLive).OrderBy(summary => summary.CreatedAt)];
        foreach (var summary in live)
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return summary;
        }
    }

    public ValueTask<int> PurgeAsync(DateTimeOffset finishedBefore, int batch, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            var old = _instances.Values
                .Where(kept => kept.Summary.FinishedAt is { } at && at < finishedBefore)
                .OrderBy(kept => kept.Summary.FinishedAt)
                .Take(batch)
                .Select(kept => kept.Summary.InstanceId)
                .ToList();
            foreach (var id in old) _instances.Remove(id);
            return new(old.Count);
        }
    }

    private static bool IsLive(InstanceSummary summary) => summary.FinishedAt is null || summary.HasPendingEffects;

    private void Commit(JournalAppend append)
    {
        var last = _instances.GetValueOrDefault(append.InstanceId)?.Summary.LastSequence ?? 0;
        if (append.Entries.Count == 0 || append.Entries[0].Sequence != last + 1)
        {
            throw new JournalConflictException(append.InstanceId, $"The journal of {append.InstanceId} ends with {last}.");
        }

        if (!_instances.TryGetValue(append.InstanceId, out var kept)) _instances.Add(append.InstanceId, kept = new Kept([], append.Summary));
        kept.Entries.AddRange(append.Entries);
        kept.Summary = append.Summary;
        _attachments.AddRange(append.Attachments);
    }

    private sealed class Kept(List<JournalEntry> entries, InstanceSummary summary)
    {
        public List<JournalEntry> Entries { get; } = entries;

        public InstanceSummary Summary { get; set; } = summary;
    }
}
