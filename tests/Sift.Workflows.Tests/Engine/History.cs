using System.Text;
using System.Text.Json.Nodes;
using Sift.Workflows.Definitions;
using Sift.Workflows.Journal;

namespace Sift.Workflows.Tests.Engine;

/// <summary>A recorded history: the definition, the journal, and how it ended.</summary>
internal sealed record History(string Instance, string Ends, WorkflowGraph Graph, IReadOnlyList<JournalEntry> Entries)
{
    /// <summary>How many entries each beginning has that a process can find.</summary>
    public IReadOnlyList<int> Boundaries => [.. Enumerable.Range(1, Entries.Count).Where(count => count == Entries.Count || JournalKinds.IsInput(Entries[count].Kind))];

    public static History Read(string file)
    {
        var json = JsonNode.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Histories", file)))!;
        var instance = json["instance"]!.GetValue<string>();
        var entries = json["journal"]!.AsArray().Select((entry, index) => new JournalEntry(
            instance,
            index + 1,
            entry!["at"]!.GetValue<DateTimeOffset>(),
            entry["kind"]!.GetValue<string>(),
            Encoding.UTF8.GetBytes(entry["data"]!.GetValue<string>()))).ToList();
        return new History(instance, json["ends"]!.GetValue<string>(), new WorkflowGraph(WorkflowDefinition.Parse(json["definition"]!.AsObject())), entries);
    }

    /// <summary>Whether the first entries say that an effect is done.</summary>
    public bool IsDoneWithin(long effect, int length) => Entries.Take(length).Select(entry => JournalEncoding.Decode(entry)).Any(known =>
        (known is EffectDone done && done.Effect == effect) || (known is SignalReceived signal && signal.Key == $"{Instance}:{effect}"));
}
