using Sift.Workflows.Activities;
using Sift.Workflows.Engine;
using Sift.Workflows.Journal;

namespace Sift.Workflows.Hosting;

/// <summary>
/// The one owner of an instance. Whatever concerns the instance is queued here and done by one pool thread at a time; while there is
/// nothing to do it costs no thread and no task. Appends are pipelined: the next signal is taken while the last commit is under way, and
/// what must wait for the commit waits in <see cref="EffectQueue"/>.
/// </summary>
internal sealed class InstanceMailbox(WorkflowRuntime runtime, InstanceState state) : IThreadPoolWorkItem
{
    private readonly Lock _gate = new();
    private readonly Queue<Mail> _inbox = new();
    private readonly Queue<Mail> _urgent = new();
    private readonly EffectQueue _effects = new();
    private List<Commit> _uncommitted = [];
    private int _uncommittedEntries;
    private bool _scheduled;
    private bool _committing;

    // Somebody or something outside waits for what is uncommitted.
    private bool _awaited;
    private bool _deferred;
    private bool _stopped;
    private bool _dispatching;
    private Reminder? _reminder;

    public string InstanceId => state.InstanceId;

    public string? AccountId => state.AccountId;

    /// <summary>It takes nothing any more; what it held is in the journal, or lost.</summary>
    public bool HasLeft => Volatile.Read(ref _stopped);

    /// <summary>Hands in an input. The task source, if any, tells whether it meant something, once that is durable.</summary>
    public bool Post(InstanceInput input, TaskCompletionSource<bool>? done = null)
    {
        lock (_gate)
        {
            if (_stopped || _inbox.Count >= runtime.Options.MaxQueuedSignals) return false;
            _inbox.Enqueue(new Mail(MailKind.Input, input, done, null));
            Schedule();
            return true;
        }
    }

    /// <summary>Starts the instance on this thread: when it returns, what the start decided is on its way to the journal.</summary>
    public void Begin(InstanceInput input, TaskCompletionSource<bool> done)
    {
        lock (_gate)
        {
            _inbox.Enqueue(new Mail(MailKind.Input, input, done, null));
            if (_scheduled) return;
            _scheduled = true;
        }

        Execute();
    }

    /// <summary>A timer of this instance may be due.</summary>
    public void Ring() => PostUrgent(new Mail(MailKind.Ring, default, null, null));

    /// <summary>Takes the instance up after a restart.</summary>
    public void Recover(IReadOnlyList<InstanceSignal> first) => PostUrgent(new Mail(MailKind.Recover, default, null, first));

    /// <summary>Commits what was deferred.</summary>
    public void Flush()
    {
        lock (_gate)
        {
            _deferred = false;
            if (_uncommitted.Count == 0) return;
            _awaited = true;
        }

        StartCommit();
    }

    public void Execute()
    {
        Mail mail = default;
        try
        {
            for (var turns = 0; turns < TurnsPerTurn; turns++)
            {
                if (!TryTake(out mail))
                {
                    Settle();
                    return;
                }

                Handle(mail);
            }
        }
#pragma warning disable CA1031 // the loop that owns the work: a bug in the engine costs this instance only
        catch (Exception e)
#pragma warning restore CA1031
        {
            RuntimeLog.EngineFailed(runtime.Logger, e, InstanceId);
            Stop(e);
            mail.Done?.TrySetException(e);
            return;
        }

        // Others want the thread too.
        runtime.Options.Queue.Enqueue(this);
    }

    private void Handle(in Mail mail)
    {
        switch (mail.Kind)
        {
            case MailKind.Input:
                Activate(mail.Input, mail.Done);
                break;
            case MailKind.Ring:
                _reminder = null;
                FireTimers();
                break;
            case MailKind.Committed:
                Committed((List<Commit>)mail.State!);
                break;
            case MailKind.Recover:
                RecoverEffects((IReadOnlyList<InstanceSignal>)mail.State!);
                break;
        }
    }

