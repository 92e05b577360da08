using Sift.Workflows.Activities.Flow;

namespace Sift.Workflows.Engine;

/// <summary>Names of the signals that events of people and programs travel as.</summary>
public static class EventSignals
{
    /// <summary>The signal that WaitForEvent with that event waits for.</summary>
    public static string NameOf(string eventName) => WaitForEvent.SignalOf(eventName);
}
