using System.Text.Json.Nodes;
using Sift.Workflows.Activities;
using Sift.Workflows.Journal;

namespace Sift.Workflows.Engine;

/// <summary>Starts instances and brings signals to them. One mailbox per instance; calls for different instances run in parallel.</summary>
public interface IWorkflowRuntime
{
    /// <summary>Starts an instance. Completes when its first journal entries, and <see cref="InstanceStart.Attachments"/>, are durable.</summary>
    ValueTask StartAsync(InstanceStart start, CancellationToken cancellationToken);

    /// <summary>As <see cref="StartAsync"/>, completing as soon as the instance takes signals; the task given back completes when its start is durable.</summary>
    ValueTask<Task> BeginAsync(InstanceStart start, CancellationToken cancellationToken);

    /// <summary>
    /// Hands a signal to an instance, in order per instance. A signal that nothing waits for is journalled and otherwise ignored;
    /// one for an instance that is finished or unknown is dropped. Returns at once.
    /// </summary>
    void Signal(string instanceId, InstanceSignal signal);

    /// <summary>As <see cref="Signal"/>, completing when what the signal caused is durable. False when it was dropped, its attachments with it.</summary>
    ValueTask<bool> SignalAsync(string instanceId, InstanceSignal signal, CancellationToken cancellationToken);

    /// <summary>
    /// Replaces what the instance is doing: cancels every running activity and starts one activity of that type as the new root child
    /// (a routine sent by REST). False when the instance is finished or unknown.
    /// </summary>
    ValueTask<bool> ReplaceAsync(string instanceId, string nodeType, JsonObject inputs, CancellationToken cancellationToken);

    /// <summary>Cancels whatever the instance does and finishes it as cancelled. False when it is finished or unknown.</summary>
    ValueTask<bool> CancelAsync(string instanceId, string reason, CancellationToken cancellationToken);

    /// <summary>Runs the failed activity of a faulted instance anew. False when the instance is unknown or not faulted.</summary>
    ValueTask<bool> RetryAsync(string instanceId, CancellationToken cancellationToken);

    /// <summary>Lets a held test call go on: to its next breakpoint, or, with <paramref name="step"/>, to the next activity. False when nothing of it is held.</summary>
    ValueTask<bool> ReleaseAsync(string instanceId, bool step, CancellationToken cancellationToken);

    /// <summary>
    /// Tells that an effect needs no repetition after a crash. A signal whose key is the effect's id says the same, and
    /// <see cref="IEffectHandler.IsDoneWhenExecuted"/> says it for a whole type. Local effects need none of this. Returns at once.
    /// </summary>
    void CompleteEffect(string instanceId, EffectId effect);

    /// <summary>Loads every unfinished instance after a start of the process and tells <see cref="IInstanceRecovery"/> about each.</summary>
    ValueTask RecoverAsync(CancellationToken cancellationToken);
}

/// <summary>What is needed to start an instance.</summary>
/// <param name="DefinitionVersionId">Null for the published version.</param>
/// <param name="Input">The first variables. The instance's own from here on: not to be changed.</param>
public sealed record InstanceStart(string InstanceId, string DefinitionId, string? DefinitionVersionId, JsonObject Input)
{
    public string? AccountId { get; init; }

    public string? CorrelationId { get; init; }

    public string? Name { get; init; }

    /// <summary>Makes it a test call that is held at breakpoints; null for an ordinary one.</summary>
    public HoldPlan? Hold { get; init; }

    /// <summary>Rows to commit together with the first entries.</summary>
    public IReadOnlyList<object> Attachments { get; init; } = [];

    /// <summary>Nothing outside is promised by the start, so it may share the transaction of what comes next.</summary>
    public bool IsPatient { get; init; }
}

/// <summary>A message to an instance.</summary>
/// <param name="Name">What bookmarks wait for, for example <c>leg.digit</c>.</param>
/// <param name="Key">Correlation within the instance, for example a playback id; null for none.</param>
public sealed record InstanceSignal(string Name, string? Key, JsonNode? Payload)
{
    /// <summary>Rows to commit together with the entries this signal causes.</summary>
    public IReadOnlyList<object> Attachments { get; init; } = [];

    /// <summary>Variables to set before the bookmarks are resumed.</summary>
    public IReadOnlyDictionary<string, JsonNode?>? Variables { get; init; }

    /// <summary>After the bookmarks were resumed, cancel whatever still runs and finish the instance with this reason. Null to go on.</summary>
    public string? FinishReason { get; init; }

    /// <summary>Whoever waits for it to be durable is in no hurry: it may share the transaction of what comes next.</summary>
    public bool IsPatient { get; init; }
}

/// <summary>Carries out effects of certain types. Found by scanning at start; one handler per effect type.</summary>
public interface IEffectHandler
{
    IReadOnlyList<string> EffectTypes { get; }

    /// <summary>
    /// Carries the effect out, or starts to; must not block. Results come back as signals. <paramref name="delivery"/> says whether this is the first
    /// time, a repetition after a crash, or an at-most-once effect whose fate is unknown.
    /// </summary>
    void Execute(string instanceId, EffectId id, Effect effect, EffectDelivery delivery);

    /// <summary>
    /// True when an effect of that type is done as soon as <see cref="Execute"/> has returned, because what follows is durable elsewhere.
    /// False when the handler says so itself, by <see cref="IWorkflowRuntime.CompleteEffect"/> or a signal whose key is the effect's id.
    /// </summary>
    bool IsDoneWhenExecuted(string effectType) => false;
}

/// <summary>Hears what became durable, in order per instance. Must not block.</summary>
public interface IInstanceObserver
{
    void OnCommitted(InstanceSummary summary, IReadOnlyList<JournalEntry> entries);

    /// <summary>The instance left this process unfinished: its journal could not be written, or another owner has it.</summary>
    void OnLost(string instanceId)
    {
    }
}

public enum EffectDelivery { First, Repeated, Unknown }

/// <summary>Decides what becomes of an instance that was live when the process ended.</summary>
public interface IInstanceRecovery
{
    /// <summary>Called once per unfinished instance, after its state has been folded and before its pending effects are repeated.</summary>
    /// <param name="accountId">Whose instance it is; null for the server's own.</param>
    /// <param name="waits">The signals it waits for.</param>
    /// <returns>Signals to hand to it first, in order; none to let it go on as it is.</returns>
    IReadOnlyList<InstanceSignal> Recover(
        string instanceId, string? accountId, IReadOnlyDictionary<string, JsonNode?> variables, IReadOnlyList<PendingEffect> pending, IReadOnlyList<SignalWait> waits);
}

/// <summary>What an activity of an instance waits for.</summary>
/// <param name="Key">Null when any key will do.</param>
public readonly record struct SignalWait(string Name, string? Key);

/// <summary>A requested effect that the journal does not know to be done. Local ones are never pending after a restart.</summary>
/// <param name="Started">True for an at-most-once effect whose start was recorded.</param>
public sealed record PendingEffect(EffectId Id, Effect Effect, bool Started)
{
    /// <summary>The execution that asked for it.</summary>
    internal long Execution { get; init; }

    /// <summary>The sequence of its request.</summary>
    internal long Sequence { get; init; }
}