    private bool Activate(InstanceInput input, TaskCompletionSource<bool>? done)
    {
        var activation = WorkflowCore.Activate(state, input, runtime.Time.GetUtcNow());
        if (activation is null)
        {
            done?.TrySetResult(false);
            return false;
        }

        runtime.Count(activation, InstanceId);
        Keep(activation, done, (done is not null && !input.IsPatient) || Commit.IsAwaited(activation));
        foreach (var effect in activation.Effects) _effects.Add(effect);
        DispatchReady();
        StartCommit();
        return true;
    }

    private void DispatchReady()
    {
        // Dispatching may make more ready, thousands one after another: they are taken by one loop, not each within the one before.
        if (_dispatching) return;
        _dispatching = true;
        while (_effects.TryTakeReady(out var effect, out var delivery)) Dispatch(effect, delivery);
        _dispatching = false;
    }

    private void Dispatch(PendingEffect effect, EffectDelivery delivery)
    {
        var problem = runtime.Dispatch(InstanceId, effect, delivery, out var isDone);
        if (problem is not null) Activate(new InstanceInput(new IncidentRecorded(problem, effect.Effect.Type)), null);
        else if (isDone) Activate(new InstanceInput(new EffectDone(effect.Sequence)), null);
    }

    private void FireTimers()
    {
        var now = runtime.Time.GetUtcNow();
        var lastSequence = state.Sequence;
        while (WorkflowCore.DueTimer(state, now, lastSequence) is { } due) Activate(due, null);
    }

    private void RecoverEffects(IReadOnlyList<InstanceSignal> first)
    {
        var pending = state.PendingEffects();
        foreach (var signal in first) Activate(InstanceInput.Of(signal), null);
        foreach (var effect in pending)
        {
            // The first signals may have answered it, or withdrawn what had not begun.
            if (!state.Effects.Exists(known => known.Sequence == effect.Sequence)) continue;
            if (effect.Effect.Guarantee == EffectGuarantee.Committed) Dispatch(effect, EffectDelivery.Repeated);
            else if (effect.Started) Dispatch(effect, EffectDelivery.Unknown);
            else BeginAtMostOnce(effect);
        }

        FireTimers();
    }

    private void Committed(List<Commit> commits)
    {
        foreach (var commit in commits)
        {
            foreach (var effect in commit.Effects)
            {
                if (effect.Effect.Guarantee == EffectGuarantee.Committed) _effects.Release(effect.Sequence);
                else if (effect.Effect.Guarantee == EffectGuarantee.AtMostOnce) BeginAtMostOnce(effect);
            }

            // The second commit of an at-most-once effect: from here on it is never repeated.
            if (commit.Begins is { } begun) _effects.Release(begun);
        }

        DispatchReady();
    }

    private void BeginAtMostOnce(PendingEffect effect)
    {
        _effects.Hold(effect);
        var input = new InstanceInput(new EffectStarted(effect.Sequence));
        if (WorkflowCore.Activate(state, input, runtime.Time.GetUtcNow()) is not { } activation)
        {
            _effects.Withdraw(effect.Sequence);
            return;
        }

        Keep(activation, null, isAwaited: true, effect.Sequence);
        StartCommit();
    }

    private void Keep(Activation activation, TaskCompletionSource<bool>? done, bool isAwaited, long? begins = null)
    {
        var entries = JournalEncoding.Encode(InstanceId, activation.FirstSequence, activation.At, activation.Events);
        lock (_gate)
        {
            _uncommitted.Add(new Commit(entries, state.Summarize(), activation.Attachments, activation.Effects, activation.FirstSequence, done) { Begins = begins });
            _uncommittedEntries += entries.Length;
            _awaited |= isAwaited || _uncommittedEntries >= runtime.Options.MaxUncommittedEntries / 2;
        }
    }

    private void StartCommit()
    {
        lock (_gate)
        {
            if (_committing || _stopped || Defer()) return;
            _committing = true;
        }

        // Runs on this thread up to the first real wait of the store.
        _ = CommitAsync();
    }

