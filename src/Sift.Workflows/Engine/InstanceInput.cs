using System.Text.Json.Nodes;
using Sift.Workflows.Journal;

namespace Sift.Workflows.Engine;

/// <summary>Something from outside that makes an instance go on: the event it is journalled as, and rows to commit with it.</summary>
/// <param name="Event">An event whose <see cref="JournalEvent.IsInput"/> is true.</param>
/// <param name="IsPatient">Whoever waits for the commit is in no hurry.</param>
public readonly record struct InstanceInput(JournalEvent Event, IReadOnlyList<object>? Attachments = null, bool IsPatient = false)
{
    /// <summary>Copies what the caller may still change.</summary>
    public static InstanceInput Of(InstanceSignal signal) => new(
        new SignalReceived(signal.Name, signal.Key, signal.Payload?.DeepClone(), Copy(signal.Variables), signal.FinishReason),
        signal.Attachments,
        signal.IsPatient);

    private static Dictionary<string, JsonNode?>? Copy(IReadOnlyDictionary<string, JsonNode?>? variables) =>
        variables is null or { Count: 0 } ? null : variables.ToDictionary(pair => pair.Key, pair => pair.Value?.DeepClone(), StringComparer.Ordinal);
}

/// <summary>What one activation decided.</summary>
/// <param name="FirstSequence">The sequence of the first event.</param>
/// <param name="Events">The input, then the decisions; already applied to the state.</param>
/// <param name="Effects">For the host, in order.</param>
/// <param name="Attachments">Rows to commit with the events.</param>
public sealed record Activation(
    long FirstSequence, DateTimeOffset At, IReadOnlyList<JournalEvent> Events, IReadOnlyList<PendingEffect> Effects, IReadOnlyList<object> Attachments)
{
    /// <summary>How many activities were started.</summary>
    public int Steps { get; init; }
}
