using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Sift.Activities.Webhooks;
using Sift.Web.Hosting;
using Sift.Web.Storage;
using Sift.Web.Storage.Migrations;
using Sift.Workflows.Activities;
using Sift.Workflows.Engine;

namespace Sift.Bench.Deliveries;

/// <summary>The pipeline as the server wires it: group commit, leases, Quartz, signatures, the address guard; only the calls are missing.</summary>
internal sealed class PipelineUnderTest : IAsyncDisposable, IWorkflowRuntime, IWebhookSecrets, IDeliveryRetries, IDeliveryStore
{
    private static readonly WebhookSecret[] Secrets = [new(new byte[32])];
    private static readonly byte[] Body = new JsonObject
    {
        ["account_id"] = "00112233445566aa",
        ["connection"] = new JsonObject { ["connection_id"] = "0011223344556677", ["from"] = "+15550100200", ["to"] = "+15550100300", ["status"] = "finished", ["direction"] = "outgoing", ["filler"] = new string('x', 200) },
    }.ToJsonString().Select(c => (byte)c).ToArray();

    // As the server has it.
    private static readonly TimeSpan SweepInterval = TimeSpan.FromSeconds(15);

    private readonly ConcurrentDictionary<string, Course> _waiting = new();
    private IHost _host = null!;
    private IDeliveryStore _store = null!;
    private ITimer _sweep = null!;
    private int _next;

    public DeliveryPipeline Pipeline { get; private set; } = null!;

    public static async Task<PipelineUnderTest> StartAsync(string connectionString)
    {
        var bench = new PipelineUnderTest();
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddSiftStorage(connectionString, new RetentionOptions());
        builder.Services.AddSingleton<IDeliveryRetries>(bench);
        builder.Services.AddSiftRetrySchedule(connectionString);
        builder.Services.AddSiftStorageLoops();
        builder.Logging.SetMinimumLevel(LogLevel.Error);
        bench._host = builder.Build();
        var services = bench._host.Services;
        await services.GetRequiredService<Migrator>().MigrateAsync(default);
        await bench._host.StartAsync();
        bench._store = services.GetRequiredService<IDeliveryStore>();
        var sender = new HttpWebhookSender(new CallbackAddressGuard(true, TimeSpan.FromSeconds(5)), bench, TimeProvider.System);
        bench.Pipeline = new DeliveryPipeline(bench, services.GetRequiredService<IRetrySchedule>(), sender, () => bench, TimeProvider.System, NullLogger<DeliveryPipeline>.Instance);
        bench._sweep = TimeProvider.System.CreateTimer(_ => bench.Pipeline.SweepAsync(default).AsTask(), null, SweepInterval, SweepInterval);
        return bench;
    }

    /// <summary>
    /// Stores a delivery, hands it in, and completes when its first attempt is recorded, or for one in a call when its reply is there. How long each stage
    /// took, in milliseconds.
    /// </summary>
    public async Task<Stages> DeliverAsync(string url, DeliveryMode mode)
    {
        var id = $"{Interlocked.Increment(ref _next):x16}";
        var now = TimeProvider.System.GetUtcNow();
        var delivery = new Delivery(id, "00112233445566aa", id, mode == DeliveryMode.InCall ? id : null, "status", url, Body, mode, now)
        {
            NextAttemptAt = now,
            Deadline = mode == DeliveryMode.InCall ? now.AddSeconds(60) : null,
        };
        var course = _waiting[id] = new Course();
        var begin = TimeProvider.System.GetTimestamp();
        await _store.AddAsync(delivery, default);
        var stored = TimeProvider.System.GetTimestamp();
        Pipeline.Enqueue(delivery);
        await course.Done.Task;
        var end = TimeProvider.System.GetTimestamp();
        var sent = course.Sent == 0 ? end : course.Sent;
        return new Stages(Milliseconds(begin, stored), Milliseconds(stored, sent), Milliseconds(sent, end));

        static double Milliseconds(long from, long to) => TimeProvider.System.GetElapsedTime(from, to).TotalMilliseconds;
    }

    public async ValueTask DisposeAsync()
    {
        await _sweep.DisposeAsync();
        Pipeline.Dispose();
        await _host.StopAsync();
        _host.Dispose();

        // Connections that the pools keep for a database that is done with would count against the server's limit.
        Npgsql.NpgsqlConnection.ClearAllPools();
    }

    ValueTask<bool> IWorkflowRuntime.SignalAsync(string instanceId, InstanceSignal signal, CancellationToken cancellationToken)
    {
        Done(instanceId);
        return ValueTask.FromResult(true);
    }

