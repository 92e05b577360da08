using Sift.Activities.Tests.Fixtures;
using Sift.Media.Legs;

namespace Sift.Activities.Tests.Commands;

public sealed class PlayTests : CommandTests
{
    protected override string Good => """{"name":"Play","sound_url":"https://app.example.com/a.wav","loop":true,"on_done":"https://app.example.com/done"}""";

    protected override string Bad => """{"name":"Play","sound_url":"ftp://app.example.com/a.wav","loop":"yes"}""";

    protected override IReadOnlyList<string> BadErrors =>
        ["$[0].sound_url must be an absolute http or https URL without credentials", "$[0].loop must be true or false"];

    [Fact]
    public async Task Plays_the_file_then_takes_the_next_command()
    {
        await using var bench = await CallBench.RunningAsync("""[{"name":"Play","sound_url":"https://app.example.com/a.wav"}]""");

        var play = await bench.Legs.NextAsync<PlayOnLeg>();
        Assert.Equal(new SoundSource(new Uri("https://app.example.com/a.wav")), Assert.Single(play.Sources));
        Assert.False(play.Loop);
        bench.Finish(play);

        await bench.Legs.NextAsync<HangUpLeg>();
    }

    private protected override async Task<CallBench> UntilItRunsAsync(string next)
    {
        var bench = await CallBench.RunningAsync($$"""[{"name":"Play","sound_url":"https://app.example.com/a.wav","loop":true},{{next}}]""");
        Assert.True((await bench.Legs.NextAsync<PlayOnLeg>()).Loop);
        return bench;
    }
}
