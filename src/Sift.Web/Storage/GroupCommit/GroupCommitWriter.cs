using System.Diagnostics.CodeAnalysis;
using System.Diagnostics.Metrics;
using Sift.Media.Sip;
using Sift.Workflows.Journal;

namespace Sift.Web.Storage.GroupCommit;

/// <summary>
/// One dedicated thread that commits everything that arrived since the previous commit began. When idle an append is committed at once; under load
/// commits are <see cref="Window"/> apart, so that one flush to disk serves many appends.
/// </summary>
internal sealed partial class GroupCommitWriter : IDisposable
{
    private const int LargestGroup = 2048;

    /// <summary>How many who waited are told by one thread.</summary>
    private const int LargestTurn = 32;

    /// <summary>The least time from the end of one commit to the next: what a flush costs is shared by what arrives meanwhile.</summary>
    private static readonly TimeSpan Window = TimeSpan.FromMilliseconds(4);

    /// <summary>How long a write that nobody waits for may stay for others to come along.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(25);

    private static readonly Histogram<int> GroupSize = Observability.SiftMeter.Meter.CreateHistogram<int>("sift.storage.group_size", "{append}", "Appends per committed transaction");
    private static readonly Counter<long> Committed = Observability.SiftMeter.Meter.CreateCounter<long>("sift.storage.appends", "{append}", "Appends committed");
    private static readonly Histogram<double> CommitTime = Observability.SiftMeter.Meter.CreateHistogram<double>("sift.storage.commit_duration", "s", "Time of one transaction of the journal, from its begin to the disk");
    private static readonly Counter<long> Failed = Observability.SiftMeter.Meter.CreateCounter<long>("sift.storage.failed_commits", "{commit}", "Transactions that failed");

    // Monitor and not Lock: the committing thread waits on it, for a time of its own choice.
    private readonly object gate = new();
    private readonly IBatchWriter writer;
    private readonly TimeProvider time;
    private readonly ILogger<GroupCommitWriter> logger;
    private readonly IFollowUpWork? followUp;
    private readonly Thread thread;
    private List<WriteRequest> waiting = [];
    private string? trouble;
    private bool committing;
    private bool stopping;

    // Timestamps: when what waits must be committed, when Gather must have been called, and until when the thread sleeps unless woken.
    private long writeDue = long.MaxValue;
    private long gatherDue = long.MaxValue;
    private long sleepsUntil;

    // After a commit the thread sleeps for this long and then looks by itself: who defers something meanwhile need not wake it.
    private long linger;

    /// <param name="writer">Writes the groups; disposed with this.</param>
    /// <param name="time">For how long a write may wait.</param>
    /// <param name="logger">Where failed transactions are told.</param>
    /// <param name="followUp">What completed writes lead to is done on the thread that completes them; null leaves it to the pool.</param>
    public GroupCommitWriter(IBatchWriter writer, TimeProvider time, ILogger<GroupCommitWriter> logger, IFollowUpWork? followUp = null)
    {
        this.writer = writer;
        this.followUp = followUp;
        this.time = time;
        this.logger = logger;
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
            Ask(ref writeDue, isPatient ? Ticks(Patience) : 0);
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

    /// <summary>Has <see cref="Gather"/> called, and what it brings committed, no later than that.</summary>
    public void CommitWithin(TimeSpan longest)
    {
        lock (gate)
        {
            linger = Math.Max(linger, Ticks(longest));
            Ask(ref gatherDue, Ticks(longest));
        }
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
            Monitor.Pulse(gate);
        }

        thread.Join();
        writer.Dispose();
    }

    private long Ticks(TimeSpan span) => (long)(span.TotalSeconds * time.TimestampFrequency);

    /// <summary>Under the lock: wakes the thread if it would sleep too long.</summary>
    private void Ask(ref long due, long within)
    {
        var at = time.GetTimestamp() + within;
        if (at < due)
        {
            due = at;
            if (at < sleepsUntil)
            {
                sleepsUntil = at;
                Monitor.Pulse(gate);
            }
        }
    }

    private void Run()
    {
        var group = new List<WriteRequest>();
        var last = 0L;
        while (true)
        {
            lock (gate)
            {
                AwaitWork(last);
                gatherDue = long.MaxValue;
            }

            Gather?.Invoke();
            lock (gate)
            {
                writeDue = long.MaxValue;
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

    /// <summary>Under the lock: returns when something is due, or waits at a moment when the thread is awake anyway.</summary>
    private void AwaitWork(long last)
    {
        var free = last == 0 ? 0 : last + Ticks(Window);
        var looks = last + linger;
        while (!stopping)
        {
            var now = time.GetTimestamp();
            var due = Math.Min(writeDue, gatherDue);
            if (due <= now && free <= now)
            {
                break;
            }

            var lingers = now < looks;
            sleepsUntil = due <= now ? free : Math.Max(free, Math.Min(due, lingers ? looks : long.MaxValue));
            Monitor.Wait(gate, sleepsUntil == long.MaxValue ? Timeout.InfiniteTimeSpan : TimeSpan.FromMilliseconds(Math.Ceiling((sleepsUntil - now) * 1000.0 / time.TimestampFrequency)));
            if (lingers && Math.Min(writeDue, gatherDue) < long.MaxValue && time.GetTimestamp() >= looks)
            {
                break;
            }
        }

        sleepsUntil = 0;
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

        for (var start = 0; start < group.Count; start += LargestTurn)
        {
            ThreadPool.UnsafeQueueUserWorkItem(new Completion(group.GetRange(start, Math.Min(LargestTurn, group.Count - start)), failure, followUp), preferLocal: false);
        }
    }

    /// <summary>Tells some of those who waited, one after another on one thread: a work item for each would wake more threads than it has work for.</summary>
    private sealed class Completion(List<WriteRequest> requests, Exception? failure, IFollowUpWork? followUp) : IThreadPoolWorkItem
    {
        private static readonly Func<bool> IsFree = static () => true;

        public void Execute()
        {
            followUp?.Collect();
            try
            {
                foreach (var request in requests)
                {
                    request.Complete(failure);
                }
            }
            finally
            {
                followUp?.Finish(IsFree);
            }
        }
    }

    [LoggerMessage(1010, LogLevel.Error, "A transaction with {Count} appends failed")]
    private partial void LogFailed(Exception exception, int count);
}
