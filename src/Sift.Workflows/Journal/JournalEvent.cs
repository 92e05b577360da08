using System.Text.Json.Nodes;
using Sift.Workflows.Activities;

namespace Sift.Workflows.Journal;

/// <summary>
/// What can stand in a journal. An execution is named by the sequence of its <see cref="ActivityStarted"/>, an effect by that of its
/// <see cref="EffectRequested"/>. JSON values belong to the event and must not be changed.
/// </summary>
public abstract record JournalEvent
{
    /// <summary>The name under which it is stored.</summary>
    public abstract string Kind { get; }

    /// <summary>True for what came from outside and opens an activation; false for what the engine decided.</summary>
    public virtual bool IsInput => false;
}

/// <summary>The first event of every journal.</summary>
public sealed record InstanceStarted(
    string DefinitionId, string DefinitionVersionId, int Version, JsonObject Input, string? AccountId, string? CorrelationId, string? Name) : JournalEvent
{
    /// <summary>Where a test call is held; null for an ordinary one, which nothing holds.</summary>
    public HoldPlan? Hold { get; init; }

    public override string Kind => JournalKinds.InstanceStarted;

    public override bool IsInput => true;
}

/// <summary>A signal was handed in. Its variables were set, whether or not something waited for it.</summary>
public sealed record SignalReceived(string Name, string? Key, JsonNode? Payload, IReadOnlyDictionary<string, JsonNode?>? Variables, string? FinishReason) : JournalEvent
{
    public override string Kind => JournalKinds.SignalReceived;

    public override bool IsInput => true;
}

public sealed record TimerDue(long Execution, string Key) : JournalEvent
{
    public override string Kind => JournalKinds.TimerDue;

    public override bool IsInput => true;
}

/// <summary>What the instance was doing was replaced by one activity.</summary>
public sealed record WorkReplaced(string NodeType, JsonObject Inputs) : JournalEvent
{
    public override string Kind => JournalKinds.WorkReplaced;

    public override bool IsInput => true;
}

public sealed record CancelRequested(string Reason) : JournalEvent
{
    public override string Kind => JournalKinds.CancelRequested;

    public override bool IsInput => true;
}

/// <summary>A faulted instance goes on by running the failed activity anew.</summary>
public sealed record RetryRequested(long Execution) : JournalEvent
{
    public override string Kind => JournalKinds.RetryRequested;

    public override bool IsInput => true;
}

/// <summary>A test call goes on.</summary>
/// <param name="Step">True to let the activity that is held longest begin, and to hold whatever begins after it; false to let all of them go.</param>
public sealed record HoldReleased(bool Step) : JournalEvent
{
    public override string Kind => JournalKinds.HoldReleased;

    public override bool IsInput => true;
}

/// <summary>An at-most-once effect is about to be carried out.</summary>
public sealed record EffectStarted(long Effect) : JournalEvent
{
    public override string Kind => JournalKinds.EffectStarted;

    public override bool IsInput => true;
}

/// <summary>An effect needs no repetition any more.</summary>
public sealed record EffectDone(long Effect) : JournalEvent
{
    public override string Kind => JournalKinds.EffectDone;

    public override bool IsInput => true;
}

/// <summary>Something went wrong outside an activity, for example in an effect handler.</summary>
public sealed record IncidentRecorded(string Message, string? Source) : JournalEvent
{
    public override string Kind => JournalKinds.IncidentRecorded;

    public override bool IsInput => true;
}

/// <param name="Parent">The execution that scheduled it; null for a root.</param>
/// <param name="RuntimeNode">The activity object when it is not part of the definition.</param>
/// <param name="Inputs">Evaluated inputs that are not constant; null when there are none.</param>
public sealed record ActivityStarted(long? Parent, string? Slot, string NodeId, JsonObject? RuntimeNode, JsonObject? Inputs) : JournalEvent
{
    public override string Kind => JournalKinds.ActivityStarted;
}

public sealed record ActivityCompleted(long Execution, string Outcome, JsonObject? Outputs) : JournalEvent
{
    public override string Kind => JournalKinds.ActivityCompleted;
}

/// <param name="ExceptionType">Set when the activity threw.</param>
public sealed record ActivityFaulted(long Execution, string Message, string? ExceptionType) : JournalEvent
{
    public override string Kind => JournalKinds.ActivityFaulted;
}

public sealed record ActivityCancelled(long Execution) : JournalEvent
{
    public override string Kind => JournalKinds.ActivityCancelled;
}

/// <summary>A test call waits before the activity begins. Its inputs are evaluated already.</summary>
public sealed record ActivityHeld(long Execution) : JournalEvent
{
    public override string Kind => JournalKinds.ActivityHeld;
}

public sealed record ActivityStateSet(long Execution, JsonNode? State) : JournalEvent
{
    public override string Kind => JournalKinds.ActivityStateSet;
}

public sealed record BookmarkCreated(long Execution, string Name, string? Key) : JournalEvent
{
    public override string Kind => JournalKinds.BookmarkCreated;
}

public sealed record BookmarkRemoved(long Execution, string Name, string? Key) : JournalEvent
{
    public override string Kind => JournalKinds.BookmarkRemoved;
}

/// <summary>The signal of this activation was given to an execution.</summary>
public sealed record BookmarkResumed(long Execution, string Name, string? Key) : JournalEvent
{
    public override string Kind => JournalKinds.BookmarkResumed;
}

public sealed record TimerArmed(long Execution, string Key, DateTimeOffset DueAt) : JournalEvent
{
    public override string Kind => JournalKinds.TimerArmed;
}

public sealed record TimerStopped(long Execution, string Key) : JournalEvent
{
    public override string Kind => JournalKinds.TimerStopped;
}

public sealed record VariableSet(string Name, JsonNode? Value) : JournalEvent
{
    public override string Kind => JournalKinds.VariableSet;
}

public sealed record EffectRequested(long Execution, string Type, JsonNode? Payload, EffectGuarantee Guarantee) : JournalEvent
{
    public override string Kind => JournalKinds.EffectRequested;
}

public sealed record MessageLogged(long Execution, string Message, JsonNode? Details) : JournalEvent
{
    public override string Kind => JournalKinds.MessageLogged;
}

/// <param name="SubStatus">Finished, Cancelled or Faulted.</param>
public sealed record InstanceFinished(string SubStatus, string Reason) : JournalEvent
{
    public override string Kind => JournalKinds.InstanceFinished;
}
