using Sift.Activities.Tests.Fixtures;
using Sift.Media.Legs;

namespace Sift.Activities.Tests.Commands;

public sealed class PauseTests : CommandTests
{
    protected override string Good => """{"name":"Pause","seconds":2.5,"on_done":"https://app.example.com/done"}""";

    protected override string Bad => """{"name":"Pause","seconds":0,"length":3}""";

    protected override IReadOnlyList<string> BadErrors => ["$[0].seconds must be from 0.1 to 3600", "$[0].length is not a parameter of Pause"];

    [Fact]
    public async Task Takes_the_next_command_when_the_time_is_over_and_not_before()
    {
        await using var bench = await CallBench.RunningAsync("""[{"name":"Pause","seconds":3}]""");

        await bench.Time.AlarmAsync(TimeSpan.FromSeconds(3));
        bench.Time.Advance(TimeSpan.FromSeconds(3) - TimeSpan.FromMilliseconds(1));
        await bench.SettleAsync();
        Assert.False(bench.Legs.HasNext);
        bench.Time.Advance(TimeSpan.FromMilliseconds(1));

        await bench.Legs.NextAsync<HangUpLeg>();
    }

    private protected override async Task<CallBench> UntilItRunsAsync(string next)
    {
        var bench = await CallBench.RunningAsync($$"""[{"name":"Pause","seconds":5},{{next}}]""");
        await bench.Time.AlarmAsync(TimeSpan.FromSeconds(5));
        return bench;
    }
}
