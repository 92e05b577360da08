using System.Diagnostics.CodeAnalysis;
using System.Diagnostics.Metrics;
using Sift.Workflows.Journal;

namespace Sift.Web.Storage.GroupCommit;

/// <summary>
/// One dedicated thread that commits everything that arrived since the previous commit began. When idle an append is committed at once; under load
/// commits are <see cref="Window"/> apart, so that one flush to disk serves many appends.
/// </summary>
internal sealed partial class GroupCommitWriter : IDisposable
{
    private const int LargestGroup = 2048;

    /// <summary>The least time from the end of one commit to the next: what a flush costs is shared by what arrives meanwhile.</summary>
    private static readonly TimeSpan Window = TimeSpan.FromMilliseconds(4);

    /// <summary>How long a write that nobody waits for may stay for others to come along.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(25);

    private static readonly Histogram<int> GroupSize = Observability.SiftMeter.Meter.CreateHistogram<int>("sift.storage.group_size", "{append}", "Appends per committed transaction");
    private static readonly Counter<long> Committed = Observability.SiftMeter.Meter.CreateCounter<long>("sift.storage.appends", "{append}", "Appends committed");
    private static readonly Histogram<double> CommitTime = Observability.SiftMeter.Meter.CreateHistogram<double>("sift.storage.commit_duration", "s", "Time of one transaction of the journal, from its begin to the disk");
    private static readonly Counter<long> Failed = Observability.SiftMeter.Meter.CreateCounter<long>("sift.storage.failed_commits", "{commit}", "Transactions that failed");

    private readonly Lock gate = new();
    private readonly ManualResetEventSlim arrived = new(false, spinCount: 0);
    private readonly ManualResetEventSlim hurry = new(false, spinCount: 0);
    private readonly IBatchWriter writer;
    private readonly TimeProvider time;
    private readonly ILogger<GroupCommitWriter> logger;
    private readonly ITimer patience;
    private readonly Thread thread;
    private List<WriteRequest> waiting = [];
    private string? trouble;
    private bool committing;
    private bool stopping;

    public GroupCommitWriter(IBatchWriter writer, TimeProvider time, ILogger<GroupCommitWriter> logger)
    {
        this.writer = writer;
        this.time = time;
        this.logger = logger;
        patience = time.CreateTimer(static state => ((GroupCommitWriter)state!).EndPatience(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        thread = new Thread(Run) { IsBackground = true, Name = "sift group commit" };
        thread.Start();
    }

    /// <summary>Why the last transaction failed; null when it did not.</summary>
    public string? Failure => Volatile.Read(ref trouble);

    /// <summary>Called on the committing thread before a group is closed: what is written within joins it.</summary>
    public Action? Gather { get; set; }

    /// <summary>Completes when the append is durable. Rows of an unknown kind are refused before anything is written.</summary>
    public ValueTask WriteAsync(JournalAppend? append, IReadOnlyList<object> rows, CancellationToken cancellationToken) => WriteAsync(append, rows, isPatient: false, cancellationToken);

    /// <summary>As <see cref="WriteAsync(JournalAppend?, IReadOnlyList{object}, CancellationToken)"/>; what is patient rather shares the transaction of what comes next than causes one.</summary>
    public ValueTask WriteAsync(JournalAppend? append, IReadOnlyList<object> rows, bool isPatient, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        foreach (var row in rows)
        {
            if (!RowStatements.Knows(row))
            {
                throw new ArgumentException($"No table is known for a row of type {row.GetType()}", nameof(rows));
            }
        }

        // Once queued a write cannot be called back: it may be in the transaction that is being committed.
        var request = WriteRequest.Rent(append, rows);
        lock (gate)
        {
            ObjectDisposedException.ThrowIf(stopping, this);
            waiting.Add(request);
            if (!isPatient)
            {
                arrived.Set();
            }
            else if (waiting.Count == 1)
            {
                patience.Change(Patience, Timeout.InfiniteTimeSpan);
            }
        }

        return request.Completion;
    }

    /// <summary>Completes when everything that was handed in, or deferred, before the call can be read. At once when there is nothing of the kind.</summary>
    public ValueTask SettleAsync(CancellationToken cancellationToken)
    {
        Gather?.Invoke();
        lock (gate)
        {
            if (stopping || (waiting.Count == 0 && !committing))
            {
                return ValueTask.CompletedTask;
            }
        }

        return WriteAsync(null, [], cancellationToken);
    }

    /// <summary>Commits what is queued, then ends the thread.</summary>
    public void Dispose()
    {
        lock (gate)
        {
            if (stopping)
            {
                return;
            }

            stopping = true;
            hurry.Set();
            arrived.Set();
        }

        thread.Join();
        patience.Dispose();
        writer.Dispose();
        arrived.Dispose();
        hurry.Dispose();
    }

    private void EndPatience()
    {
        lock (gate)
        {
            if (waiting.Count > 0)
            {
                arrived.Set();
            }
        }
    }

    private void Run()
    {
        var group = new List<WriteRequest>();
        var last = 0L;
        while (true)
        {
            arrived.Wait();
            var early = last == 0 ? TimeSpan.Zero : Window - time.GetElapsedTime(last);
            if (early > TimeSpan.Zero)
            {
                hurry.Wait(early);
            }

            Gather?.Invoke();
            lock (gate)
            {
                arrived.Reset();
                (group, waiting) = (waiting, group);
                committing = group.Count > 0;
                if (group.Count == 0 && stopping)
                {
                    return;
                }
            }

            for (var start = 0; start < group.Count; start += LargestGroup)
            {
                Commit(group.GetRange(start, Math.Min(LargestGroup, group.Count - start)));
            }

            group.Clear();
            last = time.GetTimestamp();
            lock (gate)
            {
                committing = false;
                if (stopping && waiting.Count == 0)
                {
                    return;
                }
            }
        }
    }

    [SuppressMessage("Design", "CA1031", Justification = "The loop that owns the work: a failed transaction fails its requests and nothing else.")]
    private void Commit(List<WriteRequest> group)
    {
        Exception? failure = null;
        var begin = time.GetTimestamp();
        try
        {
            writer.Commit(group);
            CommitTime.Record(time.GetElapsedTime(begin).TotalSeconds);
            Committed.Add(group.Count);
            GroupSize.Record(group.Count);
        }
        catch (Exception exception)
        {
            failure = exception;
            Failed.Add(1);
            LogFailed(exception, group.Count);
        }

        Volatile.Write(ref trouble, failure?.Message);

        foreach (var request in group)
        {
            request.Complete(failure);
        }
    }

    [LoggerMessage(1010, LogLevel.Error, "A transaction with {Count} appends failed")]
    private partial void LogFailed(Exception exception, int count);
}
