namespace Sift.Testing.Tests.Commands;

/// <summary>sift-api 4.1, 4.2 and 3.3, as a caller and a web server meet them.</summary>
public sealed class SayAndPlayTests
{
    [Theory]
    [InlineData("""{"name":"Say","text":"Hello."}""", HeardKind.Speech, "Hello.")]
    [InlineData("""{"name":"Play","sound_url":"https://app.example.com/a.wav"}""", HeardKind.Sound, "https://app.example.com/a.wav")]
    [InlineData("""{"name":"Play","sound_url":"http://app.example.com/a.mp3"}""", HeardKind.Sound, "http://app.example.com/a.mp3")]
    public async Task Is_heard_to_the_end_and_then_the_next_command_runs(string command, HeardKind kind, string text)
    {
        var call = await Routine.RunAsync(command);

        Assert.Equal((kind, text, false), (call.Heard[0].Kind, call.Heard[0].Text, call.Heard[0].IsCutOff));
        Assert.Equal("Next.", call.Said[^1]);
        Assert.Equal(call.Heard[0].Until, call.Heard[1].At);
        Assert.DoesNotContain(call.Simulation.Webhooks, webhook => webhook.Kind == "on_done");
    }

    [Theory]
    [InlineData("""{"name":"Say","text":"Hello.","on_done":"https://app.example.com/done"}""")]
    [InlineData("""{"name":"Play","sound_url":"https://app.example.com/a.wav","on_done":"https://app.example.com/done"}""")]
    public async Task Tells_when_it_is_done_and_nothing_besides(string command)
    {
        var call = await Routine.RunAsync(command);

        Assert.Empty(Routine.DoneBody(call));
        Assert.Equal(call.Heard[0].Until, call.Simulation.Webhooks.Single(webhook => webhook.Kind == "on_done").At);
    }

    [Theory]
    [InlineData("""{"routine":[{"name":"Say","text":"Instead."}]}""", "Instead.")]
    [InlineData("", "Next.")]
    [InlineData("{}", "Next.")]
    [InlineData("\"thanks\"", "Next.")]
    [InlineData("<html>", "Next.")]
    [InlineData("""[{"name":"Say","text":"A bare list is no instruction."}]""", "Next.")]
    [InlineData("""{"routine":"none"}""", "Next.")]
    public async Task Only_a_routine_in_the_reply_replaces_the_rest(string reply, string last)
    {
        var call = await Routine.RunAsync("""{"name":"Say","text":"Hello.","on_done":"https://app.example.com/done"}""", done: _ => Reply.Json(reply));

        Assert.Equal(["Hello.", last], call.Said);
    }

    [Fact]
    public async Task An_empty_routine_in_the_reply_ends_the_call()
    {
        var call = await Routine.RunAsync("""{"name":"Say","text":"Hello.","on_done":"https://app.example.com/done"}""", done: _ => Reply.Routine("[]"));

        Assert.Equal(["Hello."], call.Said);
        Assert.Equal("hung up here", call.End!.Reason);
    }

    [Fact]
    public async Task A_sound_that_cannot_be_played_costs_that_sound_only()
    {
        var call = await Routine.RunAsync("""{"name":"Play","sound_url":"https://app.example.com/gone.wav"}""", options: new SimulationOptions { SoundDuration = _ => null });

        Assert.Equal(["Next."], call.Heard.Select(heard => heard.Text));
    }

    [Fact]
    public async Task Goes_on_when_its_callback_comes_back_after_failures()
    {
        var attempts = 0;
        var call = await Routine.RunAsync("""{"name":"Say","text":"Hello.","on_done":"https://app.example.com/done"}""", done: _ => ++attempts < 4 ? Reply.Status(503) : Reply.Empty);

        var times = call.Simulation.Webhooks.Where(webhook => webhook.Kind == "on_done").Select(webhook => webhook.At).ToList();
        Assert.Equal([0, 1, 3, 7], times.Select(at => (int)Math.Round((at - times[0]).TotalSeconds)));
        Assert.Single(call.Simulation.Webhooks.Where(webhook => webhook.Kind == "on_done").Select(webhook => webhook.WebhookId).Distinct());
        Assert.Equal(HeardKind.Hold, call.Heard[1].Kind);
        Assert.Equal("Next.", call.Said[^1]);
    }

    [Theory]
    [InlineData(null, "We are sorry. This call cannot be continued at the moment. Please try again later.")]
    [InlineData("""[{"name":"Say","text":"The fallback."}]""", "The fallback.")]
    public async Task Takes_the_fallback_when_its_callback_never_comes(string? fallback, string said)
    {
        var call = await Routine.RunAsync("""{"name":"Say","text":"Hello.","on_done":"https://app.example.com/done"}""", options: new SimulationOptions { FallbackRoutine = fallback }, done: _ => Reply.Unreachable);

        Assert.Equal(["Hello.", said], call.Said);
        Assert.InRange((call.End!.At - call.Heard[0].Until!.Value).TotalSeconds, 44, 70);
    }

    [Fact]
    public async Task Speaks_with_the_voice_and_language_asked_for()
    {
        var call = await Routine.RunAsync("""{"name":"Say","text":"Guten Tag.","voice":"eva","language":"de-DE"}""");

        Assert.Equal(("eva", "de-DE"), (call.Heard[0].Voice, call.Heard[0].Language));
    }

    [Theory]
    [InlineData("""{"name":"Say","text":"Hello.","loop":true}""")]
    [InlineData("""{"name":"Play","sound_url":"https://app.example.com/a.wav","loop":true}""")]
    public async Task Begins_again_and_again_until_the_caller_hangs_up(string command)
    {
        var call = await Routine.RunAsync(command, script => script.Waits(TimeSpan.FromSeconds(30)).HangsUp());

        Assert.True(call.Heard.Count > 5);
        Assert.Single(call.Heard.Select(heard => heard.Text).Distinct());
        Assert.True(call.Heard[^1].IsCutOff);
    }

    [Theory]
    [InlineData("""{"name":"Say"}""", "$[0].text is required")]
    [InlineData("""{"name":"Say","text":""}""", "$[0].text must not be empty")]
    [InlineData("""{"name":"Say","text":5}""", "$[0].text must be a string")]
    [InlineData("""{"name":"Say","text":"a","on_done":"ftp://x"}""", "$[0].on_done must be an absolute http or https URL")]
    [InlineData("""{"name":"Say","text":"a","tone":"warm"}""", "$[0].tone is not a parameter of Say")]
    [InlineData("""{"name":"say","text":"a"}""", "$[0].name")]
    [InlineData("""{"name":"Play"}""", "$[0].sound_url is required")]
    [InlineData("""{"name":"Play","sound_url":"a.wav"}""", "$[0].sound_url must be an absolute http or https URL")]
    public void Is_refused_with_the_place_and_the_reason(string command, string problem) => Assert.Contains(problem, Routine.Refusal(command), StringComparison.Ordinal);
}
