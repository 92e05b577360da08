using System.Text.Json.Nodes;
using Sift.Workflows.Definitions;
using Sift.Workflows.Journal;

namespace Sift.Workflows.Engine;

/// <summary>An instance for people: the fold of its journal up to some entry, with everything that has run.</summary>
public sealed class InstanceView
{
    private readonly Dictionary<long, ActivityRecord> _byExecution = [];
    private readonly List<long> _order = [];
    private readonly List<IncidentRecord> _incidents = [];
    private readonly InstanceState _state;

    private InstanceView(InstanceState state) => _state = state;

    /// <summary>The last entry taken in.</summary>
    public long Sequence => _state.Sequence;

    public InstanceSummary Summary => _state.Summarize();

    public JsonObject Input => _state.Input;

    public IReadOnlyDictionary<string, JsonNode?> Variables => _state.Variables;

    /// <summary>Every execution so far, oldest first.</summary>
    public IReadOnlyList<ActivityRecord> Activities => [.. _order.Select(id => _byExecution[id])];

    public IReadOnlyList<IncidentRecord> Incidents => _incidents;

    public IReadOnlyList<BookmarkRecord> Bookmarks =>
        [.. _state.Bookmarks.Select(mark => new BookmarkRecord(mark.Execution.Name, mark.Execution.Node.NodeId, mark.Name, mark.Key))];

    public IReadOnlyList<TimerRecord> Timers =>
        [.. _state.Timers.Select(timer => new TimerRecord(timer.Execution.Name, timer.Execution.Node.NodeId, timer.Key, timer.DueAt))];

    /// <summary>What a test call is held at, longest first.</summary>
    public IReadOnlyList<HeldRecord> Held =>
    [
        .. _state.Held.Select(held => new HeldRecord(
            held.Name, held.Node.NodeId, held.Node.Name, _state.Timers.First(timer => timer.Execution == held && timer.Key == InstanceState.HoldTimer).DueAt)),
    ];

    /// <exception cref="FormatException">The journal does not fit the definition version.</exception>
    public static InstanceView Of(WorkflowCore core, WorkflowGraph graph, IReadOnlyList<JournalEntry> journal, long upTo = long.MaxValue)
    {
        var view = new InstanceView(core.NewState(journal.Count > 0 ? journal[0].InstanceId : "", graph));
        foreach (var entry in journal)
        {
            if (entry.Sequence > upTo) break;
            view.Take(entry.Sequence, JournalEncoding.Decode(entry), entry.At);
        }

        return view;
    }

    /// <summary>What the badges of a viewer count, for the nodes that have run.</summary>
    public IReadOnlyList<NodeStats> Stats() =>
    [
        .. _order.Select(id => _byExecution[id]).GroupBy(record => record.NodeId, StringComparer.Ordinal).Select(group => new NodeStats(
            group.First().ActivityId,
            group.Key,
            group.Count(),
            group.Count(record => record.Status == ActivityStatus.Completed),
            group.Count(record => record.Status == ActivityStatus.Running),
            group.Any(record => record.Status == ActivityStatus.Running && IsBlocked(record.NodeId)),
            group.Last().Status == ActivityStatus.Faulted)),
    ];

    private bool IsBlocked(string nodeId) =>
        _state.Bookmarks.Exists(mark => mark.Execution.Node.NodeId == nodeId) || _state.Timers.Exists(timer => timer.Execution.Node.NodeId == nodeId);

    private void Take(long sequence, JournalEvent journalEvent, DateTimeOffset at)
    {
        _state.Apply(journalEvent, at);
        switch (journalEvent)
        {
            case ActivityStarted:
                var execution = _state.Find(sequence)!;
                var node = execution.Node;
                _order.Add(sequence);
                _byExecution[sequence] = new ActivityRecord(
                    execution.Name, execution.Parent?.Name, node.Id, node.NodeId, node.Type, node.Version, node.Name, sequence, at, InputsOf(execution));
                break;
            case ActivityCompleted e:
                Update(e.Execution, record => record with { Status = ActivityStatus.Completed, EndedAt = at, Outcome = e.Outcome, Outputs = e.Outputs });
                break;
            case ActivityCancelled e:
                Update(e.Execution, record => record with { Status = ActivityStatus.Canceled, EndedAt = at });
                break;
            case ActivityFaulted e:
                Update(e.Execution, record => record with { Status = ActivityStatus.Faulted, EndedAt = at, Fault = e.Message });
                var faulted = _byExecution[e.Execution];
                _incidents.Add(new IncidentRecord(at, e.Message, e.ExceptionType, faulted.ExecutionId, faulted.ActivityId, faulted.NodeId, faulted.Type));
                break;
            case IncidentRecorded e:
                _incidents.Add(new IncidentRecord(at, e.Message, e.Source, null, null, null, null));
                break;
        }
    }

    private void Update(long execution, Func<ActivityRecord, ActivityRecord> change) => _byExecution[execution] = change(_byExecution[execution]);

    private JsonObject InputsOf(Execution execution)
    {
        var inputs = new JsonObject();
        foreach (var (descriptor, expression) in execution.Plan.Inputs)
        {
            JsonNode? value = null;
            if (execution.Inputs?.TryGetPropertyValue(descriptor.Name, out value) is not true && expression is { IsConstant: true, Error: null })
            {
                value = expression.Evaluate(_state);
            }

            if (value is not null) inputs[descriptor.Name] = descriptor.IsSensitive ? JsonValue.Create("••••") : value.DeepClone();
        }

        return inputs;
    }
}

public enum ActivityStatus { Running, Completed, Canceled, Faulted }

/// <summary>One execution of an activity.</summary>
/// <param name="Sequence">The entry that started it.</param>
/// <param name="Inputs">Evaluated inputs by descriptor name; sensitive ones are masked.</param>
public sealed record ActivityRecord(
    string ExecutionId,
    string? ParentId,
    string ActivityId,
    string NodeId,
    string Type,
    int Version,
    string Name,
    long Sequence,
    DateTimeOffset StartedAt,
    JsonObject Inputs)
{
    public ActivityStatus Status { get; init; }

    public DateTimeOffset? EndedAt { get; init; }

    public string? Outcome { get; init; }

    public JsonObject? Outputs { get; init; }

    public string? Fault { get; init; }
}

/// <summary>How often a node ran, as a viewer's badge shows it.</summary>
public sealed record NodeStats(string ActivityId, string NodeId, int Started, int Completed, int Uncompleted, bool IsBlocked, bool IsFaulted);

/// <param name="Source">Exception type of an activity's fault, or effect type of a failed handler.</param>
public sealed record IncidentRecord(
    DateTimeOffset At, string Message, string? Source, string? ExecutionId, string? ActivityId, string? NodeId, string? ActivityType);

public sealed record BookmarkRecord(string ExecutionId, string NodeId, string Name, string? Key);

/// <param name="Until">When the test call is cancelled unless it goes on before.</param>
public sealed record HeldRecord(string ExecutionId, string NodeId, string Name, DateTimeOffset Until);

public sealed record TimerRecord(string ExecutionId, string NodeId, string Key, DateTimeOffset DueAt);
