using Sift.Media.Sip;
using Sift.Workflows.Hosting;

namespace Sift.Activities.Calls;

/// <summary>The thread pool for the work of instances, but for what a turn of the SIP side gives rise to: that its thread does first, if it is free.</summary>
public sealed class FollowUpQueue : IWorkQueue, IFollowUpWork
{
    // A thread that receives must look at its socket again, however much one message leads to.
    private const int MostInARow = 16;

    [ThreadStatic]
    private static Queue<IThreadPoolWorkItem>? kept;

    [ThreadStatic]
    private static bool isCollecting;

    /// <inheritdoc/>
    public TaskCreationOptions Waiters => ThreadPoolQueue.Instance.Waiters;

    /// <inheritdoc/>
    public void Enqueue(IThreadPoolWorkItem item)
    {
        if (isCollecting)
        {
            kept!.Enqueue(item);
        }
        else
        {
            ThreadPoolQueue.Instance.Enqueue(item);
        }
    }

    /// <inheritdoc/>
    public void Collect()
    {
        kept ??= new Queue<IThreadPoolWorkItem>();
        isCollecting = true;
    }

    /// <inheritdoc/>
    public void Finish(Func<bool> isFree)
    {
        var mine = kept!;
        try
        {
            for (var done = 0; done < MostInARow && mine.Count > 0 && isFree(); done++)
            {
                mine.Dequeue().Execute();
            }
        }
        finally
        {
            isCollecting = false;
            while (mine.TryDequeue(out var item))
            {
                ThreadPoolQueue.Instance.Enqueue(item);
            }
        }
    }
}
