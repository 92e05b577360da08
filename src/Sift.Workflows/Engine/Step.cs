using System.Text.Json;
using System.Text.Json.Nodes;
using Sift.Workflows.Activities;
using Sift.Workflows.Activities.Flow;
using Sift.Workflows.Definitions;
using Sift.Workflows.Expressions;
using Sift.Workflows.Journal;

namespace Sift.Workflows.Engine;

/// <summary>One activation in progress. Every decision is an event, applied at once.</summary>
internal sealed class Step(InstanceState state, DateTimeOffset now, IReadOnlyList<object>? attachments)
{
    // Taken before the input is applied, because applying a retry forgets it.
    private readonly Execution? _faulted = state.Faulted;
    private readonly long _first = state.Sequence + 1;
    private readonly List<JournalEvent> _events = new(8);
    private readonly Queue<Work> _work = new();
    private List<PendingEffect>? _effects;
    private List<object>? _attachments = attachments is { Count: > 0 } given ? [.. given] : null;
    private string? _finishReason;
    private int _ids;
    private int _starts;

    public InstanceState State => state;

    public DateTimeOffset Now => now;

    public Activation Run(JournalEvent input)
    {
        IReadOnlyList<Execution> released = input is HoldReleased release ? state.ReleasedBy(release) : [];
        Emit(input);
        switch (input)
        {
            case InstanceStarted:
                InitializeVariables();
                Schedule(null, state.Graph.Root, null);
                Drain();
                break;
            case SignalReceived signal when !state.IsFinished:
                Receive(signal);
                break;
            case TimerDue { Key: InstanceState.HoldTimer } due:
                End("Cancelled", $"the test call was held at {state.Find(due.Execution)?.Node.Name} for {state.Hold!.Limit.TotalSeconds:0} s, the limit");
                break;
            case TimerDue due:
                Fire(due);
                Drain();
                break;
            case HoldReleased:
                foreach (var execution in released) _work.Enqueue(new Work(execution, null, null) { IsReleased = true });
                Drain();
                break;
            case WorkReplaced replaced:
                CancelAll();
                Schedule(null, ActivityNode.Create($"replaced{state.Sequence}", state.Graph.Root.NodeId, replaced.NodeType, replaced.Inputs), null);
                Drain();
                break;
            case CancelRequested cancel:
                End("Cancelled", cancel.Reason);
                break;
            case RetryRequested:
                Retry();
                Drain();
                break;
        }

        return new Activation(_first, now, _events, (IReadOnlyList<PendingEffect>?)_effects ?? [], (IReadOnlyList<object>?)_attachments ?? []) { Steps = _starts };
    }

    public void Emit(JournalEvent journalEvent)
    {
        _events.Add(journalEvent);
        state.Apply(journalEvent, now);
    }

    public string NewId() => DerivedId.Of(state.InstanceId, _first, _ids++);

    public void Attach(object row) => (_attachments ??= []).Add(row);

    public EffectId Request(Execution execution, Effect effect)
    {
        Emit(new EffectRequested(execution.Id, effect.Type, effect.Payload, effect.Guarantee));
        var id = state.IdOf(state.Sequence);
        (_effects ??= []).Add(new PendingEffect(id, effect, false) { Execution = execution.Id, Sequence = state.Sequence });
        return id;
    }

    public void Schedule(Execution? parent, ActivityNode node, string? slot)
    {
        if (++_starts > MaxStarts)
        {
            // A loop of activities none of which waits would never give the thread back.
            _finishReason = null;
            _work.Clear();
            if (parent is { IsLive: true }) Fault(parent, $"More than {MaxStarts} activities ran without one of them waiting", null);
            return;
        }

        var inDefinition = state.Graph.Contains(node);
        JsonObject? inputs = null;
        string? problem = null;
        if (state.Plan(node) is not { } plan)
        {
            problem = $"Activity type '{node.Type}' is not known";
            node = UnknownActivity.Replace(node);
            inDefinition = false;
        }
        else if (plan.HasDynamicInputs)
        {
            (inputs, problem) = EvaluateInputs(plan);
        }
        else if (Array.Find(plan.Inputs, input => input.Expression.Error is not null) is { } bad)
        {
            problem = $"Input '{bad.Descriptor.Name}': {bad.Expression.Error}";
        }

        Emit(new ActivityStarted(parent?.Id, slot, node.NodeId, inDefinition ? null : node.Json, inputs));
        _work.Enqueue(new Work(state.Find(state.Sequence)!, null, problem));
    }

