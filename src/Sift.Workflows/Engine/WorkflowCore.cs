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
        return new Step(state, at, input.Attachments).Run(input.Event);
    }

    /// <summary>The timers due at that time, in the order in which they fire.</summary>
    public static IReadOnlyList<InstanceInput> DueTimers(InstanceState state, DateTimeOffset now) =>
        !state.IsFinished && state.NextDue is { } next && next <= now
            ? [.. state.Timers.Where(timer => timer.DueAt <= now).OrderBy(timer => timer.DueAt).ThenBy(timer => timer.Order)
                .Select(timer => new InstanceInput(new TimerDue(timer.Execution.Id, timer.Key)))]
            : [];

    private static bool Matters(InstanceState state, JournalEvent input) => input switch
    {
        InstanceStarted => state.Sequence == 0,
        TimerDue due => !state.IsFinished && state.Timers.Exists(timer => timer.Execution.Id == due.Execution && timer.Key == due.Key),
        EffectStarted started => state.Effects.Exists(known => known.Sequence == started.Effect && !known.Started),
        EffectDone done => state.Effects.Exists(known => known.Sequence == done.Effect),
        RetryRequested retry => state.IsFinished && state.Faulted?.Id == retry.Execution,
        IncidentRecorded => state.Sequence > 0,

        // The answer to an effect of an instance that ended meanwhile is still the end of that effect.
        SignalReceived signal when state.IsFinished =>
            signal.Key is { } key && state.SequenceOf(key) is { } effect && state.Effects.Exists(known => known.Sequence == effect),
        _ => state.Sequence > 0 && !state.IsFinished,
    };
}
