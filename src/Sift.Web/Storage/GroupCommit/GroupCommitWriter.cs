using System.Diagnostics.CodeAnalysis;
using System.Diagnostics.Metrics;
using Sift.Workflows.Journal;

namespace Sift.Web.Storage.GroupCommit;

/// <summary>
/// One dedicated thread that commits everything that arrived while the previous commit ran. Under load a commit carries hundreds of appends
/// and costs one flush to disk; when idle an append is committed at once.
/// </summary>
internal sealed partial class GroupCommitWriter : IDisposable
{
    private const int LargestGroup = 2048;

    private static readonly Histogram<int> GroupSize = Observability.SiftMeter.Meter.CreateHistogram<int>("sift.storage.group_size", "{append}", "Appends per committed transaction");
    private static readonly Counter<long> Committed = Observability.SiftMeter.Meter.CreateCounter<long>("sift.storage.appends", "{append}", "Appends committed");
    private static readonly Counter<long> Failed = Observability.SiftMeter.Meter.CreateCounter<long>("sift.storage.failed_commits", "{commit}", "Transactions that failed");

    private readonly Lock gate = new();
    private readonly SemaphoreSlim arrived = new(0, 1);
    private readonly IBatchWriter writer;
    private readonly ILogger<GroupCommitWriter> logger;
    private readonly Thread thread;
    private List<WriteRequest> waiting = [];
    private bool stopping;

    public GroupCommitWriter(IBatchWriter writer, ILogger<GroupCommitWriter> logger)
    {
        this.writer = writer;
        this.logger = logger;
        thread = new Thread(Run) { IsBackground = true, Name = "sift group commit" };
        thread.Start();
    }

    /// <summary>Completes when the append is durable. Rows of an unknown kind are refused before anything is written.</summary>
    public ValueTask WriteAsync(JournalAppend? append, IReadOnlyList<object> rows, CancellationToken cancellationToken)
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
        bool first;
        lock (gate)
        {
            ObjectDisposedException.ThrowIf(stopping, this);
            first = waiting.Count == 0;
            waiting.Add(request);
        }

        if (first)
        {
            arrived.Release();
        }

        return request.Completion;
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
            if (waiting.Count == 0)
            {
                arrived.Release();
            }
        }

        thread.Join();
        writer.Dispose();
        arrived.Dispose();
    }

    private void Run()
    {
        var group = new List<WriteRequest>();
        while (true)
        {
            arrived.Wait();
            lock (gate)
            {
                (group, waiting) = (waiting, group);
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
            lock (gate)
            {
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
        try
        {
            writer.Commit(group);
            Committed.Add(group.Count);
            GroupSize.Record(group.Count);
        }
        catch (Exception exception)
        {
            failure = exception;
            Failed.Add(1);
            LogFailed(exception, group.Count);
        }

        foreach (var request in group)
        {
            request.Complete(failure);
        }
    }

    [LoggerMessage(1010, LogLevel.Error, "A transaction with {Count} appends failed")]
    private partial void LogFailed(Exception exception, int count);
}