    ValueTask<IReadOnlyList<WebhookSecret>> IWebhookSecrets.ForAccountAsync(string accountId, CancellationToken cancellationToken) => new(Secrets);

    void IDeliveryRetries.Retry(string deliveryId) => Pipeline.Retry(new DeliveryKey(deliveryId, null));

    async ValueTask IDeliveryStore.RecordAsync(Delivery delivery, DeliveryAttempt attempt, CancellationToken cancellationToken)
    {
        if (_waiting.TryGetValue(delivery.Id, out var course))
        {
            course.Sent = TimeProvider.System.GetTimestamp();
        }

        await _store.RecordAsync(delivery, attempt, cancellationToken);
        Done(delivery.Id);
    }

    async ValueTask IDeliveryStore.SaveAsync(Delivery delivery, CancellationToken cancellationToken)
    {
        await _store.SaveAsync(delivery, cancellationToken);
        Done(delivery.Id);
    }

    ValueTask IDeliveryStore.AddAsync(Delivery delivery, CancellationToken cancellationToken) => _store.AddAsync(delivery, cancellationToken);

    ValueTask<Delivery?> IDeliveryStore.FindAsync(string id, CancellationToken cancellationToken) => _store.FindAsync(id, cancellationToken);

    ValueTask<Delivery?> IDeliveryStore.ClaimAsync(string id, CancellationToken cancellationToken) => _store.ClaimAsync(id, cancellationToken);

    IAsyncEnumerable<DeliveryKey> IDeliveryStore.OwnedAsync(CancellationToken cancellationToken) => _store.OwnedAsync(cancellationToken);

    ValueTask<IReadOnlyList<DeliveryKey>> IDeliveryStore.OverdueAsync(DateTimeOffset before, int limit, CancellationToken cancellationToken) => _store.OverdueAsync(before, limit, cancellationToken);

    ValueTask<IReadOnlyList<string>> IDeliveryStore.AwaitedHostsAsync(CancellationToken cancellationToken) => _store.AwaitedHostsAsync(cancellationToken);

    ValueTask<IReadOnlyList<Delivery>> IDeliveryStore.TakeWaitingAsync(string host, DateTimeOffset causedBefore, int limit, CancellationToken cancellationToken) => _store.TakeWaitingAsync(host, causedBefore, limit, cancellationToken);

    ValueTask IDeliveryStore.ReadyAsync(CancellationToken cancellationToken) => _store.ReadyAsync(cancellationToken);

    ValueTask IDeliveryStore.ReopenAsync(Delivery delivery, CancellationToken cancellationToken) => _store.ReopenAsync(delivery, cancellationToken);

    ValueTask<IReadOnlyList<DeliveryAttempt>> IDeliveryStore.AttemptsAsync(string deliveryId, CancellationToken cancellationToken) => _store.AttemptsAsync(deliveryId, cancellationToken);

    void IWorkflowRuntime.Signal(string instanceId, InstanceSignal signal) => throw new NotSupportedException();

    ValueTask IWorkflowRuntime.StartAsync(InstanceStart start, CancellationToken cancellationToken) => throw new NotSupportedException();

    ValueTask<Task> IWorkflowRuntime.BeginAsync(InstanceStart start, CancellationToken cancellationToken) => throw new NotSupportedException();

    ValueTask<bool> IWorkflowRuntime.ReplaceAsync(string instanceId, string nodeType, JsonObject inputs, CancellationToken cancellationToken) => throw new NotSupportedException();

    ValueTask<bool> IWorkflowRuntime.CancelAsync(string instanceId, string reason, CancellationToken cancellationToken) => throw new NotSupportedException();

    ValueTask<bool> IWorkflowRuntime.RetryAsync(string instanceId, CancellationToken cancellationToken) => throw new NotSupportedException();

    ValueTask<bool> IWorkflowRuntime.ReleaseAsync(string instanceId, bool step, CancellationToken cancellationToken) => throw new NotSupportedException();

    void IWorkflowRuntime.CompleteEffect(string instanceId, EffectId effect) => throw new NotSupportedException();

    ValueTask IWorkflowRuntime.RecoverAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    private void Done(string id)
    {
        if (_waiting.TryRemove(id, out var waiting))
        {
            waiting.Done.TrySetResult();
        }
    }

    private sealed class Course
    {
        public TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public long Sent { get; set; }
    }
}

/// <summary>Milliseconds until a delivery was stored, from then until its answer was there, and from then until that was recorded.</summary>
internal readonly record struct Stages(double Stored, double Sent, double Recorded)
{
    public double All => Stored + Sent + Recorded;
}
