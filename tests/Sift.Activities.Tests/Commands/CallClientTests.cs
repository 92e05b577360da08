using Sift.Activities.Tests.Fixtures;
using Sift.Media.Legs;

namespace Sift.Activities.Tests.Commands;

public sealed class CallClientTests : CommandTests
{
    protected override string Good => """
        {"name":"CallClient","client_name":"reception desk","caller_id":"Front door","timeout_seconds":20,"event_callback":"https://app.example.com/events",
         "live_talk_times":true,"live_transcripts":true,"live_topics":true,"do_record":true,"processors":[],"on_done":"https://app.example.com/done"}
        """;

    protected override string Bad => """{"name":"CallClient","client_name":" reception"}""";

    protected override IReadOnlyList<string> BadErrors => ["$[0].client_name must be the name of a client"];

    [Fact]
    public async Task Dials_the_client_by_name()
    {
        await using var bench = await CallBench.RunningAsync("""[{"name":"CallClient","client_name":"alice"}]""");

        Assert.Equal("webrtc:alice", (await bench.Legs.NextAsync<DialLeg>()).Destination);
    }

    private protected override async Task<CallBench> UntilItRunsAsync(string next)
    {
        var bench = await CallBench.RunningAsync($$"""[{"name":"CallClient","client_name":"alice"},{{next}}]""");
        await bench.Legs.NextAsync<DialLeg>();
        return bench;
    }
}