    public void Complete(Execution execution, string outcome, JsonObject? outputs)
    {
        if (!execution.IsLive) return;
        CancelChildren(execution);
        Emit(new ActivityCompleted(execution.Id, outcome, outputs));
        BindOutputs(execution, outputs);
        _work.Enqueue(new Work(execution, new ChildCompletion(execution.Name, execution.Node.NodeId, execution.Slot, outcome, outputs), null));
    }

    /// <summary>The nearest ancestor that handles it goes on; with none the instance faults and can be retried.</summary>
    public void Fault(Execution execution, string message, string? exceptionType)
    {
        if (!execution.IsLive) return;
        CancelChildren(execution);
        Emit(new ActivityFaulted(execution.Id, message, exceptionType));

        var fault = new ChildFault(execution.Name, execution.Node.NodeId, execution.Slot, message);
        var child = execution;
        for (var ancestor = execution.Parent; ancestor is not null; child = ancestor, ancestor = ancestor.Parent)
        {
            if (child != execution) fault = new ChildFault(child.Name, child.Node.NodeId, child.Slot, message);
            if (!Handles(ancestor, fault)) continue;
            Cancel(child);
            _work.Enqueue(new Work(child, null, null) { IsFaultHandled = true });
            return;
        }

        _work.Clear();
        KeepOnlyAncestors(execution);
        Emit(new InstanceFinished("Faulted", message));
    }

    public void CancelChildren(Execution execution)
    {
        while (execution.Children is { Count: > 0 } children) Cancel(children[^1]);
    }

    /// <summary>Cancels innermost first, the latest started first.</summary>
    public void Cancel(Execution execution)
    {
        if (!execution.IsLive) return;
        CancelChildren(execution);
        try
        {
            // What is held has not begun, so there is nothing to stop.
            if (!state.Held.Contains(execution)) execution.Plan.Activity.Cancel(new StepContext(this, execution));
        }
#pragma warning disable CA1031 // a bug in one activity must not keep the others from being stopped
        catch (Exception e)
#pragma warning restore CA1031
        {
            Emit(new MessageLogged(execution.Id, $"Cancelling failed: {e.Message}", null));
        }

        if (execution.IsLive) Emit(new ActivityCancelled(execution.Id));
    }

    public void Finish(Execution execution, string reason)
    {
        _finishReason ??= reason;
        if (!execution.IsLive) return;
        CancelChildren(execution);
        Emit(new ActivityCompleted(execution.Id, "Done", null));
    }

    private void InitializeVariables()
    {
        foreach (var variable in state.Graph.Variables)
        {
            if (variable.Default is not null && !state.Variables.ContainsKey(variable.Name))
            {
                Emit(new VariableSet(variable.Name, variable.Default.DeepClone()));
            }
        }
    }

    private void Receive(SignalReceived signal)
    {
        List<Bookmark>? matches = null;
        foreach (var mark in state.Bookmarks)
        {
            if (mark.Name != signal.Name || (mark.Key is not null && mark.Key != signal.Key)) continue;
            if (matches is null || !matches.Exists(other => other.Execution == mark.Execution)) (matches ??= []).Add(mark);
        }

        if (matches is not null)
        {
            var resumption = new ActivitySignal(signal.Name, signal.Key) { Journalled = signal.Payload };
            foreach (var mark in matches)
            {
                // An earlier one of them may have ended this one, or stopped it from waiting.
                if (!mark.Execution.IsLive || !state.Bookmarks.Contains(mark)) continue;
                Emit(new BookmarkResumed(mark.Execution.Id, mark.Name, mark.Key));
                Guard(mark.Execution, () => mark.Execution.Plan.Activity.Resume(new StepContext(this, mark.Execution), resumption));
                Drain();
                if (state.IsFinished) return;
            }
        }

        if (signal.FinishReason is { } reason && !state.IsFinished) End("Finished", reason);
    }

    private void Fire(TimerDue due)
    {
        if (state.Find(due.Execution) is not { } execution) return;
        var signal = new ActivitySignal("timer", due.Key);
        Guard(execution, () => execution.Plan.Activity.Resume(new StepContext(this, execution), signal));
    }

    private void Retry()
    {
        // A fault that ended the instance left the parents of the failed activity running.
        if (_faulted is { } failed) Schedule(failed.Parent, failed.Node, failed.Slot);
    }

