using System.Text.Json.Nodes;
using Sift.Workflows.Activities;
using Sift.Workflows.Definitions;
using Sift.Workflows.Expressions;
using Sift.Workflows.Journal;

namespace Sift.Workflows.Engine;

/// <summary>
/// Where an instance stands: the fold of its journal. Changed only by <see cref="Apply"/>, both while the engine decides and when a
/// journal is read back, so the two cannot differ.
/// </summary>
public sealed class InstanceState : IValueScope
{
    private readonly ActivityCatalog _catalog;
    private readonly Dictionary<string, JsonNode?> _variables = new(StringComparer.Ordinal);
    private readonly Dictionary<string, JsonObject> _outputs = new(StringComparer.Ordinal);
    private readonly Dictionary<long, Execution> _executions = [];

    public InstanceState(string instanceId, WorkflowGraph graph, ActivityCatalog catalog)
    {
        InstanceId = instanceId;
        Graph = graph;
        _catalog = catalog;
    }

    public string InstanceId { get; }

    public WorkflowGraph Graph { get; }

    /// <summary>The sequence of the last event.</summary>
    public long Sequence { get; private set; }

    public IReadOnlyDictionary<string, JsonNode?> Variables => _variables;

    public JsonObject Input { get; private set; } = [];

    public string? AccountId { get; private set; }

    public string? CorrelationId { get; private set; }

    public string? Name { get; private set; }

    public DateTimeOffset CreatedAt { get; private set; }

    public DateTimeOffset UpdatedAt { get; private set; }

    public DateTimeOffset? FinishedAt { get; private set; }

    public bool IsFinished => FinishedAt is not null;

    /// <summary>Finished, Cancelled or Faulted; null while it runs.</summary>
    public string? FinishedAs { get; private set; }

    public int IncidentCount { get; private set; }

    /// <summary>Where a test call is held; null for an ordinary one.</summary>
    public HoldPlan? Hold { get; private set; }

    /// <summary>The execution whose fault ended the instance, for a retry.</summary>
    public string? FaultedExecution => Faulted?.Name;

    /// <summary>When its next timer is due; null without timers. The host needs no other clock.</summary>
    public DateTimeOffset? NextDue { get; private set; }

    internal JsonObject? Last { get; private set; }

    internal Execution? Faulted { get; private set; }

    internal List<Execution> Roots { get; } = [];

    internal List<Bookmark> Bookmarks { get; } = [];

    internal List<ArmedTimer> Timers { get; } = [];

    /// <summary>What a test call is held at before it begins, in the order it came there.</summary>
    internal List<Execution> Held { get; } = [];

    /// <summary>Committed and at-most-once effects not known to be done, in order.</summary>
    internal List<KnownEffect> Effects { get; } = [];

    JsonObject? IValueScope.Last => Last;

    public InstanceSummary Summarize() => new(
        InstanceId,
        Graph.Definition.DefinitionId,
        Graph.Definition.Id,
        Graph.Definition.Version,
        CorrelationId,
        Name,
        IsFinished ? "Finished" : "Running",
        FinishedAs ?? (Bookmarks.Count > 0 || Timers.Count > 0 ? "Suspended" : "Executing"),
        IncidentCount,
        Sequence,
        CreatedAt,
        UpdatedAt,
        FinishedAt)
    {
        AccountId = AccountId,
        HasPendingEffects = HasEffectsToCarryOut,
    };

    /// <summary>Effects that a recovering host would have to carry out or report.</summary>
    public IReadOnlyList<PendingEffect> PendingEffects() =>
        [.. Effects.Select(known => new PendingEffect(IdOf(known.Sequence), known.Effect, known.Started) { Execution = known.Execution, Sequence = known.Sequence })];

    public bool TryVariable(string name, out JsonNode? value) => _variables.TryGetValue(name, out value);

    public JsonObject? OutputsOf(string activity) => _outputs.GetValueOrDefault(activity);

    internal bool HasEffectsToCarryOut => Effects.Exists(known => known.Effect.Guarantee == EffectGuarantee.Committed || !known.Started);

