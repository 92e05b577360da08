namespace TestingAFlow;

/// <summary>Tests of an application that answers webhooks: the function stands for its web server.</summary>
public sealed class WebhookTests
{
    [Fact]
    public async Task A_pin_of_four_digits_opens_the_door()
    {
        await using var call = await Simulation.Of(Application).CallAsync();

        await call.HearsAsync("PIN");
        await call.PressAsync("4711");
        await call.EndsAsync();

        Assert.Equal(["Please key in your PIN.", "The door is open."], call.Said);
    }

    [Fact]
    public async Task A_caller_who_is_too_slow_gets_a_second_chance()
    {
        await using var call = await Simulation.Of(Application).CallAsync();

        await call.HearsToTheEndAsync("PIN");
        await call.PressAsync("47");
        await call.HearsAsync("Once more");
        await call.PressAsync("4711");
        await call.EndsAsync();

        Assert.Equal("The door is open.", call.Said[^1]);
        Assert.Equal(["", "4711"], call.Simulation.Webhooks.Where(webhook => webhook.Kind == "on_done").Select(webhook => webhook["digits"]));
    }

    [Fact]
    public async Task A_caller_hears_a_tone_while_the_application_takes_its_time()
    {
        await using var call = await Simulation.Of(request => Application(request).After(TimeSpan.FromSeconds(5))).CallAsync();

        await call.HearsAsync("PIN");

        Assert.Equal(HeardKind.Hold, call.Heard[0].Kind);
    }

    private static Reply Application(HttpExchange request) => request.Path switch
    {
        "/incoming" => Ask("Please key in your PIN."),
        "/pin" when request["digits"] == "4711" => Reply.Routine("""[{"name":"Say","text":"The door is open."},{"name":"HangUp"}]"""),
        "/pin" => Ask("Once more, please."),
        _ => Reply.Empty,
    };

    private static Reply Ask(string question) =>
        Reply.Routine($$"""[{"name":"GetDigits","count":4,"timeout_seconds":8,"text":"{{question}}","on_done":"https://app.example.com/pin"}]""");
}
