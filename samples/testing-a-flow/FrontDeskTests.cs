namespace TestingAFlow;

/// <summary>Tests of front-desk.json, a flow drawn in Studio and exported from there.</summary>
public sealed class FrontDeskTests
{
    private const string Desk = "+15554443333";

    [Fact]
    public async Task A_caller_who_presses_1_hears_the_balance()
    {
        await using var simulation = Simulation.OfFile("front-desk.json")
            .Answering(request => request.Url.Query.Contains("15550100200") ? Reply.Json("""{"amount":12}""") : Reply.Status(404));
        var call = await simulation.CallAsync(from: "+15550100200", to: "+15550100300");

        await call.HearsAsync("press 1");
        await call.PressAsync("1");
        await call.EndsAsync();

        Assert.Equal("You owe 12 dollars.", call.Said[^1]);
    }

    [Fact]
    public async Task A_caller_is_told_when_billing_is_down()
    {
        await using var simulation = Simulation.OfFile("front-desk.json").Answering(_ => Reply.Unreachable);
        var call = await simulation.CallAsync(script: caller => caller.AfterHearing("press 1").Presses("1"));

        await call.EndsAsync();

        Assert.Equal("Your balance is not available right now.", call.Said[^1]);
    }

    [Fact]
    public async Task A_caller_who_presses_2_talks_to_somebody()
    {
        await using var simulation = Simulation.OfFile("front-desk.json");
        var desk = simulation.Phone(Desk).Answers(agent => agent.Speaks("Front desk, hello?"), after: TimeSpan.FromSeconds(4));
        var call = await simulation.CallAsync();

        await call.HearsAsync("press 2");
        await call.PressAsync("2");
        await call.HearsAsync("Front desk, hello?");
        await call.SpeakAsync("I lost my umbrella.");
        await call.HangUpAsync();

        Assert.Equal("I lost my umbrella.", Assert.Single(desk.Calls[0].Heard).Text);
    }

    [Theory]
    [InlineData(486, "Busy")]
    [InlineData(503, "Failed")]
    public async Task A_caller_is_told_when_nobody_can_be_reached(int sipStatus, string outcome)
    {
        await using var simulation = Simulation.OfFile("front-desk.json");
        simulation.Phone(Desk).Refuses(sipStatus);
        var call = await simulation.CallAsync(script: caller => caller.AfterHearing("press 2").Presses("2"));

        await call.EndsAsync();

        Assert.Equal("Nobody is free at the moment. Please call again.", call.Said[^1]);
        Assert.Equal(outcome, call.Commands.Single(command => command.Name == "CallPhone").Outcome);
    }

    [Fact]
    public async Task A_caller_who_thinks_for_an_hour_is_asked_again_and_again()
    {
        await using var simulation = Simulation.OfFile("front-desk.json");
        var call = await simulation.CallAsync();

        await call.WaitAsync(TimeSpan.FromHours(1));

        Assert.True(call.IsUp);
        Assert.InRange(call.Said.Count(text => text == "Sorry, I did not get that."), 200, 600);
    }
}
