using System.Globalization;
using System.Text.Json.Nodes;
using Sift.Workflows.Engine;
using Sift.Workflows.Journal;

namespace Sift.Web.Workflows;

/// <summary>Events of a journal in words.</summary>
internal static class EventText
{
    private const int Longest = 400;

    private static readonly string EventPrefix = EventSignals.NameOf("");

    /// <param name="happened">The event.</param>
    /// <param name="nameOf">The activity of an execution, by its number.</param>
    /// <param name="at">When it happened.</param>
    /// <param name="started">The execution that the event itself starts, when it does.</param>
    public static string Of(JournalEvent happened, Func<long, string> nameOf, DateTimeOffset at, long started) => happened switch
    {
        InstanceStarted { Hold: null } e => Invariant($"Started by version {e.Version}"),
        InstanceStarted e => Invariant($"Test run started by version {e.Version}"),
        SignalReceived e => Of(e),
        TimerDue e => $"Timer of {nameOf(e.Execution)} fired",
        WorkReplaced => "What ran was replaced by request",
        CancelRequested e => $"Cancelled: {e.Reason}",
        RetryRequested e => $"Retried from {nameOf(e.Execution)}",
        HoldReleased { Step: true } => "Told to go one step",
        HoldReleased => "Told to go on",
        EffectStarted => "An effect is about to be carried out",
        EffectDone => "An effect was carried out",
        IncidentRecorded e => $"Something went wrong: {e.Message}",
        ActivityStarted => $"{nameOf(started)} started",
        ActivityCompleted e => $"{nameOf(e.Execution)} completed: {e.Outcome}{(e.Outputs is { Count: > 0 } outputs ? " " + Short(outputs) : "")}",
        ActivityFaulted e => $"{nameOf(e.Execution)} failed: {e.Message}",
        ActivityCancelled e => $"{nameOf(e.Execution)} was cancelled",
        ActivityHeld e => $"Held before {nameOf(e.Execution)}",
        ActivityStateSet e => $"{nameOf(e.Execution)} noted where it stands",
        BookmarkCreated e => $"{nameOf(e.Execution)} waits for {Signal(e.Name)}",
        BookmarkRemoved e => $"{nameOf(e.Execution)} no longer waits for {Signal(e.Name)}",
        BookmarkResumed e => $"{nameOf(e.Execution)} goes on with {Signal(e.Name)}",
        TimerArmed e => Invariant($"{nameOf(e.Execution)} waits {(e.DueAt - at).TotalSeconds:0.###} s at most"),
        TimerStopped e => $"{nameOf(e.Execution)} stopped its timer",
        VariableSet e => $"{e.Name} = {Short(e.Value)}",
        EffectRequested { Type: "delivery.send" } e => $"{nameOf(e.Execution)} sends the callback {e.Payload?["kind"]}".TrimEnd(),
        EffectRequested { Type: "http.call" } e => $"{nameOf(e.Execution)} calls {e.Payload?["method"]} {e.Payload?["url"]}",
        EffectRequested e => $"{nameOf(e.Execution)} asks for {e.Type}",
        MessageLogged e => $"{nameOf(e.Execution)} logged: {e.Message}",
        InstanceFinished e => $"{e.SubStatus}: {e.Reason}",
        _ => happened.Kind,
    };

    /// <summary>What two decisions that read the same may still differ in.</summary>
    public static string? DetailOf(JournalEvent happened) => happened switch
    {
        EffectRequested e => Short(e.Payload),
        ActivityStarted { Inputs: { } inputs } => Short(inputs),
        ActivityStateSet e => Short(e.State),
        BookmarkCreated { Key: { } key } => key,
        _ => null,
    };

    private static string Of(SignalReceived signal) => signal.Name switch
    {
        "leg.answered" => "The phone was answered",
        "leg.digit" => $"Key {signal.Payload?["digit"]}",
        "leg.playback" => $"The playback ended: {signal.Payload?["end"]}",
        "leg.hold" => signal.Payload?["held"]?.ToString() == "true" ? "The call was put on hold" : "The call was taken back from hold",
        "leg.media" => signal.Payload?["lost"]?.ToString() == "true" ? "No media arrives" : "Media arrives again",
        "leg.ended" => $"The call ended: {signal.FinishReason ?? signal.Payload?["cause"]?.ToString()}",
        "callee" => $"The called end: {signal.Payload?["event"]}",
        "delivery" => signal.Payload?["problem"] is { } problem ? $"The callback failed: {problem}" : "The callback was answered",
        "http.answer" => $"The web service answered {signal.Payload?["status"]}",
        var name when name.StartsWith(EventPrefix, StringComparison.Ordinal) => $"Event {name[EventPrefix.Length..]}",
        var name => $"Signal {name}",
    };

    private static string Signal(string name) => name switch
    {
        "leg.answered" => "the answer",
        "leg.digit" => "a key",
        "leg.playback" => "the end of its playback",
        "leg.ended" => "the end of the call",
        "callee" => "the called end",
        "delivery" => "the answer to its callback",
        "http.answer" => "the answer of the web service",
        _ when name.StartsWith(EventPrefix, StringComparison.Ordinal) => $"the event {name[EventPrefix.Length..]}",
        _ => name,
    };

    private static string Short(JsonNode? json)
    {
        var text = json switch { null => "nothing", JsonValue value when value.TryGetValue(out string? plain) => $"\"{plain}\"", _ => json.ToJsonString(Plain) };
        return text.Length > Longest ? text[..Longest] + "…" : text;
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private static readonly System.Text.Json.JsonSerializerOptions Plain = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
}
