namespace Sift.Workflows.Hosting;

/// <summary>
/// Who does the work of instances: the thread pool in a server. A simulation gives one queue that it empties itself, so that every run is
/// the same and it knows when nothing is left to do.
/// </summary>
public interface IWorkQueue
{
    /// <summary>Hands in work. Comes from any thread.</summary>
    void Enqueue(IThreadPoolWorkItem item);

    /// <summary>How task sources are made on which others wait: whether those go on here and now, or on a thread of the pool.</summary>
    TaskCreationOptions Waiters { get; }
}

/// <summary>The thread pool of the process.</summary>
public sealed class ThreadPoolQueue : IWorkQueue
{
    /// <summary>The only one.</summary>
    public static ThreadPoolQueue Instance { get; } = new();

    private ThreadPoolQueue()
    {
    }

    /// <inheritdoc/>
    public TaskCreationOptions Waiters => TaskCreationOptions.RunContinuationsAsynchronously;

    /// <inheritdoc/>
    public void Enqueue(IThreadPoolWorkItem item) => ThreadPool.UnsafeQueueUserWorkItem(item, preferLocal: false);
}
