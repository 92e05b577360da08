using Sift.Activities.Tests.Fixtures;
using Sift.Media.Legs;

namespace Sift.Activities.Tests.Commands;

public sealed class GetDigitsTests : CommandTests
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(1);

    protected override string Good => """
        {"name":"GetDigits","count":4,"timeout_seconds":12,"prompt_url":"https://app.example.com/menu.wav","text":"Your choice","voice":"slt","language":"en-US",
         "barge_in":false,"finish_on_key":"#","sensitive":true,"on_done":"https://app.example.com/digits"}
        """;

    protected override string Bad => """{"name":"GetDigits","count":1.5,"timeout_seconds":"10","finish_on_key":"A","barge_in":1,"terminator":"#"}""";

    protected override IReadOnlyList<string> BadErrors =>
    [
        "$[0].count must be a whole number", "$[0].timeout_seconds must be a number", "$[0].finish_on_key must be one of 0-9, * and #",
        "$[0].barge_in must be true or false", "$[0].terminator is not a parameter of GetDigits",
    ];

    [Fact]
    public async Task Ends_at_the_last_of_the_keys_asked_for()
    {
        await using var bench = await StartAsync("\"count\":4");

        bench.Press("42#7");

        await AssertDigitsAsync(bench, "42#7");
    }

    [Fact]
    public async Task The_key_that_finishes_is_not_part_of_the_digits()
    {
        await using var bench = await StartAsync("\"finish_on_key\":\"#\"");

        bench.Press("12#");

        await AssertDigitsAsync(bench, "12");
    }

    [Fact]
    public async Task Times_out_after_ten_seconds_with_no_digits_even_if_some_were_pressed()
    {
        await using var bench = await StartAsync("\"count\":4");

        bench.Press("12");
        await bench.SettleAsync();
        await bench.Time.AlarmAsync(TimeSpan.FromSeconds(10));
        bench.Time.Advance(TimeSpan.FromSeconds(10) - Tick);
        await bench.SettleAsync();
        Assert.False(bench.Receiver.HasNext);
        bench.Time.Advance(Tick);

        await AssertDigitsAsync(bench, "");
    }

    [Fact]
    public async Task Every_key_starts_the_timeout_anew()
    {
        await using var bench = await StartAsync("\"count\":2,\"timeout_seconds\":5");

        await bench.Time.AlarmAsync(TimeSpan.FromSeconds(5));
        bench.Time.Advance(TimeSpan.FromSeconds(4));
        bench.Press("1");
        await bench.SettleAsync();
        bench.Time.Advance(TimeSpan.FromSeconds(4));
        bench.Press("2");

        await AssertDigitsAsync(bench, "12");
    }

    [Fact]
    public async Task An_entry_of_open_length_ends_by_silence_and_keeps_its_digits()
    {
        await using var bench = await StartAsync("\"timeout_seconds\":3");

        bench.Press("123");
        await bench.SettleAsync();
        await bench.Time.AdvanceToAlarmAsync(TimeSpan.FromSeconds(3));

        await AssertDigitsAsync(bench, "123");
    }

    [Fact]
    public async Task The_timeout_counts_from_the_end_of_the_prompt()
    {
        await using var bench = await StartAsync("\"count\":1,\"text\":\"Press a key\"");

        var prompt = await bench.Legs.NextAsync<PlayOnLeg>();
        Assert.True(prompt.StopOnDigit);
        bench.Time.Advance(TimeSpan.FromSeconds(30));
        await bench.SettleAsync();
        bench.Finish(prompt);
        await bench.Time.AdvanceToAlarmAsync(TimeSpan.FromSeconds(10));

        await AssertDigitsAsync(bench, "");
    }

    [Fact]
    public async Task A_key_during_the_prompt_stops_it_and_counts()
    {
        await using var bench = await StartAsync("\"count\":2,\"prompt_url\":\"https://app.example.com/m.wav\",\"text\":\"Now\"");

        var prompt = await bench.Legs.NextAsync<PlayOnLeg>();
        Assert.Equal([new SoundSource(new Uri("https://app.example.com/m.wav")), new SpeechSource("Now")], prompt.Sources);
        bench.Press("1");
        bench.Finish(prompt, PlaybackEnd.Interrupted);
        bench.Press("2");

        await AssertDigitsAsync(bench, "12");
    }

    [Fact]
    public async Task Without_barge_in_keys_during_the_prompt_are_ignored()
    {
        await using var bench = await StartAsync("\"count\":1,\"text\":\"Listen\",\"barge_in\":false");

        var prompt = await bench.Legs.NextAsync<PlayOnLeg>();
        Assert.False(prompt.StopOnDigit);
        bench.Press("1");
        bench.Finish(prompt);
        bench.Press("2");

        await AssertDigitsAsync(bench, "2");
    }

    [Fact]
    public async Task Letters_of_the_keypad_are_no_digits()
    {
        await using var bench = await StartAsync("\"count\":2");

        bench.Press("1A2");

        await AssertDigitsAsync(bench, "12");
    }

    [Fact]
    public async Task Sensitive_digits_travel_in_a_delivery_marked_so_and_not_in_the_effect()
    {
        await using var bench = await StartAsync("\"count\":4,\"sensitive\":true");

        bench.Press("9876");

        var exchange = await bench.Receiver.NextAsync("on_done");
        Assert.True(exchange.Delivery.Sensitive);
        Assert.Equal("9876", exchange.Body["digits"]!.GetValue<string>());
        Assert.DoesNotContain("\\\"digits\\\":\\\"9876", await bench.JournalAsync());
    }

    private protected override async Task<CallBench> UntilItRunsAsync(string next)
    {
        var bench = await CallBench.RunningAsync($$"""[{"name":"GetDigits","count":9,"text":"Keys"},{{next}}]""");
        await bench.Legs.NextAsync<PlayOnLeg>();
        bench.Press("12");
        return bench;
    }

    private static async Task<CallBench> StartAsync(string parameters)
    {
        var bench = await CallBench.RunningAsync($$"""[{"name":"GetDigits",{{parameters}},"on_done":"https://app.example.com/digits"}]""");
        await bench.SettleAsync();
        return bench;
    }

    private static async Task AssertDigitsAsync(CallBench bench, string digits)
    {
        var exchange = await bench.Receiver.NextAsync("on_done");
        Assert.Equal(digits, exchange.Body["digits"]!.GetValue<string>());
    }
}
