using Sift.Workflows.Hosting;

namespace Sift.Activities.Webhooks;

/// <summary>Keeps the first attempts of one connection's deliveries in the order in which they were handed in.</summary>
internal sealed class ConnectionLanes(IWorkQueue queue)
{
    private readonly Dictionary<string, Turn> _last = new(StringComparer.Ordinal);
    private readonly Lock _lock = new();

    public Turn Enter(string? connectionId)
    {
        if (connectionId is null)
        {
            return new Turn(null, null, Task.CompletedTask, queue.Waiters);
        }

        lock (_lock)
        {
            var previous = _last.TryGetValue(connectionId, out var last) ? last.Passed : Task.CompletedTask;
            return _last[connectionId] = new Turn(this, connectionId, previous, queue.Waiters);
        }
    }

    private void Forget(string connectionId, Turn turn)
    {
        lock (_lock)
        {
            if (_last.TryGetValue(connectionId, out var last) && ReferenceEquals(last, turn))
            {
                _last.Remove(connectionId);
            }
        }
    }

    /// <summary>One delivery's place in the order.</summary>
    public sealed class Turn(ConnectionLanes? lanes, string? connectionId, Task previous, TaskCreationOptions waiters)
    {
        private readonly TaskCompletionSource _passed = new(waiters);

        public Task Previous { get; } = previous;

        public Task Passed => _passed.Task;

        /// <summary>Lets the next one go. Doing so again changes nothing.</summary>
        public void Pass()
        {
            if (_passed.TrySetResult() && lanes is not null)
            {
                lanes.Forget(connectionId!, this);
            }
        }
    }
}
