using System.Collections.Concurrent;
using System.Threading.Channels;
using Sift.Activities.Connections;
using Sift.Activities.Webhooks;
using Sift.Workflows.Journal;

namespace Sift.Activities.Tests.Fixtures;

/// <summary>The storage of the web project in memory: rows that come with the journal, rows that come alone, retries that are due.</summary>
internal sealed class FakeStorage : IDeliveryStore, IConnectionStore, IConnectionRows, IRetrySchedule, IJournalStore
{
    private readonly Lock _lock = new();
    private readonly List<Connection> _history = [];
    private readonly ConcurrentDictionary<string, Connection> _connections = new();
    private readonly ConcurrentDictionary<string, Delivery> _deliveries = new();
    private readonly List<DeliveryAttempt> _attempts = [];
    private readonly Channel<Delivery> _recorded = Channel.CreateUnbounded<Delivery>();
    private readonly Channel<Connection> _ended = Channel.CreateUnbounded<Connection>();
    private readonly ConcurrentQueue<(string Id, DateTimeOffset At)> _retries = new();

    public FakeStorage() => Ready.SetResult();

    public InMemoryJournalStore Journal { get; private init; } = new();

    /// <summary>How many waiting events of which host were taken at each look.</summary>
    public ConcurrentQueue<(string Host, int Count)> Taken { get; } = [];

    /// <summary>Deliveries that another process is at.</summary>
    public ConcurrentBag<string> TakenElsewhere { get; } = [];

