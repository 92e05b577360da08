using System.Text;
using System.Text.Json.Nodes;
using Sift.Workflows.Definitions;
using Sift.Workflows.Engine;
using Sift.Workflows.Journal;

namespace Sift.Workflows.Tests.Engine;

/// <summary>
/// Histories recorded by earlier builds still replay. A file holds the definition and the journal; one is added with every mended fault.
/// </summary>
public sealed class HistoryTests
{
    public static TheoryData<string> Files =>
        [.. Directory.EnumerateFiles(Path.Combine(AppContext.BaseDirectory, "Histories"), "*.json").Select(path => Path.GetFileName(path))];

    [Theory]
    [MemberData(nameof(Files))]
    public void Replays_with_the_same_decisions(string file)
    {
        var json = JsonNode.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Histories", file)))!;
        var graph = new WorkflowGraph(WorkflowDefinition.Parse(json["definition"]!.AsObject()));
        var entries = json["journal"]!.AsArray().Select((entry, index) => new JournalEntry(
            json["instance"]!.GetValue<string>(),
            index + 1,
            entry!["at"]!.GetValue<DateTimeOffset>(),
            entry["kind"]!.GetValue<string>(),
            Encoding.UTF8.GetBytes(entry["data"]!.GetValue<string>()))).ToList();

        Assert.Null(Replayer.Replay(new WorkflowCore(Bench.Catalog), graph, entries));
        Assert.Equal(json["ends"]!.GetValue<string>(), InstanceView.Of(new WorkflowCore(Bench.Catalog), graph, entries).Summary.SubStatus);
    }
}
