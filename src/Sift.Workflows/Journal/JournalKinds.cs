namespace Sift.Workflows.Journal;

/// <summary>The stored names of events. They are a file format: names may be added, never changed.</summary>
public static class JournalKinds
{
    public const string InstanceStarted = "instance.started";
    public const string SignalReceived = "signal.received";
    public const string TimerDue = "timer.due";
    public const string WorkReplaced = "work.replaced";
    public const string CancelRequested = "cancel.requested";
    public const string RetryRequested = "retry.requested";
    public const string HoldReleased = "hold.released";
    public const string EffectStarted = "effect.started";
    public const string EffectDone = "effect.done";
    public const string IncidentRecorded = "incident.recorded";
    public const string ActivityStarted = "activity.started";
    public const string ActivityCompleted = "activity.completed";
    public const string ActivityFaulted = "activity.faulted";
    public const string ActivityCancelled = "activity.cancelled";
    public const string ActivityHeld = "activity.held";
    public const string ActivityStateSet = "activity.state";
    public const string BookmarkCreated = "bookmark.created";
    public const string BookmarkRemoved = "bookmark.removed";
    public const string BookmarkResumed = "bookmark.resumed";
    public const string TimerArmed = "timer.armed";
    public const string TimerStopped = "timer.stopped";
    public const string VariableSet = "variable.set";
    public const string EffectRequested = "effect.requested";
    public const string MessageLogged = "message.logged";
    public const string InstanceFinished = "instance.finished";

    /// <summary>Whether such an entry came from outside and opened an activation.</summary>
    public static bool IsInput(string kind) =>
        kind is InstanceStarted or SignalReceived or TimerDue or WorkReplaced or CancelRequested or RetryRequested or HoldReleased or EffectStarted or EffectDone or IncidentRecorded;
}
