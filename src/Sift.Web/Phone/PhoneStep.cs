using System.Text.Json.Nodes;
using Sift.Workflows.Journal;

namespace Sift.Web.Phone;

/// <summary>One line of what the page shows of a call.</summary>
/// <param name="Kind"><c>command</c>, <c>event</c>, <c>callback</c>, <c>problem</c> or <c>end</c>.</param>
internal sealed record PhoneStep(long Sequence, DateTimeOffset At, string Kind, string Text);

/// <summary>Tells a journal as a story: what a person on the phone would call a step. Entries are given in order, from the first.</summary>
internal sealed class StepNames
{
    private static readonly string[] Telling = ["text", "phoneNumber", "phone_number", "clientName", "client_name", "soundUrl", "sound_url", "seconds"];

    private readonly Dictionary<long, string> _commands = [];

    /// <summary>Null for entries that are the engine's own affair.</summary>
    public PhoneStep? Describe(in JournalEntry entry)
    {
        var (kind, text) = JournalEncoding.Decode(entry) switch
        {
            InstanceStarted started => ("event", $"Call from {Field(started.Input["connection"], "from")} to {Field(started.Input["connection"], "to")}"),
            ActivityStarted activity => Started(entry.Sequence, activity),
            ActivityCompleted completed when _commands.TryGetValue(completed.Execution, out var name) && completed.Outcome is not ("Done" or "") => ("event", $"{name}: {completed.Outcome}"),
            ActivityFaulted fault => ("problem", fault.Message),
            IncidentRecorded incident => ("problem", incident.Message),
            MessageLogged message => (Field(message.Details, "level") == "error" ? "problem" : "event", Told(message)),
            SignalReceived signal => Heard(signal),
            WorkReplaced => ("callback", "A new routine takes over"),
            InstanceFinished finished => ("end", $"Ended: {finished.Reason}"),
            _ => ("", null),
        };
        return string.IsNullOrEmpty(text) ? null : new PhoneStep(entry.Sequence, entry.At, kind, text);
    }

    private (string Kind, string? Text) Started(long sequence, ActivityStarted activity)
    {
        if (activity.NodeId.EndsWith("fetch", StringComparison.Ordinal))
        {
            return ("callback", "The application is asked what to do");
        }

        if (activity.RuntimeNode is not { } node || Field(node, "type") is not { } type)
        {
            return ("", null);
        }

        var name = type.StartsWith("Sift.", StringComparison.Ordinal) ? type[5..] : type;
        _commands[sequence] = name;
        foreach (var key in Telling)
        {
            if ((node[key] as JsonObject)?["expression"]?["value"] is JsonValue value)
            {
                return ("command", $"{name}: {value}");
            }
        }

        return ("command", name);
    }

    private static (string Kind, string? Text) Heard(SignalReceived signal) => signal.Name switch
    {
        "leg.answered" => ("event", "Answered"),
        "leg.digit" => ("event", $"Key {Field(signal.Payload, "digit")}"),
        "leg.hold" => ("event", Field(signal.Payload, "held") == "true" ? "On hold" : "Taken back"),
        "leg.media" => ("problem", Field(signal.Payload, "lost") == "true" ? "No sound arrives" : "Sound is back"),
        "leg.ended" => ("event", Because("Hung up", Field(signal.Payload, "detail"))),
        "callee" => ("event", Because($"Other side {Field(signal.Payload, "event")}", Field(signal.Payload, "failure") ?? Field(signal.Payload, "detail"))),
        "delivery" => ("callback", "The application replied"),
        _ => ("", null),
    };

    private static string Told(MessageLogged message)
        => message.Details?["errors"] is JsonArray errors ? $"{message.Message} {string.Join(" ", errors)}" : message.Message;

    private static string Because(string what, string? why) => string.IsNullOrEmpty(why) ? what : $"{what}: {why}";

    private static string? Field(JsonNode? node, string name) => (node as JsonObject)?[name] is JsonValue value ? value.ToString() : null;
}
