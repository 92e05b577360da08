using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Sift.Workflows.Activities;
using Sift.Workflows.Activities.Flow;
using Sift.Workflows.Definitions;
using Sift.Workflows.Engine;
using Sift.Workflows.Journal;

namespace Sift.Workflows.Hosting;

/// <summary>Hosts instances in this process. Call <see cref="Connect"/>, then <see cref="RecoverAsync(CancellationToken)"/>, before anything else.</summary>
public sealed class WorkflowRuntime : IWorkflowRuntime, IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, InstanceMailbox> _live = new(StringComparer.Ordinal);
    private readonly Dictionary<string, IEffectHandler> _handlers = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _stopping = new();
    private readonly SemaphoreSlim _starts;
    private readonly WorkflowCore _core;
    private readonly GraphCache _graphs;
    private readonly IJournalStore _journal;
    private readonly WorkflowMetrics _metrics;
    private IReadOnlyList<IInstanceObserver> _observers = [];
    private IInstanceRecovery? _recovery;

    public WorkflowRuntime(
        ActivityCatalog catalog,
        IDefinitionStore definitions,
        IJournalStore journal,
        TimeProvider time,
        WorkflowRuntimeOptions? options = null,
        ILogger<WorkflowRuntime>? logger = null)
    {
        _core = new WorkflowCore(catalog);
        _graphs = new GraphCache(definitions);
        _journal = journal;
        Time = time;
        Options = options ?? new WorkflowRuntimeOptions();
        Logger = logger ?? NullLogger<WorkflowRuntime>.Instance;
        _metrics = new WorkflowMetrics(() => _live.Count);
        _starts = new SemaphoreSlim(Options.MaxConcurrentStarts);
        Timers = new DueTimers(time);
        Deferred = Options.CommitDeferral > TimeSpan.Zero ? new DeferredCommits(time, Options.CommitDeferral, journal) : null;
        Writer = new JournalWriter(journal, time, Options, _metrics, Logger, _stopping.Token);
    }

    /// <summary>How many instances are in memory.</summary>
    public int LiveCount => _live.Count;

    internal TimeProvider Time { get; }

    internal WorkflowRuntimeOptions Options { get; }

    internal ILogger Logger { get; }

    internal DueTimers Timers { get; }

    internal JournalWriter Writer { get; }

    internal DeferredCommits? Deferred { get; }

    /// <summary>Gives the runtime what itself needs the runtime: handlers answer with signals.</summary>
    public void Connect(IEnumerable<IEffectHandler> handlers, IInstanceRecovery? recovery = null, IEnumerable<IInstanceObserver>? observers = null)
    {
        foreach (var handler in handlers)
        {
            foreach (var type in handler.EffectTypes)
            {
                if (!_handlers.TryAdd(type, handler)) throw new ArgumentException($"Two handlers carry out effects of type {type}.");
            }
        }

        _recovery = recovery;
        _observers = [.. observers ?? []];
    }

    public async ValueTask StartAsync(InstanceStart start, CancellationToken cancellationToken)
    {
        var durable = await BeginAsync(start, cancellationToken).ConfigureAwait(false);
        await durable.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask<Task> BeginAsync(InstanceStart start, CancellationToken cancellationToken)
    {
        var graph = await _graphs.ForStartAsync(start, cancellationToken).ConfigureAwait(false);
        await _starts.WaitAsync(cancellationToken).ConfigureAwait(false);
        var done = NewDone();
        try
        {
            var mailbox = new InstanceMailbox(this, _core.NewState(start.InstanceId, graph));
            if (!_live.TryAdd(start.InstanceId, mailbox)) throw new InvalidOperationException($"Instance {start.InstanceId} exists already.");
            var definition = graph.Definition;
            var started = new InstanceStarted(
                definition.DefinitionId, definition.Id, definition.Version, start.Input, start.AccountId, start.CorrelationId, start.Name) { Hold = start.Hold };
            mailbox.Begin(new InstanceInput(started, start.Attachments, start.IsPatient), done);
        }
        catch
        {
            _starts.Release();
            throw;
        }

        return ReleaseWhenDurableAsync(done.Task);
    }

    private async Task ReleaseWhenDurableAsync(Task durable)
    {
        try
        {
            await durable.ConfigureAwait(false);
        }
        finally
        {
            _starts.Release();
        }
    }

    public void Signal(string instanceId, InstanceSignal signal)
    {
        if (_live.TryGetValue(instanceId, out var mailbox) && mailbox.Post(InstanceInput.Of(signal))) _metrics.Signals.Add(1);
        else _metrics.Dropped.Add(1);
    }

    public async ValueTask<bool> SignalAsync(string instanceId, InstanceSignal signal, CancellationToken cancellationToken)
    {
        var isTaken = await PostAsync(instanceId, InstanceInput.Of(signal), cancellationToken).ConfigureAwait(false);
        (isTaken ? _metrics.Signals : _metrics.Dropped).Add(1);
        return isTaken;
    }

    public ValueTask<bool> ReplaceAsync(string instanceId, string nodeType, JsonObject inputs, CancellationToken cancellationToken) =>
        PostAsync(instanceId, new InstanceInput(new WorkReplaced(nodeType, (JsonObject)inputs.DeepClone())), cancellationToken);

    public ValueTask<bool> CancelAsync(string instanceId, string reason, CancellationToken cancellationToken) =>
        PostAsync(instanceId, new InstanceInput(new CancelRequested(reason)), cancellationToken);

    public ValueTask<bool> ReleaseAsync(string instanceId, bool step, CancellationToken cancellationToken) =>
        PostAsync(instanceId, new InstanceInput(new HoldReleased(step)), cancellationToken);

    public async ValueTask<bool> RetryAsync(string instanceId, CancellationToken cancellationToken)
    {
        while (true)
        {
            var state = await ReadStateAsync(instanceId, cancellationToken).ConfigureAwait(false);
            if (state?.Faulted is not { } faulted || !state.IsFinished) return false;
            var done = NewDone();
            if (TryPost(state, new InstanceInput(new RetryRequested(faulted.Id)), done) is { } isTaken)
            {
                return isTaken && await done.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
            }
        }
    }

    public void CompleteEffect(string instanceId, EffectId effect)
    {
        var separator = effect.Value.LastIndexOf(':');
        if (!long.TryParse(effect.Value.AsSpan(separator + 1), out var sequence)) throw new ArgumentException($"'{effect}' is not an effect id.", nameof(effect));

        var input = new InstanceInput(new EffectDone(sequence));
        if (_live.TryGetValue(instanceId, out var mailbox) && mailbox.Post(input)) return;
        _ = CompleteUnloadedAsync(instanceId, input);
    }

    public ValueTask RecoverAsync(CancellationToken cancellationToken) =>
        RecoverAsync(_journal.UnfinishedAsync(cancellationToken).Select(static summary => summary.InstanceId), cancellationToken);

    /// <summary>As <see cref="RecoverAsync(CancellationToken)"/>, for instances that this process has inherited; those it runs already are passed over.</summary>
    public ValueTask RecoverAsync(IReadOnlyList<string> instanceIds, CancellationToken cancellationToken) => RecoverAsync(instanceIds.ToAsyncEnumerable(), cancellationToken);

    private async ValueTask RecoverAsync(IAsyncEnumerable<string> instanceIds, CancellationToken cancellationToken)
    {
        var recovered = 0;
        var failed = 0;
        var limits = new ParallelOptions { MaxDegreeOfParallelism = Options.RecoveryParallelism, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(instanceIds, limits, async (id, token) =>
        {
            try
            {
                if (await AdoptAsync(id, token).ConfigureAwait(false)) Interlocked.Increment(ref recovered);
            }
#pragma warning disable CA1031 // one instance that cannot be read must not keep the others from going on
            catch (Exception e) when (e is not OperationCanceledException)
#pragma warning restore CA1031
            {
                Interlocked.Increment(ref failed);
                RuntimeLog.RecoveryFailed(Logger, e, id);
            }
        }).ConfigureAwait(false);
        if (recovered + failed > 0) RuntimeLog.Recovered(Logger, recovered, failed);
    }

    /// <summary>Takes up one instance from its journal, for example one whose owner has died. False when it is unknown or here already.</summary>
    public async ValueTask<bool> AdoptAsync(string instanceId, CancellationToken cancellationToken)
    {
        if (_live.ContainsKey(instanceId)) return false;
        if (await ReadStateAsync(instanceId, cancellationToken).ConfigureAwait(false) is not { } state) return false;

        IReadOnlyList<InstanceSignal> signals = state.IsFinished || _recovery is not { } recovery
            ? []
            : recovery.Recover(instanceId, state.AccountId, state.Variables, state.PendingEffects(), [.. state.Bookmarks.Select(static mark => new SignalWait(mark.Name, mark.Key))]);
        var mailbox = new InstanceMailbox(this, state);
        if (!_live.TryAdd(instanceId, mailbox)) return false;
        mailbox.Recover(signals);
        return true;
    }

    public async ValueTask DisposeAsync()
    {
        Deferred?.Dispose();
        await _stopping.CancelAsync().ConfigureAwait(false);
        Timers.Dispose();
        _metrics.Dispose();
        _starts.Dispose();
    }

    internal void Count(Activation activation, string instanceId)
    {
        if (activation.Steps > 0) _metrics.Steps.Add(activation.Steps);
        foreach (var journalEvent in activation.Events)
        {
            if (journalEvent is not (ActivityFaulted or IncidentRecorded)) continue;
            _metrics.Incidents.Add(1);
            if (journalEvent is ActivityFaulted fault) RuntimeLog.Incident(Logger, instanceId, fault.Execution.ToString(System.Globalization.CultureInfo.InvariantCulture), fault.Message);
        }
    }

    /// <summary>Hands an effect to its handler. Returns what went wrong, for an incident.</summary>
    internal string? Dispatch(string instanceId, PendingEffect effect, EffectDelivery delivery, out bool isDone)
    {
        var type = effect.Effect.Type;
        isDone = false;
        _metrics.Effects.Add(1);
        if (type == SendEvent.EffectType)
        {
            Forward(instanceId, effect);
            isDone = true;
            return null;
        }

        if (!_handlers.TryGetValue(type, out var handler))
        {
            RuntimeLog.NoHandler(Logger, instanceId, type);
            return $"Nothing carries out effects of type {type}";
        }

        try
        {
            handler.Execute(instanceId, effect.Id, effect.Effect, delivery);
            isDone = effect.Effect.Guarantee != EffectGuarantee.Local && handler.IsDoneWhenExecuted(type);
            return null;
        }
#pragma warning disable CA1031 // a bug in a handler is an incident of the instance, logged here and nowhere else
        catch (Exception e)
#pragma warning restore CA1031
        {
            RuntimeLog.HandlerFailed(Logger, e, instanceId, effect.Id.Value, type);
            return $"The handler of {type} failed: {e.Message}";
        }
    }

    internal void Observe(JournalAppend append)
    {
        foreach (var observer in _observers)
        {
            try
            {
                observer.OnCommitted(append.Summary, append.Entries);
            }
#pragma warning disable CA1031 // those who watch must not harm those they watch
            catch (Exception e)
#pragma warning restore CA1031
            {
                RuntimeLog.ObserverFailed(Logger, e);
            }
        }
    }

    internal void Lost(InstanceMailbox mailbox, Exception reason)
    {
        foreach (var observer in _observers)
        {
            try
            {
                observer.OnLost(mailbox.InstanceId);
            }
#pragma warning disable CA1031 // whoever waits for the lost instance must hear of it all the same
            catch (Exception e)
#pragma warning restore CA1031
            {
                RuntimeLog.ObserverFailed(Logger, e);
            }
        }

        if (reason is JournalConflictException)
        {
            _metrics.Conflicts.Add(1);
            RuntimeLog.Lost(Logger, reason, mailbox.InstanceId);
        }
        else if (reason is not OperationCanceledException)
        {
            RuntimeLog.AppendFailed(Logger, reason, mailbox.InstanceId);
        }
    }

    internal void Forget(InstanceMailbox mailbox) => _live.TryRemove(new KeyValuePair<string, InstanceMailbox>(mailbox.InstanceId, mailbox));

    private void Forward(string senderId, PendingEffect effect)
    {
        var payload = effect.Effect.Payload!;
        var receiverId = payload["instance"]!.GetValue<string>();

        // A flow may name any instance; it reaches those of its own account.
        if (!_live.TryGetValue(receiverId, out var receiver) || !_live.TryGetValue(senderId, out var sender) || receiver.AccountId != sender.AccountId)
        {
            _metrics.Dropped.Add(1);
            return;
        }

        Signal(
            receiverId,
            new InstanceSignal(payload["name"]!.GetValue<string>(), payload["key"]?.GetValue<string>(), payload["payload"]?.DeepClone()));
    }

    private async ValueTask<bool> PostAsync(string instanceId, InstanceInput input, CancellationToken cancellationToken)
    {
        if (!_live.TryGetValue(instanceId, out var mailbox)) return false;
        var done = NewDone();
        return mailbox.Post(input, done) && await done.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    private async Task CompleteUnloadedAsync(string instanceId, InstanceInput input)
    {
        try
        {
            // Its owner forgot a finished instance before the handler was through.
            while (await ReadStateAsync(instanceId, _stopping.Token).ConfigureAwait(false) is { IsFinished: true } state && TryPost(state, input, null) is null)
            {
            }
        }
#pragma warning disable CA1031 // nobody waits for this; the effect stays pending and is repeated after the next start
        catch (Exception e)
#pragma warning restore CA1031
        {
            if (e is not OperationCanceledException) RuntimeLog.RecoveryFailed(Logger, e, instanceId);
        }
    }

    /// <summary>Hands an input to a finished instance, taken up from that state when it is not in memory. Null when it was just leaving: read its state again.</summary>
    private bool? TryPost(InstanceState state, InstanceInput input, TaskCompletionSource<bool>? done)
    {
        var mailbox = _live.GetOrAdd(state.InstanceId, static (_, made) => made, new InstanceMailbox(this, state));
        if (mailbox.Post(input, done)) return true;
        if (!mailbox.HasLeft) return false;
        Forget(mailbox);
        return null;
    }

    private async ValueTask<InstanceState?> ReadStateAsync(string instanceId, CancellationToken cancellationToken)
    {
        if (await _journal.FindAsync(instanceId, cancellationToken).ConfigureAwait(false) is not { } summary) return null;
        var graph = await _graphs.OfVersionAsync(summary.DefinitionVersionId, cancellationToken).ConfigureAwait(false);
        var entries = new List<JournalEntry>();
        await foreach (var entry in _journal.ReadAsync(instanceId, 1, cancellationToken).ConfigureAwait(false)) entries.Add(entry);
        var state = _core.NewState(instanceId, graph);
        WorkflowCore.Fold(state, entries);
        return state;
    }

    private TaskCompletionSource<bool> NewDone() => new(Options.Queue.Waiters);
}
