using System.Collections.Concurrent;
using Sift.Workflows.Hosting;

namespace Sift.Testing.World;

/// <summary>
/// The one queue of a simulation. Whatever the engine, the webhooks and the phones have to do is done here one after another, in the order
/// it was handed in, so that a run depends on nothing but its inputs.
/// </summary>
internal sealed class WorkPump : IWorkQueue
{
    private readonly ConcurrentQueue<IThreadPoolWorkItem> _items = new();
    private readonly Lock _gate = new();
    private TaskCompletionSource? _arrival;
    private int _outside;

    /// <summary>Everything runs on one thread at a time, so those who wait can go on at once.</summary>
    public TaskCreationOptions Waiters => TaskCreationOptions.None;

    public void Enqueue(IThreadPoolWorkItem item)
    {
        _items.Enqueue(item);
        lock (_gate)
        {
            _arrival?.TrySetResult();
        }
    }

    public void Enqueue(Action work) => Enqueue(new Work(work));

    /// <summary>Something outside the simulation is being waited for, in real time.</summary>
    public void BeginOutside() => Interlocked.Increment(ref _outside);

    /// <summary>It has come; <paramref name="work"/> goes on with it.</summary>
    public void EndOutside(Action work) => Enqueue(() =>
    {
        Interlocked.Decrement(ref _outside);
        work();
    });

    /// <summary>Works until nothing is left to do at this moment.</summary>
    /// <exception cref="SimulationException">Something outside did not come within <paramref name="patience"/>.</exception>
    public async Task SettleAsync(TimeSpan patience)
    {
        while (true)
        {
            while (_items.TryDequeue(out var item))
            {
                item.Execute();
            }

            if (Volatile.Read(ref _outside) == 0)
            {
                return;
            }

            await ArrivalAsync(patience).ConfigureAwait(false);
        }
    }

    private async Task ArrivalAsync(TimeSpan patience)
    {
        Task arrival;
        lock (_gate)
        {
            _arrival = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            if (!_items.IsEmpty)
            {
                return;
            }

            arrival = _arrival.Task;
        }

        try
        {
            await arrival.WaitAsync(patience, TimeProvider.System).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            throw new SimulationException($"An answer did not come within {patience.TotalSeconds:0} s of real time. Virtual time stands still while an answer is being made.");
        }
    }

    private sealed class Work(Action work) : IThreadPoolWorkItem
    {
        public void Execute() => work();
    }
}
