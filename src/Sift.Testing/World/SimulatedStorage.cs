using Sift.Activities.Connections;
using Sift.Activities.Webhooks;
using Sift.Workflows.Journal;

namespace Sift.Testing.World;

/// <summary>What a server keeps on disk, in memory: the journal, connections, deliveries, retries that are due.</summary>
internal sealed class SimulatedStorage : IJournalStore, IDeliveryStore, IConnectionStore, IConnectionRows, IRetrySchedule
{
    private readonly Dictionary<string, Connection> _connections = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Delivery> _deliveries = new(StringComparer.Ordinal);
    private readonly List<DeliveryAttempt> _attempts = [];
    private readonly SortedDictionary<string, DateTimeOffset> _retries = new(StringComparer.Ordinal);
    private readonly List<string> _instances = [];
    private bool _isDead;

    public InMemoryJournalStore Journal { get; private init; } = new();

    /// <summary>Hears of every write: before it, and once it is durable. Whoever kills the server in it decides which side of the write that is.</summary>
    public Action<bool>? OnWrite { get; set; }

    /// <summary>Hears that a delivery is to be tried again.</summary>
    public Action<string, DateTimeOffset>? OnScheduled { get; set; }

    public IReadOnlyCollection<Delivery> Deliveries => _deliveries.Values;

    public IReadOnlyCollection<Connection> Connections => _connections.Values;

    public IReadOnlyList<string> Instances => _instances;

    public IReadOnlyDictionary<string, DateTimeOffset> Retries => _retries;

    /// <summary>What the next process finds. Whoever still writes here waits for ever.</summary>
    public SimulatedStorage Crash()
    {
        _isDead = true;
        var survivor = new SimulatedStorage { Journal = Journal.Crash(), OnWrite = OnWrite };
        foreach (var (id, connection) in _connections)
        {
            survivor._connections.Add(id, connection);
        }

        foreach (var (id, delivery) in _deliveries)
        {
            survivor._deliveries.Add(id, delivery);
        }

        foreach (var (id, due) in _retries)
        {
            survivor._retries.Add(id, due);
        }

        survivor._attempts.AddRange(_attempts);
        survivor._instances.AddRange(_instances);
        return survivor;
    }

    public Connection? Find(string connectionId) => _connections.GetValueOrDefault(connectionId);

    public Delivery? FindDelivery(string id) => _deliveries.GetValueOrDefault(id);

    public void TakeRetry(string deliveryId) => _retries.Remove(deliveryId);

    public ValueTask AppendAsync(JournalAppend append, CancellationToken cancellationToken)
    {
        OnWrite?.Invoke(false);
        if (_isDead)
        {
            return Never();
        }

        var done = Journal.AppendAsync(append, cancellationToken);
        if (!done.IsCompletedSuccessfully)
        {
            return done;
        }

        if (!_instances.Contains(append.InstanceId))
        {
            _instances.Add(append.InstanceId);
        }

        Apply(append.Attachments);
        return Written();
    }

    public IAsyncEnumerable<JournalEntry> ReadAsync(string instanceId, long fromSequence, CancellationToken cancellationToken) =>
        Journal.ReadAsync(instanceId, fromSequence, cancellationToken);

    public ValueTask<InstanceSummary?> FindAsync(string instanceId, CancellationToken cancellationToken) => Journal.FindAsync(instanceId, cancellationToken);

    IAsyncEnumerable<InstanceSummary> IJournalStore.UnfinishedAsync(CancellationToken cancellationToken) => Journal.UnfinishedAsync(cancellationToken);

    public ValueTask<int> PurgeAsync(DateTimeOffset finishedBefore, int batch, CancellationToken cancellationToken) =>
        Journal.PurgeAsync(finishedBefore, batch, cancellationToken);

    public ValueTask AddAsync(Delivery delivery, CancellationToken cancellationToken) => Write(() => _deliveries.TryAdd(delivery.Id, delivery));

    ValueTask<Delivery?> IDeliveryStore.FindAsync(string id, CancellationToken cancellationToken) => new(FindDelivery(id));

    ValueTask<Connection?> IConnectionStore.FindAsync(string id, CancellationToken cancellationToken) => new(Find(id));

