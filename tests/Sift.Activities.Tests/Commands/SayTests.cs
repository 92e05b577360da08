using Sift.Activities.Connections;
using Sift.Activities.Tests.Fixtures;
using Sift.Media.Legs;

namespace Sift.Activities.Tests.Commands;

public sealed class SayTests : CommandTests
{
    protected override string Good => """{"name":"Say","text":"Hello","voice":"slt","language":"en-US","loop":false,"on_done":"https://app.example.com/done"}""";

    protected override string Bad => """{"name":"Say","txt":"Hello"}""";

    protected override IReadOnlyList<string> BadErrors => ["$[0].txt is not a parameter of Say", "$[0].text is required"];

    [Fact]
    public async Task Speaks_the_text_then_takes_the_next_command()
    {
        await using var bench = await CallBench.RunningAsync("""[{"name":"Say","text":"Hello","voice":"slt"},{"name":"HangUp"}]""");

        var play = await bench.Legs.NextAsync<PlayOnLeg>();
        Assert.Equal(new SpeechSource("Hello", "slt"), Assert.Single(play.Sources));
        bench.Finish(play);

        await bench.Legs.NextAsync<HangUpLeg>();
    }

    [Fact]
    public async Task Goes_on_when_the_speech_fails_and_says_so_in_the_journal()
    {
        await using var bench = await CallBench.RunningAsync("""[{"name":"Say","text":"Hello"}]""");

        var play = await bench.Legs.NextAsync<PlayOnLeg>();
        bench.Tell(new PlaybackFinished(bench.Leg, play.Playback, PlaybackEnd.Failed, "engine crashed"));

        await bench.Legs.NextAsync<HangUpLeg>();
        Assert.Contains("engine crashed", await bench.JournalAsync());
    }

    [Fact]
    public async Task Waits_for_the_reply_to_on_done_and_then_goes_on()
    {
        await using var bench = await CallBench.RunningAsync("""[{"name":"Say","text":"One","on_done":"https://app.example.com/done"},{"name":"Say","text":"Two"}]""");

        bench.Finish(await bench.Legs.NextAsync<PlayOnLeg>());
        var done = await bench.Receiver.NextAsync("on_done");
        Assert.Equal($$"""{"account_id":"{{CallBench.Account}}","connection_id":"{{CallBench.CallId}}"}""", done.Body.ToJsonString());
        Assert.False(bench.Legs.HasNext);
        done.Reply("thanks");

        var second = await bench.Legs.NextAsync<PlayOnLeg>();
        Assert.Equal(new SpeechSource("Two"), second.Sources[0]);
    }

    [Fact]
    public async Task A_routine_in_the_reply_replaces_the_rest()
    {
        await using var bench = await CallBench.RunningAsync("""[{"name":"Say","text":"One","on_done":"https://app.example.com/done"},{"name":"Say","text":"Never"}]""");

        bench.Finish(await bench.Legs.NextAsync<PlayOnLeg>());
        (await bench.Receiver.NextAsync()).ReplyRoutine("""[{"name":"Say","text":"Instead"}]""");

        var second = await bench.Legs.NextAsync<PlayOnLeg>();
        Assert.Equal(new SpeechSource("Instead"), second.Sources[0]);
        bench.Finish(second);
        await bench.Legs.NextAsync<HangUpLeg>();
    }

    [Fact]
    public async Task Answers_a_call_that_is_answered_on_demand_before_it_speaks()
    {
        await using var bench = await CallBench.RunningAsync("""[{"name":"Say","text":"Hello"}]""", answer: "on_demand");

        await bench.Legs.NextAsync<AnswerLeg>();
        await bench.SettleAsync();
        Assert.False(bench.Legs.HasNext);
        bench.Tell(new LegAnswered(bench.Leg));

        await bench.Legs.NextAsync<PlayOnLeg>();
        Assert.Equal(ConnectionStatus.Connected, bench.Storage.Of(CallBench.CallId).Status);
    }

    private protected override async Task<CallBench> UntilItRunsAsync(string next)
    {
        var bench = await CallBench.RunningAsync($$"""[{"name":"Say","text":"Hello"},{{next}}]""");
        await bench.Legs.NextAsync<PlayOnLeg>();
        return bench;
    }
}
