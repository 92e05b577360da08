using Sift.Workflows.Activities;
using Sift.Workflows.Definitions;
using Sift.Workflows.Journal;

namespace Sift.Workflows.Engine;

/// <summary>
/// The engine without its host: (state, input, now) in, (events, effects) out. No clock, no threads, no storage; the same journal and
/// definition version give the same decisions.
/// </summary>
public sealed class WorkflowCore(ActivityCatalog catalog)
{
    public ActivityCatalog Catalog { get; } = catalog;

    public InstanceState NewState(string instanceId, WorkflowGraph graph) => new(instanceId, graph, Catalog);

    /// <summary>Folds a journal, or its beginning, onto a state.</summary>
    public static void Fold(InstanceState state, IEnumerable<JournalEntry> entries)
    {
        foreach (var entry in entries)
        {
            if (entry.Sequence != state.Sequence + 1)
            {
                throw new FormatException($"Instance {state.InstanceId}: entry {entry.Sequence} follows {state.Sequence}.");
            }

            state.Apply(JournalEncoding.Decode(entry), entry.At);
        }
    }

    /// <summary>
    /// Lets the instance go on until everything in it waits. Null when the input means nothing to it in its present state (it is finished,
    /// the timer was stopped, the effect is done already): then nothing is to be journalled.
    /// </summary>
    public static Activation? Activate(InstanceState state, InstanceInput input, DateTimeOffset now)
    {
        if (!Matters(state, input.Event)) return null;

        // Whole milliseconds are what every store keeps exactly; a replay must see the same time.
        var at = new DateTimeOffset(now.UtcTicks - (now.UtcTicks % TimeSpan.TicksPerMillisecond), TimeSpan.Zero);
        if (at < state.UpdatedAt) at = state.UpdatedAt;
        return new Step(state, at, input.Attachments).Run(input.Event);
    }

    /// <summary>
    /// The next timer that is due; null when none is. Timers armed after <paramref name="lastSequence"/> are left for later, so that one
    /// that re-arms itself with no wait cannot keep the host busy for ever.
    /// </summary>
    public static InstanceInput? DueTimer(InstanceState state, DateTimeOffset now, long lastSequence)
    {
        if (state.IsFinished || state.NextDue is not { } next || next > now) return null;

        ArmedTimer? first = null;
        foreach (var timer in state.Timers)
        {
            if (timer.DueAt > now || timer.Order > lastSequence) continue;
            if (first is null || (timer.DueAt, timer.Order).CompareTo((first.DueAt, first.Order)) < 0) first = timer;
        }

        return first is null ? null : new InstanceInput(new TimerDue(first.Execution.Id, first.Key));
    }

    private static bool Matters(InstanceState state, JournalEvent input) => input switch
    {
        InstanceStarted => state.Sequence == 0,
        TimerDue due => !state.IsFinished && state.Timers.Exists(timer => timer.Execution.Id == due.Execution && timer.Key == due.Key),
        EffectStarted started => state.Effects.Exists(known => known.Sequence == started.Effect && !known.Started),
        EffectDone done => state.Effects.Exists(known => known.Sequence == done.Effect),
        HoldReleased => !state.IsFinished && state.Held.Count > 0,
        RetryRequested retry => state.IsFinished && state.Faulted?.Id == retry.Execution,
        IncidentRecorded => state.Sequence > 0,

        // The answer to an effect of an instance that ended meanwhile is still the end of that effect.
        SignalReceived signal when state.IsFinished =>
            signal.Key is { } key && state.SequenceOf(key) is { } effect && state.Effects.Exists(known => known.Sequence == effect),
        _ => state.Sequence > 0 && !state.IsFinished,
    };
}
