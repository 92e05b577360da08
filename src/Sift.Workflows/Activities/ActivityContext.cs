using System.Text.Json.Nodes;
using Sift.Workflows.Definitions;

namespace Sift.Workflows.Activities;

/// <summary>
/// What one execution of an activity sees and may do. Each call appends to the journal of the instance; nothing else happens until
/// the step is over. Implemented by the engine; tests use the engine itself.
/// </summary>
public abstract class ActivityContext
{
    public abstract string InstanceId { get; }

    /// <summary>Whose instance it is, as it was started; nothing that runs in it can change that, unlike a variable. Null for the server's own.</summary>
    public abstract string? AccountId { get; }

    /// <summary>Names this execution within the instance.</summary>
    public abstract string ExecutionId { get; }

    /// <summary>The node of the definition (or the child made at run time) being executed.</summary>
    public abstract ActivityNode Node { get; }

    /// <summary>The time of the step, as journalled; the only clock an activity may look at.</summary>
    public abstract DateTimeOffset Now { get; }

    /// <summary>An input with its expression evaluated; null when absent and without default.</summary>
    public abstract JsonNode? Input(string name);

    /// <summary>The input as a type; the default of <typeparamref name="T"/> when absent. Faults the activity when it does not fit.</summary>
    public abstract T? Input<T>(string name);

    /// <summary>Makes something of an input without the copy that <see cref="Input"/> gives away; <paramref name="read"/> must not change it.</summary>
    public abstract T ReadInput<T>(string name, Func<JsonNode?, T> read);

    /// <summary>Private state of this execution, kept in the journal: null until set.</summary>
    public abstract JsonNode? State { get; set; }

    /// <summary>An instance-wide variable; null when unset. <c>connection</c> holds the connection object.</summary>
    public abstract JsonNode? Variable(string name);

    /// <summary>Makes something of a variable without the copy that <see cref="Variable"/> gives away; <paramref name="read"/> must not change it.</summary>
    public abstract T ReadVariable<T>(string name, Func<JsonNode?, T> read);

    public abstract void SetVariable(string name, JsonNode? value);

    /// <summary>A new id, 16 lower-case hex digits, derived from (instance, sequence): the same in every replay.</summary>
    public abstract string NewId();

    /// <summary>
    /// Asks the host to do something. Its id is derived from (instance, sequence), so a repetition after a crash is recognised. The payload is
    /// the journal's from here on and must not be changed.
    /// </summary>
    public abstract EffectId Request(Effect effect);

    /// <summary>Creates a bookmark: <see cref="IActivity.Resume"/> is called at each such signal until the execution completes or <see cref="StopWaiting"/>.</summary>
    public abstract void WaitFor(string signal, string? key = null);

    public abstract void StopWaiting(string signal, string? key = null);

    /// <summary>Arms (or re-arms) a durable timer; when due, Resume is called with name <c>timer</c> and this key.</summary>
    public abstract void StartTimer(string key, TimeSpan dueIn);

    public abstract void StopTimer(string key);

    /// <summary>Starts a child activity; the parent hears <see cref="IActivity.ChildCompleted"/>.</summary>
    public abstract void Schedule(ActivityNode child, string? slot = null);

    /// <summary>How many children of this execution run.</summary>
    public abstract int RunningChildren { get; }

    /// <summary>Cancels all running children.</summary>
    public abstract void CancelChildren();

    /// <summary>Ends this execution with an outcome port and outputs.</summary>
    public abstract void Complete(string outcome = "Done", JsonObject? outputs = null);

    /// <summary>Ends this execution as failed: an incident is recorded and the instance faults unless a parent handles it.</summary>
    public abstract void Fault(string message);

    /// <summary>Ends the whole instance after cancelling everything that runs.</summary>
    public abstract void Finish(string reason);

    /// <summary>Writes a log line into the journal, for people.</summary>
    public abstract void Log(string message, JsonNode? details = null);

    /// <summary>A row that the store writes in the same transaction as the journal entries of this step (a delivery, a connection state).</summary>
    public abstract void Attach(object row);
}

/// <summary>Identifies a requested effect: <c>instance:sequence</c>.</summary>
public readonly record struct EffectId(string Value)
{
    public override string ToString() => Value;
}

/// <summary>Something for the host to carry out.</summary>
/// <param name="Type">Selects the effect handler, for example <c>leg.play</c>.</param>
/// <param name="Guarantee">Whether it must wait for the journal.</param>
public sealed record Effect(string Type, JsonNode? Payload, EffectGuarantee Guarantee);

/// <summary>When an effect may happen relative to the commit of its journal entry.</summary>
public enum EffectGuarantee
{
    /// <summary>At once; harmless if lost or repeated (local media actions).</summary>
    Local,

    /// <summary>After the commit; repeated after a crash, so the handler must recognise the effect id (at least once).</summary>
    Committed,

    /// <summary>After the commit, and after a second commit that records its start; after a crash in between it is reported as unknown, never repeated (outbound INVITE).</summary>
    AtMostOnce,
}
