namespace Sift.Testing.Tests.Commands;

/// <summary>sift-api 4.3 and 3.3: what a caller keys, when, and what the web server is told.</summary>
public sealed class GetDigitsTests
{
    private static TimeSpan Seconds(double seconds) => TimeSpan.FromSeconds(seconds);

    [Theory]
    [InlineData("\"count\":1", "5", "5")]
    [InlineData("\"count\":4", "4711", "4711")]
    [InlineData("\"count\":4", "47119", "4711")]
    [InlineData("\"count\":4", "471", "")]
    [InlineData("\"count\":4", "", "")]
    [InlineData("\"count\":4", "42#7", "42#7")]
    [InlineData("\"count\":2", "*#", "*#")]
    [InlineData("\"count\":3", "1A2B3", "123")]
    [InlineData("\"count\":5,\"finish_on_key\":\"#\"", "12#", "12")]
    [InlineData("\"finish_on_key\":\"#\"", "#", "")]
    [InlineData("\"finish_on_key\":\"#\"", "12", "")]
    [InlineData("\"timeout_seconds\":3", "123", "123")]
    [InlineData("\"timeout_seconds\":3", "", "")]
    public async Task Tells_the_digits_or_an_empty_text(string parameters, string keys, string digits)
    {
        var call = await Routine.RunAsync(Command(parameters), keys.Length == 0 ? null : script => script.Waits(Seconds(1)).Presses(keys));

        var body = Routine.DoneBody(call);
        Assert.Equal(digits, (string?)body["digits"]);
        Assert.Single(body);
        Assert.Equal("Next.", call.Said[^1]);
    }

    [Theory]
    [InlineData("", 10)]
    [InlineData("\"timeout_seconds\":4", 4)]
    [InlineData("\"count\":2,\"timeout_seconds\":0.5", 0.5)]
    public async Task Waits_ten_seconds_or_as_long_as_it_says_from_the_end_of_the_prompt(string parameters, double seconds)
    {
        var call = await Routine.RunAsync(Command(parameters.Length == 0 ? "\"text\":\"Your choice?\"" : parameters + ",\"text\":\"Your choice?\""));

        Assert.Equal(Seconds(seconds), call.Simulation.Webhooks[^1].At - call.Heard[0].Until);
    }

    [Fact]
    public async Task Each_key_begins_the_wait_anew()
    {
        var call = await Routine.RunAsync(Command("\"count\":4,\"timeout_seconds\":3"), script => script.Waits(Seconds(2)).Presses("1").Waits(Seconds(2)).Presses("2").Waits(Seconds(2)).Presses("3").Waits(Seconds(2)).Presses("4"));

        Assert.Equal("1234", (string?)Routine.DoneBody(call)["digits"]);
    }

    [Fact]
    public async Task Plays_the_prompt_file_first_and_then_speaks_the_text()
    {
        var call = await Routine.RunAsync(Command("\"count\":1,\"prompt_url\":\"https://app.example.com/menu.wav\",\"text\":\"Press a key.\""));

        Assert.Equal([HeardKind.Sound, HeardKind.Speech, HeardKind.Speech], call.Heard.Select(heard => heard.Kind));
        Assert.Equal(call.Heard[0].Until, call.Heard[1].At);
    }

    [Fact]
    public async Task A_key_during_the_prompt_stops_it_and_counts()
    {
        var call = await Routine.RunAsync(Command("\"count\":1,\"text\":\"A rather long prompt that nobody wants to hear out.\""), script => script.Waits(Seconds(1)).Presses("7"));

        Assert.True(call.Heard[0].IsCutOff);
        Assert.Equal("7", (string?)Routine.DoneBody(call)["digits"]);
        Assert.InRange((call.Heard[0].Until - call.Heard[0].At)!.Value.TotalSeconds, 0.5, 1.1);
    }

    [Fact]
    public async Task Without_barge_in_keys_during_the_prompt_are_ignored()
    {
        var call = await Routine.RunAsync(
            Command("\"count\":1,\"barge_in\":false,\"text\":\"A rather long prompt that has to be heard out.\""),
            script => script.Waits(Seconds(1)).Presses("7").AfterTheEndOf("heard out").Presses("8"));

        Assert.False(call.Heard[0].IsCutOff);
        Assert.Equal("8", (string?)Routine.DoneBody(call)["digits"]);
    }

    [Fact]
    public async Task A_caller_who_hangs_up_meanwhile_ends_the_call_and_nothing_is_told_of_the_digits()
    {
        var call = await Routine.RunAsync(Command("\"count\":4"), script => script.Presses("12").HangsUp());

        Assert.DoesNotContain(call.Simulation.Webhooks, webhook => webhook.Kind == "on_done");
        Assert.Equal("the far end hung up", call.End!.Reason);
    }

    [Theory]
    [InlineData("\"count\":0", "count must be from 1 to 64")]
    [InlineData("\"count\":1.5", "count must be a whole number")]
    [InlineData("\"count\":\"4\"", "count must be a whole number")]
    [InlineData("\"timeout_seconds\":0", "timeout_seconds must be from 0.5 to 600")]
    [InlineData("\"timeout_seconds\":601", "timeout_seconds must be from 0.5 to 600")]
    [InlineData("\"prompt_url\":\"menu.wav\"", "prompt_url must be an absolute http or https URL")]
    [InlineData("\"finish_on_key\":\"12\"", "finish_on_key must be one of 0-9, * and #")]
    [InlineData("\"barge_in\":\"yes\"", "barge_in must be true or false")]
    public void Is_refused_with_the_place_and_the_reason(string parameter, string problem) =>
        Assert.Contains(problem, Routine.Refusal($$"""{"name":"GetDigits",{{parameter}}}"""), StringComparison.Ordinal);

    private static string Command(string parameters) => $$"""{"name":"GetDigits",{{parameters}},"on_done":"{{Routine.Done}}"}""";
}