    /// <summary>Until it is completed no attempt may be made.</summary>
    public TaskCompletionSource Ready { get; set; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>What survives a kill of the process.</summary>
    public FakeStorage Crash()
    {
        var survivor = new FakeStorage { Journal = Journal.Crash() };
        survivor.Apply([.. _connections.Values, .. _deliveries.Values]);
        return survivor;
    }

    public IReadOnlyList<(string Id, DateTimeOffset At)> Retries => [.. _retries];

    public IEnumerable<Delivery> Deliveries => _deliveries.Values;

    /// <summary>The statuses that a connection's row has had, in order.</summary>
    public IReadOnlyList<ConnectionStatus> StatusesOf(string id)
    {
        lock (_lock)
        {
            return [.. _history.Where(connection => connection.Id == id).Select(static connection => connection.Status)];
        }
    }

    public Connection Of(string id) => _connections[id];

    public Task<Delivery> RecordedAsync() => Soon.Within(_recorded.Reader.ReadAsync().AsTask(), "a recorded attempt");

    public async Task<Connection> EndedAsync(string id)
    {
        while (true)
        {
            var connection = await Soon.Within(_ended.Reader.ReadAsync().AsTask(), "the end of the connection");
            if (connection.Id == id)
            {
                return connection;
            }
        }
    }

    public async ValueTask AppendAsync(JournalAppend append, CancellationToken cancellationToken)
    {
        await Journal.AppendAsync(append, cancellationToken);
        Apply(append.Attachments);
    }

    public IAsyncEnumerable<JournalEntry> ReadAsync(string instanceId, long fromSequence, CancellationToken cancellationToken) => Journal.ReadAsync(instanceId, fromSequence, cancellationToken);

    public ValueTask<InstanceSummary?> FindAsync(string instanceId, CancellationToken cancellationToken) => Journal.FindAsync(instanceId, cancellationToken);

    IAsyncEnumerable<InstanceSummary> IJournalStore.UnfinishedAsync(CancellationToken cancellationToken) => Journal.UnfinishedAsync(cancellationToken);

    public ValueTask<int> PurgeAsync(DateTimeOffset finishedBefore, int batch, CancellationToken cancellationToken) => Journal.PurgeAsync(finishedBefore, batch, cancellationToken);

    public ValueTask AddAsync(Delivery delivery, CancellationToken cancellationToken)
    {
        _deliveries.TryAdd(delivery.Id, delivery);
        return ValueTask.CompletedTask;
    }

    ValueTask<Delivery?> IDeliveryStore.FindAsync(string id, CancellationToken cancellationToken) => new(_deliveries.GetValueOrDefault(id));

    ValueTask<Connection?> IConnectionStore.FindAsync(string id, CancellationToken cancellationToken) =>
        cancellationToken.IsCancellationRequested ? ValueTask.FromCanceled<Connection?>(cancellationToken) : new(_connections.GetValueOrDefault(id));

    public ValueTask<Delivery?> ClaimAsync(string id, CancellationToken cancellationToken) =>
        new(_deliveries.GetValueOrDefault(id) is { State: DeliveryState.Pending or DeliveryState.Scheduled } open && !TakenElsewhere.Contains(id) ? open : null);

    public IAsyncEnumerable<DeliveryKey> OwnedAsync(CancellationToken cancellationToken) => Keys(static _ => true).ToAsyncEnumerable();

    public ValueTask<IReadOnlyList<DeliveryKey>> OverdueAsync(DateTimeOffset before, int limit, CancellationToken cancellationToken) =>
        new([.. Keys(delivery => delivery.NextAttemptAt < before).Take(limit)]);

    public ValueTask<IReadOnlyList<string>> AwaitedHostsAsync(CancellationToken cancellationToken) =>
        new([.. _deliveries.Values.Select(static delivery => delivery.WaitsFor).OfType<string>().Distinct(StringComparer.Ordinal)]);

    public ValueTask<IReadOnlyList<Delivery>> TakeWaitingAsync(string host, DateTimeOffset causedBefore, int limit, CancellationToken cancellationToken)
    {
        Delivery[] taken = [.. _deliveries.Values.Where(delivery => delivery.WaitsFor == host && delivery.CreatedAt < causedBefore).OrderBy(static delivery => delivery.CreatedAt).Take(limit)];
        foreach (var delivery in taken)
        {
            _deliveries[delivery.Id] = delivery with { WaitsFor = null };
        }

        Taken.Enqueue((host, taken.Length));
        return new([.. taken.Select(static delivery => delivery with { WaitsFor = null })]);
    }

    public ValueTask ReadyAsync(CancellationToken cancellationToken) => new(Ready.Task.WaitAsync(cancellationToken));

    public ValueTask ReopenAsync(Delivery delivery, CancellationToken cancellationToken) => SaveAsync(delivery, cancellationToken);

    public ValueTask RecordAsync(Delivery delivery, DeliveryAttempt attempt, CancellationToken cancellationToken)
    {
        _deliveries[delivery.Id] = delivery;
        lock (_lock)
        {
            _attempts.Add(attempt);
        }

        _recorded.Writer.TryWrite(delivery);
        return ValueTask.CompletedTask;
    }

    public ValueTask SaveAsync(Delivery delivery, CancellationToken cancellationToken)
    {
        _deliveries[delivery.Id] = delivery;
        _recorded.Writer.TryWrite(delivery);
        return ValueTask.CompletedTask;
    }

    public ValueTask<IReadOnlyList<DeliveryAttempt>> AttemptsAsync(string deliveryId, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            return new([.. _attempts.Where(attempt => attempt.DeliveryId == deliveryId)]);
        }
    }

    public ValueTask ScheduleAsync(string deliveryId, DateTimeOffset dueAt, CancellationToken cancellationToken)
    {
        _retries.Enqueue((deliveryId, dueAt));
        return ValueTask.CompletedTask;
    }

    public ValueTask SaveAsync(IReadOnlyList<object> rows, CancellationToken cancellationToken)
    {
        Apply(rows);
        return ValueTask.CompletedTask;
    }

    private IEnumerable<DeliveryKey> Keys(Func<Delivery, bool> matches) => _deliveries.Values
        .Where(delivery => delivery.State is DeliveryState.Pending or DeliveryState.Scheduled && matches(delivery))
        .OrderBy(static delivery => delivery.CreatedAt)
        .Select(static delivery => new DeliveryKey(delivery.Id, delivery.ConnectionId));

    private void Apply(IReadOnlyList<object> rows)
    {
        foreach (var row in rows)
        {
            if (row is Delivery delivery)
            {
                _deliveries.TryAdd(delivery.Id, delivery);
            }
            else if (row is Connection connection)
            {
                lock (_lock)
                {
                    _history.Add(connection);
                }

                _connections[connection.Id] = connection;
                if (connection.Status is ConnectionStatus.Finished or ConnectionStatus.Failed)
                {
                    _ended.Writer.TryWrite(connection);
                }
            }
        }
    }
}