    private void Drain()
    {
        while (!state.IsFinished)
        {
            if (_finishReason is { } reason)
            {
                End("Finished", reason);
                return;
            }

            if (!_work.TryDequeue(out var work)) break;
            if (work.IsFaultHandled) GoOnWithout(work.Execution);
            else if (work.Completion is { } completion) Completed(work.Execution, completion);
            else if (work.Problem is null && !work.IsReleased && work.Execution.IsLive && state.Holds(work.Execution)) Hold(work.Execution);
            else Begin(work.Execution, work.Problem);
        }
    }

    /// <summary>A flowchart whose last running activity failed and was handled may have nothing left to do.</summary>
    private void GoOnWithout(Execution child)
    {
        if (child.Parent is { IsLive: true } parent && parent.Plan.Activity is Flowchart) Guard(parent, () => Flowchart.GoOn(new StepContext(this, parent)));
    }

    private void Hold(Execution execution)
    {
        Emit(new ActivityHeld(execution.Id));
        Emit(new TimerArmed(execution.Id, InstanceState.HoldTimer, now + state.Hold!.Limit));
    }

    private void Begin(Execution execution, string? problem)
    {
        if (!execution.IsLive) return;
        if (problem is not null) Fault(execution, problem, null);
        else Guard(execution, () => execution.Plan.Activity.Start(new StepContext(this, execution)));
    }

    private void Completed(Execution execution, ChildCompletion completion)
    {
        if (execution.Parent is { } parent)
        {
            if (parent.IsLive) Guard(parent, () => parent.Plan.Activity.ChildCompleted(new StepContext(this, parent), completion));
        }
        else if (state.Roots.Count == 0)
        {
            Emit(new InstanceFinished("Finished", completion.Outcome));
        }
    }

    private bool Handles(Execution ancestor, ChildFault fault)
    {
        try
        {
            return ancestor.Plan.Activity.ChildFaulted(new StepContext(this, ancestor), fault);
        }
#pragma warning disable CA1031 // an activity that cannot decide does not handle the fault
        catch (Exception)
#pragma warning restore CA1031
        {
            return false;
        }
    }

    /// <summary>Runs activity code; an exception is that activity's fault.</summary>
    private void Guard(Execution execution, Action run)
    {
        try
        {
            run();
        }
        catch (InputException e)
        {
            Fault(execution, e.Message, null);
        }
#pragma warning disable CA1031 // whatever an activity throws ends that activity, not the engine
        catch (Exception e)
#pragma warning restore CA1031
        {
            Fault(execution, e.Message, e.GetType().FullName);
        }
    }

    private (JsonObject? Inputs, string? Problem) EvaluateInputs(NodePlan plan)
    {
        JsonObject? inputs = null;
        try
        {
            foreach (var (descriptor, expression) in plan.Inputs)
            {
                if (expression is { IsConstant: true, Error: null }) continue;
                (inputs ??= [])[descriptor.Name] = expression.Evaluate(state)?.DeepClone();
            }

            return (inputs, null);
        }
        catch (InputException e)
        {
            return (inputs, e.Message);
        }
    }

    private void BindOutputs(Execution execution, JsonObject? outputs)
    {
        if (outputs is null) return;
        foreach (var (name, variableId) in execution.Plan.Outputs)
        {
            if (outputs.TryGetPropertyValue(name, out var value)) Emit(new VariableSet(state.Graph.VariableName(variableId), value?.DeepClone()));
        }
    }

    private void End(string subStatus, string reason)
    {
        _work.Clear();
        CancelAll();
        if (!state.IsFinished) Emit(new InstanceFinished(subStatus, reason));
    }

    private void CancelAll()
    {
        while (state.Roots.Count > 0) Cancel(state.Roots[^1]);
        _work.Clear();
    }

    private void KeepOnlyAncestors(Execution faulted)
    {
        var kept = new HashSet<Execution>();
        for (var ancestor = faulted.Parent; ancestor is not null; ancestor = ancestor.Parent) kept.Add(ancestor);
        foreach (var ancestor in kept)
        {
            foreach (var child in ancestor.Children?.ToArray() ?? [])
            {
                if (!kept.Contains(child)) Cancel(child);
            }
        }

        foreach (var root in state.Roots.ToArray())
        {
            if (!kept.Contains(root)) Cancel(root);
        }
    }

    private readonly record struct Work(Execution Execution, ChildCompletion? Completion, string? Problem)
    {
        public bool IsFaultHandled { get; init; }

        public bool IsReleased { get; init; }
    }

    internal const int MaxStarts = 10_000;
}