    private async Task CommitAsync()
    {
        var finished = false;
        while (true)
        {
            List<Commit> batch;
            lock (_gate)
            {
                if (_uncommitted.Count == 0 || _stopped || Defer())
                {
                    // A finished instance leaves when it finds nothing under way any more.
                    _committing = false;
                    if (finished && !_stopped) Schedule();
                    return;
                }

                batch = _uncommitted;
                _uncommitted = [];
                _awaited = false;
            }

            var append = Commit.Merge(InstanceId, batch);
            try
            {
                await runtime.Writer.AppendAsync(append).ConfigureAwait(false);
            }
#pragma warning disable CA1031 // whatever the store throws, nothing more may happen to this copy; the callers hear of it
            catch (Exception e)
#pragma warning restore CA1031
            {
                runtime.Lost(this, e);
                Stop(e);
                foreach (var commit in batch) commit.Done?.TrySetException(e);
                return;
            }

            runtime.Observe(append);
            lock (_gate)
            {
                _uncommittedEntries -= append.Entries.Count;
                finished = append.Summary.FinishedAt is not null;
                if (!_stopped && batch.Exists(static commit => commit.HoldsEffects)) _urgent.Enqueue(new Mail(MailKind.Committed, default, null, batch));
                if (!_stopped && _urgent.Count + _inbox.Count > 0) Schedule();
            }

            foreach (var commit in batch) commit.Done?.TrySetResult(true);
        }
    }

    /// <summary>What nobody waits for may wait for company: most steps of a call then share a transaction with the step after them.</summary>
    private bool Defer()
    {
        if (_awaited || runtime.Deferred is not { } deferred) return false;
        if (!_deferred)
        {
            _deferred = true;
            deferred.Add(this);
        }

        return true;
    }

    /// <summary>Everything was handled: arm the timer, or leave when there is nothing left to live for.</summary>
    private void Settle()
    {
        if (HasLeft) return;
        if (state.IsFinished)
        {
            var lingers = state.HasEffectsToCarryOut && runtime.Time.GetUtcNow() - state.FinishedAt < runtime.Options.FinishedLinger;
            lock (_gate)
            {
                if (_stopped || _uncommitted.Count > 0 || _committing || _inbox.Count > 0 || _urgent.Count > 0) return;

                // Whoever found it just now in memory is told that it is gone, rather than waking what nobody can find any more.
                _stopped = !lingers;
            }

            if (lingers) Remind(state.FinishedAt!.Value + runtime.Options.FinishedLinger);
            else Leave();
            return;
        }

        if (state.NextDue is { } due) Remind(due);
    }

    private void Remind(DateTimeOffset at) => runtime.Timers.Remind(this, ref _reminder, at);

    private void Leave()
    {
        runtime.Timers.Cancel(ref _reminder);
        runtime.Forget(this);
    }

    private bool TryTake(out Mail mail)
    {
        lock (_gate)
        {
            if (!_stopped)
            {
                if (_urgent.TryDequeue(out mail)) return true;
                if (_uncommittedEntries < runtime.Options.MaxUncommittedEntries && _inbox.TryDequeue(out mail)) return true;
            }

            _scheduled = false;
            mail = default;
            return false;
        }
    }

    private void PostUrgent(in Mail mail)
    {
        lock (_gate)
        {
            if (_stopped) return;
            _urgent.Enqueue(mail);
            Schedule();
        }
    }

    private void Schedule()
    {
        if (_scheduled) return;
        _scheduled = true;
        runtime.Options.Queue.Enqueue(this);
    }

    private void Stop(Exception reason)
    {
        List<TaskCompletionSource<bool>> waiting = [];
        lock (_gate)
        {
            if (_stopped) return;
            _stopped = true;
            foreach (var mail in _inbox)
            {
                if (mail.Done is { } done) waiting.Add(done);
            }

            foreach (var commit in _uncommitted)
            {
                if (commit.Done is { } done) waiting.Add(done);
            }

            _inbox.Clear();
            _urgent.Clear();
            _uncommitted.Clear();
        }

        Leave();
        foreach (var done in waiting) done.TrySetException(reason);
    }

    private const int TurnsPerTurn = 64;
}
