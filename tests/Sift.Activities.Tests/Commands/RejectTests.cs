using Sift.Activities.Connections;
using Sift.Activities.Tests.Fixtures;
using Sift.Media.Legs;

namespace Sift.Activities.Tests.Commands;

public sealed class RejectTests : CommandTests
{
    protected override string Good => """{"name":"Reject","reason":"busy"}""";

    protected override string Bad => """{"name":"Reject","reason":"tired"}""";

    protected override IReadOnlyList<string> BadErrors => ["$[0].reason must be one of busy, declined, not_found"];

    [Theory]
    [InlineData("busy", LegEndCause.Busy, 486)]
    [InlineData("declined", LegEndCause.Declined, 603)]
    [InlineData("not_found", LegEndCause.NotFound, 404)]
    public async Task Refuses_a_call_that_was_not_answered(string reason, LegEndCause cause, int status)
    {
        await using var bench = await CallBench.RunningAsync($$"""[{"name":"Reject","reason":"{{reason}}"}]""", answer: "on_demand");

        Assert.Equal(cause, (await bench.Legs.NextAsync<RejectLeg>()).Cause);
        bench.Tell(new LegEnded(bench.Leg, cause, status, null));

        var connection = await bench.Storage.EndedAsync(CallBench.CallId);
        Assert.Equal((ConnectionStatus.Failed, reason, status), (connection.Status, connection.Failure, connection.SipStatus));
    }

    private protected override async Task<CallBench> UntilItRunsAsync(string next)
    {
        // After the answer it is a hang-up.
        var bench = await CallBench.RunningAsync($$"""[{"name":"Reject"},{{next}}]""");
        await bench.Legs.NextAsync<HangUpLeg>();
        return bench;
    }
}
