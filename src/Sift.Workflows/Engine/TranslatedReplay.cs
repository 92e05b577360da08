using Sift.Workflows.Definitions;
using Sift.Workflows.Journal;

namespace Sift.Workflows.Engine;

/// <summary>
/// What came from outside in one history, handed to a definition version that may number everything differently. Timers of the version
/// that the history knows nothing of fire by the history's clock; what the history never answered stays unanswered.
/// </summary>
internal sealed class TranslatedReplay
{
    private readonly IReadOnlyList<JournalEntry> _history;
    private readonly InstanceState _state;
    private readonly List<JournalEntry> _decided = [];
    private readonly Dictionary<(string Execution, string Key), DateTimeOffset> _timers = [];
    private int _fired;

    public TranslatedReplay(WorkflowCore core, WorkflowGraph graph, IReadOnlyList<JournalEntry> history)
    {
        _history = history;
        _state = core.NewState(history[0].InstanceId, graph);
        RecordedNames = new EventNames(history[0].InstanceId);
        DecidedNames = new EventNames(history[0].InstanceId);
    }

    public IReadOnlyList<JournalEntry> Decided => _decided;

    public EventNames RecordedNames { get; }

    public EventNames DecidedNames { get; }

    public void Run()
    {
        foreach (var entry in _history)
        {
            var recorded = JournalEncoding.Decode(entry);
            if (recorded.IsInput)
            {
                // Its names must be known before it is taken in: a timer that is due is gone afterwards.
                FireOwnTimers(entry.At);
                if (Translate(recorded) is { } input) Activate(input, entry.At);
            }

            RecordedNames.Take(entry, recorded);
            Follow(recorded);
        }
    }

    private JournalEvent? Translate(JournalEvent recorded) => recorded switch
    {
        SignalReceived signal => signal.Key is { } key && RecordedNames.NameOfKey(key) is { } name
            ? DecidedNames.KeyOf(name) is { } own ? signal with { Key = own } : null
            : signal,
        TimerDue due => RecordedNames.NameOfExecution(due.Execution) is { } name
            && DecidedNames.ExecutionOf(name) is { } execution
            && _timers.TryGetValue((name, due.Key), out var dueAt)
            && _state.Timers.Exists(timer => timer.Execution.Id == execution && timer.Key == due.Key && timer.DueAt == dueAt)
                ? due with { Execution = execution }
                : null,
        RetryRequested retry => RecordedNames.NameOfExecution(retry.Execution) is { } name && DecidedNames.ExecutionOf(name) is { } execution ? retry with { Execution = execution } : null,
        EffectStarted started => OwnEffect(started.Effect) is { } effect ? started with { Effect = effect } : null,
        EffectDone done => OwnEffect(done.Effect) is { } effect ? done with { Effect = effect } : null,
        _ => recorded,
    };

    private long? OwnEffect(long recorded) => RecordedNames.NameOfEffect(recorded) is { } name ? DecidedNames.EffectOf(name) : null;

    private void Activate(JournalEvent input, DateTimeOffset at)
    {
        if (WorkflowCore.Activate(_state, new InstanceInput(input), at) is not { } activation) return;
        var entries = JournalEncoding.Encode(_state.InstanceId, activation.FirstSequence, activation.At, activation.Events);
        for (var i = 0; i < entries.Length; i++)
        {
            _decided.Add(entries[i]);
            DecidedNames.Take(entries[i], activation.Events[i]);
        }
    }

    /// <summary>Remembers which timers the history has armed.</summary>
    private void Follow(JournalEvent recorded)
    {
        switch (recorded)
        {
            case TimerArmed e when RecordedNames.NameOfExecution(e.Execution) is { } name:
                _timers[(name, e.Key)] = e.DueAt;
                break;
            case TimerStopped e when RecordedNames.NameOfExecution(e.Execution) is { } name:
                _timers.Remove((name, e.Key));
                break;
            case TimerDue e when RecordedNames.NameOfExecution(e.Execution) is { } name:
                _timers.Remove((name, e.Key));
                break;
            case ActivityCompleted or ActivityFaulted or ActivityCancelled:
                Forget(recorded);
                break;
        }
    }

    private void Forget(JournalEvent ended)
    {
        var execution = ended switch { ActivityCompleted e => e.Execution, ActivityFaulted e => e.Execution, ActivityCancelled e => e.Execution, _ => 0 };
        if (_timers.Count == 0 || RecordedNames.NameOfExecution(execution) is not { } name) return;
        foreach (var timer in _timers.Keys.Where(timer => timer.Execution == name).ToArray()) _timers.Remove(timer);
    }

    /// <summary>Fires what is due by then and will not fire because the history says so.</summary>
    private void FireOwnTimers(DateTimeOffset until)
    {
        while (!_state.IsFinished && _fired < MostFirings)
        {
            var own = _state.Timers
                .Where(timer => timer.DueAt <= until && !IsRecorded(timer))
                .OrderBy(timer => timer.DueAt).ThenBy(timer => timer.Order)
                .FirstOrDefault();
            if (own is null) return;
            _fired++;
            Activate(new TimerDue(own.Execution.Id, own.Key), own.DueAt);
        }
    }

    private bool IsRecorded(ArmedTimer timer) =>
        DecidedNames.NameOfExecution(timer.Execution.Id) is { } name && _timers.TryGetValue((name, timer.Key), out var dueAt) && dueAt == timer.DueAt;

    // A version that re-arms a timer without end must not keep whoever asks waiting.
    private const int MostFirings = 100_000;
}
