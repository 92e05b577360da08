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

    // When a timer is due is the engine's own: it holds nothing that was entered, and must stay a time.
    private const string Due = "dueAt";

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

    /// <summary>
    /// A journal as people may see it: as it is, or for a confidential call with every digit masked, and every text that holds what was
    /// entered: a variable it was put into, an announcement that reads it back.
    /// </summary>
    public static IReadOnlyList<JournalEntry> Shown(IReadOnlyList<JournalEntry> journal, WorkflowDefinition? definition, out bool isConfidential)
    {
        isConfidential = Concerns(journal.Select(entry => JournalEncoding.Decode(entry)), definition);
        if (!isConfidential)
        {
            return journal;
        }

        var parsed = journal.Select(entry => JsonNode.Parse(entry.Data.Span)).ToList();
        var entered = new HashSet<string>(StringComparer.Ordinal);
        foreach (var entry in parsed)
        {
            Collect(entry, entered);
        }

        // What is long first: 12 must not leave the rest of 1234 standing.
        string[] secrets = [.. entered.OrderByDescending(text => text.Length)];
        return [.. journal.Select((entry, i) => entry with { Data = System.Text.Encoding.UTF8.GetBytes(Strike(Apply(parsed[i]), secrets)?.ToJsonString() ?? "null") })];
    }

    // A single key is no secret by itself, and its text stands everywhere.
    private static void Collect(JsonNode? json, HashSet<string> entered)
    {
        switch (json)
        {
            case JsonObject members:
                foreach (var (name, value) in members)
                {
                    if (Fields.Contains(name, StringComparer.OrdinalIgnoreCase) && value is JsonValue single && single.TryGetValue(out string? text) && text.Length > 1)
                    {
                        entered.Add(text);
                    }
                    else
                    {
                        Collect(value, entered);
                    }
                }

                break;
            case JsonArray items:
                foreach (var item in items)
                {
                    Collect(item, entered);
                }

                break;
        }
    }

    private static JsonNode? Strike(JsonNode? json, string[] secrets) => json switch
    {
        JsonObject members => new JsonObject(members.Select(member => KeyValuePair.Create(member.Key, member is { Key: Due, Value: JsonValue due } && due.TryGetValue(out DateTimeOffset _) ? due.DeepClone() : Strike(member.Value, secrets)))),
        JsonArray items => new JsonArray([.. items.Select(item => Strike(item, secrets))]),
        JsonValue value when value.TryGetValue(out string? text) => secrets.Aggregate(text, (shown, secret) => shown.Replace(secret, Mask, StringComparison.Ordinal)),
        _ => json?.DeepClone(),
    };

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