    internal EffectId IdOf(long effect) => new(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{InstanceId}:{effect}"));

    /// <summary>The sequence in an effect id of this instance; null for ids of others.</summary>
    internal long? SequenceOf(string effectId) =>
        effectId.Length > InstanceId.Length + 1
        && effectId[InstanceId.Length] == ':'
        && effectId.StartsWith(InstanceId, StringComparison.Ordinal)
        && long.TryParse(effectId.AsSpan(InstanceId.Length + 1), out var sequence)
            ? sequence
            : null;

    /// <summary>Whether a test call stops before that execution begins. Never true of an ordinary call.</summary>
    internal bool Holds(Execution execution) =>
        Hold is { } hold && (hold.Breakpoints.Contains(execution.Node.NodeId) || (hold.IsStepping && !execution.Plan.Activity.Descriptor.IsContainer));

    /// <summary>What goes on when a test call is told to.</summary>
    internal IReadOnlyList<Execution> ReleasedBy(HoldReleased released) => released.Step ? [.. Held.Take(1)] : [.. Held];

    internal NodePlan? Plan(ActivityNode node) => _catalog.PlanOf(node);

    internal Execution? Find(long execution) => _executions.GetValueOrDefault(execution);

    /// <summary>Takes in the next event.</summary>
    /// <exception cref="FormatException">The event does not fit the events before it or the definition.</exception>
    public void Apply(JournalEvent journalEvent, DateTimeOffset at)
    {
        Sequence++;
        UpdatedAt = at;
        switch (journalEvent)
        {
            case InstanceStarted e:
                Input = e.Input;
                AccountId = e.AccountId;
                CorrelationId = e.CorrelationId;
                Name = e.Name;
                Hold = e.Hold;
                CreatedAt = at;

                // What an instance is started with can be looked at like any other variable, and changed by signals.
                foreach (var (name, value) in e.Input) _variables[name] = value;
                break;
            case SignalReceived e:
                if (e.Key is { } key && Effects.Count > 0 && SequenceOf(key) is { } acknowledged) ForgetEffect(acknowledged);
                if (e.Variables is { } variables)
                {
                    foreach (var (name, value) in variables) _variables[name] = value;
                }

                break;
            case ActivityStarted e:
                Start(e);
                break;
            case ActivityCompleted e:
                Complete(Required(e.Execution), e.Outputs);
                break;
            case ActivityCancelled e:
                Remove(Required(e.Execution));

                // What was to happen once at most and has not begun is withdrawn: a call nobody wants any more is not placed.
                Effects.RemoveAll(known => known.Execution == e.Execution && known.Effect.Guarantee == EffectGuarantee.AtMostOnce && !known.Started);
                break;
            case ActivityFaulted e:
                IncidentCount++;
                Faulted = Required(e.Execution);
                Remove(Faulted);
                break;
            case ActivityHeld e:
                Held.Add(Required(e.Execution));
                break;
            case HoldReleased e:
                Hold = Hold! with { IsStepping = e.Step };
                foreach (var released in ReleasedBy(e))
                {
                    Held.Remove(released);
                    RemoveTimer(released.Id, HoldTimer);
                }

                FindNextDue();
                break;
            case ActivityStateSet e:
                Required(e.Execution).State = e.State;
                break;
            case BookmarkCreated e:
                Bookmarks.Add(new Bookmark(Required(e.Execution), e.Name, e.Key));
                break;
            case BookmarkRemoved e:
                Bookmarks.RemoveAll(mark => mark.Execution.Id == e.Execution && mark.Name == e.Name && mark.Key == e.Key);
                break;
            case TimerArmed e:
                RemoveTimer(e.Execution, e.Key);
                Timers.Add(new ArmedTimer(Required(e.Execution), e.Key, e.DueAt, Sequence));
                FindNextDue();
                break;
            case TimerStopped e:
                RemoveTimer(e.Execution, e.Key);
                FindNextDue();
                break;
            case TimerDue e:
                RemoveTimer(e.Execution, e.Key);
                FindNextDue();
                break;
            case VariableSet e:
                _variables[e.Name] = e.Value;
                break;
            case EffectRequested e:
                if (e.Guarantee != EffectGuarantee.Local) Effects.Add(new KnownEffect(Sequence, e.Execution, new Effect(e.Type, e.Payload, e.Guarantee), false));
                break;
            case EffectStarted e:
                var index = Effects.FindIndex(known => known.Sequence == e.Effect);
                if (index >= 0) Effects[index] = Effects[index] with { Started = true };
                break;
            case EffectDone e:
                ForgetEffect(e.Effect);
                break;
            case IncidentRecorded:
                IncidentCount++;
                break;
            case RetryRequested:
                FinishedAt = null;
                FinishedAs = null;
                Faulted = null;
                break;
            case InstanceFinished e:
                FinishedAt = at;
                FinishedAs = e.SubStatus;
                break;
        }
    }

    private void Start(ActivityStarted e)
    {
        var node = e.RuntimeNode is null ? Graph.Find(e.NodeId) : WorkflowGraph.RuntimeNode(e.RuntimeNode, e.NodeId);
        if (node is null) throw new FormatException($"Definition version {Graph.Definition.Id} has no activity {e.NodeId}.");
        var plan = _catalog.PlanOf(node) ?? throw new FormatException($"Activity type {node.Type} is not known.");
        var parent = e.Parent is { } id ? Required(id) : null;
        var execution = new Execution(Sequence, parent, e.Slot, node, plan, e.Inputs);
        _executions.Add(Sequence, execution);
        if (parent is null) Roots.Add(execution);
        else (parent.Children ??= []).Add(execution);
    }

    private void Complete(Execution execution, JsonObject? outputs)
    {
        if (outputs is not null)
        {
            Last = outputs;
            if (Graph.Contains(execution.Node))
            {
                _outputs[execution.Node.Name] = outputs;
                _outputs[execution.Node.Id] = outputs;
            }
        }

        Remove(execution);
    }

    private void Remove(Execution execution)
    {
        execution.IsLive = false;
        _executions.Remove(execution.Id);
        Held.Remove(execution);
        if (execution.Parent is null) Roots.Remove(execution);
        else execution.Parent.Children?.Remove(execution);

        if (Bookmarks.Count > 0) Bookmarks.RemoveAll(mark => mark.Execution == execution);
        if (Timers.Count > 0 && Timers.RemoveAll(timer => timer.Execution == execution) > 0) FindNextDue();
    }

    private void RemoveTimer(long execution, string key) => Timers.RemoveAll(timer => timer.Execution.Id == execution && timer.Key == key);

    private void ForgetEffect(long sequence) => Effects.RemoveAll(known => known.Sequence == sequence);

    private void FindNextDue()
    {
        DateTimeOffset? next = null;
        foreach (var timer in Timers)
        {
            if (next is null || timer.DueAt < next) next = timer.DueAt;
        }

        NextDue = next;
    }

    private Execution Required(long execution) =>
        _executions.GetValueOrDefault(execution) ?? throw new FormatException($"Execution {execution} of instance {InstanceId} is not running.");

    /// <summary>The timer after which a test call is held no longer.</summary>
    internal const string HoldTimer = "sift.hold";
}