    public ValueTask<Delivery?> ClaimAsync(string id, CancellationToken cancellationToken) => new(FindDelivery(id) is { } delivery && IsOpen(delivery) ? delivery : null);

    public IAsyncEnumerable<DeliveryKey> OwnedAsync(CancellationToken cancellationToken) => Keys(static _ => true).ToAsyncEnumerable();

    public ValueTask<IReadOnlyList<DeliveryKey>> OverdueAsync(DateTimeOffset before, int limit, CancellationToken cancellationToken) =>
        new([.. Keys(delivery => delivery.NextAttemptAt < before).Take(limit)]);

    public ValueTask<IReadOnlyList<string>> AwaitedHostsAsync(CancellationToken cancellationToken) =>
        new([.. _deliveries.Values.Select(static delivery => delivery.WaitsFor).OfType<string>().Distinct(StringComparer.Ordinal)]);

    public async ValueTask<IReadOnlyList<Delivery>> TakeWaitingAsync(string host, DateTimeOffset causedBefore, int limit, CancellationToken cancellationToken)
    {
        Delivery[] taken =
        [
            .. _deliveries.Values.Where(delivery => delivery.WaitsFor == host && delivery.CreatedAt < causedBefore)
                .OrderBy(static delivery => delivery.CreatedAt).Take(limit).Select(static delivery => delivery with { WaitsFor = null }),
        ];
        if (taken.Length > 0)
        {
            await Write(() => Array.ForEach(taken, delivery => _deliveries[delivery.Id] = delivery)).ConfigureAwait(false);
        }

        return taken;
    }

    /// <summary>No other process shares this store.</summary>
    public ValueTask ReadyAsync(CancellationToken cancellationToken) => ValueTask.CompletedTask;

    public ValueTask ReopenAsync(Delivery delivery, CancellationToken cancellationToken) => SaveAsync(delivery, cancellationToken);

    /// <summary>Connections that are neither finished nor failed.</summary>
    public IReadOnlyList<Connection> OpenConnections() => [.. _connections.Values.Where(static connection => connection.EndTime is null)];

    public ValueTask RecordAsync(Delivery delivery, DeliveryAttempt attempt, CancellationToken cancellationToken) => Write(() =>
    {
        _deliveries[delivery.Id] = delivery;
        _attempts.Add(attempt);
    });

    public ValueTask SaveAsync(Delivery delivery, CancellationToken cancellationToken) => Write(() => _deliveries[delivery.Id] = delivery);

    public ValueTask<IReadOnlyList<DeliveryAttempt>> AttemptsAsync(string deliveryId, CancellationToken cancellationToken) =>
        new([.. _attempts.Where(attempt => attempt.DeliveryId == deliveryId)]);

    public ValueTask ScheduleAsync(string deliveryId, DateTimeOffset dueAt, CancellationToken cancellationToken) => Write(() =>
    {
        _retries[deliveryId] = dueAt;
        OnScheduled?.Invoke(deliveryId, dueAt);
    });

    public ValueTask SaveAsync(IReadOnlyList<object> rows, CancellationToken cancellationToken) => Write(() => Apply(rows));

    private IEnumerable<DeliveryKey> Keys(Func<Delivery, bool> matches) => _deliveries.Values
        .Where(delivery => IsOpen(delivery) && matches(delivery))
        .OrderBy(static delivery => delivery.CreatedAt)
        .Select(static delivery => new DeliveryKey(delivery.Id, delivery.ConnectionId))
        .ToArray();

    private static bool IsOpen(Delivery delivery) => delivery.State is DeliveryState.Pending or DeliveryState.Scheduled;

    private static ValueTask Never() => new(new TaskCompletionSource().Task);

    private ValueTask Write(Action write)
    {
        OnWrite?.Invoke(false);
        if (_isDead)
        {
            return Never();
        }

        write();
        return Written();
    }

    private ValueTask Written()
    {
        OnWrite?.Invoke(true);
        return _isDead ? Never() : ValueTask.CompletedTask;
    }

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
                _connections[connection.Id] = connection;
            }
        }
    }
}
