using Sift.Activities.Connections;
using Sift.Activities.Tests.Fixtures;
using Sift.Media.Legs;

namespace Sift.Activities.Tests.Commands;

public sealed class HangUpTests : CommandTests
{
    protected override string Good => """{"name":"HangUp"}""";

    protected override string Bad => """{"name":"HangUp","now":true}""";

    protected override IReadOnlyList<string> BadErrors => ["$[0].now is not a parameter of HangUp"];

    [Fact]
    public async Task Ends_the_leg_and_the_connection_is_finished_when_it_is_gone()
    {
        await using var bench = await CallBench.RunningAsync("""[{"name":"HangUp"},{"name":"Say","text":"Never"}]""");

        await bench.Legs.NextAsync<HangUpLeg>();
        bench.Tell(new LegEnded(bench.Leg, LegEndCause.LocalHangUp, 200, null));

        var connection = await bench.Storage.EndedAsync(CallBench.CallId);
        Assert.Equal(ConnectionStatus.Finished, connection.Status);
        Assert.Null(connection.Failure);
        Assert.False(bench.Legs.HasNext);
    }

    private protected override async Task<CallBench> UntilItRunsAsync(string next)
    {
        var bench = await CallBench.RunningAsync($$"""[{"name":"HangUp"},{{next}}]""");
        await bench.Legs.NextAsync<HangUpLeg>();
        return bench;
    }
}
