using System.Text.Json.Nodes;
using Sift.Workflows.Definitions;
using Sift.Workflows.Journal;

namespace Sift.Web.Observability;

/// <summary>
/// Keeps what callers entered in confidence out of what people see. A call with one command marked <c>"sensitive": true</c> shows no digits
/// at all: which key belongs to which command is for the engine to know, and a mistake here could not be taken back.
/// </summary>
internal static class Confidential
{
    public const string Mask = "•••";

    private static readonly string[] Fields = ["digit", "digits"];

    /// <summary>Whether the instance ran, or its flow holds, a command marked sensitive.</summary>
    public static bool Concerns(IEnumerable<JournalEvent> journal, WorkflowDefinition? definition)
        => (definition is not null && IsMarked(definition.Json)) || journal.Any(entry => entry is ActivityStarted started && (IsMarked(started.RuntimeNode) || IsMarked(started.Inputs)));

    /// <summary>A copy with every digit masked.</summary>
    public static JsonNode? Apply(JsonNode? json)
    {
        switch (json)
        {
            case JsonObject members:
                var copy = new JsonObject();
                foreach (var (name, value) in members)
                {
                    copy[name] = Fields.Contains(name, StringComparer.OrdinalIgnoreCase) && value is JsonValue ? Mask : Apply(value);
                }

                return copy;
            case JsonArray items:
                return new JsonArray([.. items.Select(Apply)]);
            default:
                return json?.DeepClone();
        }
    }

    private static bool IsMarked(JsonNode? json) => json switch
    {
        JsonObject members => members.Any(member => (member.Key.Equals("sensitive", StringComparison.OrdinalIgnoreCase) && HoldsTrue(member.Value)) || IsMarked(member.Value)),
        JsonArray items => items.Any(IsMarked),
        _ => false,
    };

    // The value itself, or an Elsa input around it; an expression counts as true because nobody knows before it runs.
    private static bool HoldsTrue(JsonNode? value) => value switch
    {
        JsonObject members => members["expression"] is not JsonObject expression || expression["type"]?.ToString() is not ("Literal" or "Value") || HoldsTrue(expression["value"]),
        JsonValue single => single.ToString() is "true" or "True",
        _ => false,
    };
}
