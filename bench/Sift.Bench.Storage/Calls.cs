using System.Collections.Concurrent;
using Microsoft.Extensions.Logging.Abstractions;
using Sift.Activities.Calls;
using Sift.Activities.Connections;
using Sift.Activities.Webhooks;
using Sift.Bench.Shared;
using Sift.Media.Legs;
using Sift.Web.Storage;
using Sift.Workflows.Activities;
using Sift.Workflows.Definitions;
using Sift.Workflows.Engine;
using Sift.Workflows.Hosting;
using Sift.Workflows.Journal;

namespace Sift.Bench.Storage;

/// <summary>
/// Call control, runtime and store as the server wires them, with phones that answer in no time: what is measured is the way from the
/// arrival of a call to the first thing its flow asks of the phone, and to its first commit.
/// </summary>
internal sealed class Calls : ILegs, IInstanceObserver, IAsyncDisposable
{
    private static readonly TimeProvider Time = TimeProvider.System;

    private readonly ConcurrentDictionary<string, Phone> phones = new(StringComparer.Ordinal);
    private readonly CallControl control;
    private readonly WorkflowRuntime runtime;
    private readonly DeliveryPipeline deliveries;

    public Calls(Store store)
    {
        var options = new CallOptions();
        runtime = new WorkflowRuntime(new ActivityCatalog(CallActivities.All(options)), store.Get<IDefinitionStore>(), store.Get<IJournalStore>(), Time);
        deliveries = new DeliveryPipeline(store.Get<IDeliveryStore>(), new NoRetries(), new NoReceiver(), () => runtime, Time, NullLogger<DeliveryPipeline>.Instance);
        control = new CallControl(
            new CallServices(() => this, () => runtime, store.Get<INumberDirectory>(), store.Get<IConnectionStore>(), store.Get<IConnectionRows>(), deliveries, options, Time),
            NullLogger<CallControl>.Instance);
        runtime.Connect([control.EffectHandler, deliveries], control.Recovery, [control, this]);
    }

    /// <summary>From the arrival of the call to what its first activity asks of the phone.</summary>
    public Waits FirstActivity { get; } = new();

    /// <summary>From the arrival of the call until the start is on disk.</summary>
    public Waits Durable { get; } = new();

    /// <summary>Calls arrive evenly, each in its own time whatever became of the others, and run to their ends. Returns the ids.</summary>
    public async Task<IReadOnlyList<string>> ArriveAsync(int perSecond, TimeSpan length)
    {
        var ids = new List<string>();
        var begin = Time.GetTimestamp();
        for (var i = 0; i < perSecond * length.TotalSeconds; i++)
        {
            var due = TimeSpan.FromSeconds((double)i / perSecond);
            while (Time.GetElapsedTime(begin) < due) Thread.Sleep(1);
            var id = TimeOrderedId.New(Time.GetUtcNow());
            ids.Add(id);
            phones[id] = new Phone(begin, due);
            ThreadPool.UnsafeQueueUserWorkItem(
                static call => call.control.OnLegEvent(new LegIncoming(new LegId(call.id), $"+1555{call.i % 200_000:D7}", Customer.Number, "trunk:bench")), (control, id, i), preferLocal: false);
        }

        while (!phones.IsEmpty && Time.GetElapsedTime(begin) < length + TimeSpan.FromSeconds(30)) await Task.Delay(10);
        return phones.IsEmpty ? ids : throw new InvalidOperationException($"{phones.Count} of {ids.Count} calls did not end.");
    }

    public void Post(LegCommand command)
    {
        if (!phones.TryGetValue(command.Leg.Value, out var phone)) return;
        if (phone.TryBegin())
        {
            FirstActivity.Add(phone.Since());
        }

        LegEvent? answer = command switch
        {
            AnswerLeg when phone.TryAnswer() => new LegAnswered(command.Leg),
            PlayOnLeg play => new PlaybackFinished(command.Leg, play.Playback, PlaybackEnd.Completed),
            HangUpLeg => new LegEnded(command.Leg, LegEndCause.LocalHangUp, 200, null),
            _ => null,
        };
        if (answer is not null)
        {
            ThreadPool.UnsafeQueueUserWorkItem(static told => told.control.OnLegEvent(told.answer), (control, answer), preferLocal: false);
        }
    }

    public void OnCommitted(InstanceSummary summary, IReadOnlyList<JournalEntry> entries)
    {
        if (entries[0].Sequence == 1 && phones.TryGetValue(summary.InstanceId, out var phone))
        {
            Durable.Add(phone.Since());
        }

        if (summary is { FinishedAt: not null, HasPendingEffects: false })
        {
            phones.TryRemove(summary.InstanceId, out _);
        }
    }

    public ValueTask<LegSnapshot?> SnapshotAsync(LegId leg, CancellationToken cancellationToken) => new((LegSnapshot?)null);

    public ValueTask<bool> RestoreAsync(LegSnapshot snapshot, CancellationToken cancellationToken) => new(false);

    public async ValueTask DisposeAsync()
    {
        await runtime.DisposeAsync();
        deliveries.Dispose();
    }

    private sealed class Phone(long begin, TimeSpan due)
    {
        private int begun;
        private int answered;

        public double Since() => (Time.GetElapsedTime(begin) - due).TotalMilliseconds;

        public bool TryBegin() => Interlocked.Exchange(ref begun, 1) == 0;

        public bool TryAnswer() => Interlocked.Exchange(ref answered, 1) == 0;
    }

    private sealed class NoRetries : IRetrySchedule
    {
        public ValueTask ScheduleAsync(string deliveryId, DateTimeOffset dueAt, CancellationToken cancellationToken) => default;
    }

    private sealed class NoReceiver : IWebhookSender
    {
        public Task<WebhookAnswer> SendAsync(Delivery delivery, CancellationToken cancellationToken) => Task.FromResult(new WebhookAnswer(200, null, default, false));
    }
}
