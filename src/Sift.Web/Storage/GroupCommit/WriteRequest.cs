using System.Collections.Concurrent;
using System.Threading.Tasks.Sources;
using Sift.Workflows.Journal;

namespace Sift.Web.Storage.GroupCommit;

/// <summary>One atomic write waiting for its commit: a journal append with its rows, or rows alone. Pooled; awaiting it gives it back.</summary>
internal sealed class WriteRequest : IValueTaskSource
{
    private static readonly ConcurrentBag<WriteRequest> Pool = [];

    // Whoever completes it has left the committing thread already.
    private ManualResetValueTaskSourceCore<bool> completion;

    public JournalAppend? Append { get; private set; }

    /// <summary>Rows of <see cref="RowStatements"/> kinds.</summary>
    public IReadOnlyList<object> Rows { get; private set; } = [];

    /// <summary>Set by the writer when this request must not be committed; the others of its group go on.</summary>
    public Exception? Refusal { get; set; }

    public ValueTask Completion => new(this, completion.Version);

    public static WriteRequest Rent(JournalAppend? append, IReadOnlyList<object> rows)
    {
        if (!Pool.TryTake(out var request))
        {
            request = new WriteRequest();
        }

        request.Append = append;
        request.Rows = rows;
        return request;
    }

    public void Complete(Exception? failure)
    {
        if ((failure ?? Refusal) is { } exception)
        {
            completion.SetException(exception);
        }
        else
        {
            completion.SetResult(true);
        }
    }

    public void GetResult(short token)
    {
        try
        {
            completion.GetResult(token);
        }
        finally
        {
            completion.Reset();
            Append = null;
            Rows = [];
            Refusal = null;
            Pool.Add(this);
        }
    }

    public ValueTaskSourceStatus GetStatus(short token) => completion.GetStatus(token);

    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags)
        => completion.OnCompleted(continuation, state, token, flags);
}
