using Sift.Workflows.Engine;

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
        var history = History.Read(file);

        Assert.Null(Replayer.Replay(new WorkflowCore(Bench.Catalog), history.Graph, history.Entries));
        Assert.Equal(history.Ends, InstanceView.Of(new WorkflowCore(Bench.Catalog), history.Graph, history.Entries).Summary.SubStatus);
    }
}
