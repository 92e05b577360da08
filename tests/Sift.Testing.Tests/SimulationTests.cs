namespace Sift.Testing.Tests;

/// <summary>What the simulator promises to those who test their calls with it.</summary>
public sealed class SimulationTests
{
    private const string Menu = """
        [
          {"name":"Say","text":"Welcome to Example."},
          {"name":"GetDigits","count":1,"timeout_seconds":8,"text":"Press 1 for bills.","on_done":"https://app.example.com/menu"},
          {"name":"Say","text":"Goodbye."},
          {"name":"HangUp"}
        ]
        """;

    [Fact]
    public async Task A_routine_is_heard_and_ends_the_call()
    {
        await using var call = await Simulation.Of("""[{"name":"Say","text":"Hello"},{"name":"HangUp"}]""").CallAsync();

        var end = await call.EndsAsync();

        Assert.Equal(["Hello"], call.Said);
        Assert.Equal(("finished", "hung up here"), (end.Status, end.Reason));
        Assert.Equal(["Say", "HangUp"], call.Commands.Select(run => run.Name));
    }

    [Fact]
    public async Task A_key_reaches_the_web_server_and_its_reply_replaces_the_rest()
    {
        await using var call = await Simulation.Of(request => request.Path switch
        {
            "/incoming" => Reply.Routine(Menu),
            "/menu" when request["digits"] == "1" => Reply.Routine("""[{"name":"Say","text":"You owe nothing."}]"""),
            _ => Reply.Empty,
        }).CallAsync("+15550100200", "+15550100300");

        await call.HearsAsync("for bills");
        await call.PressAsync("1");
        await call.EndsAsync();

        Assert.Equal(["Welcome to Example.", "Press 1 for bills.", "You owe nothing."], call.Said);
        Assert.True(call.Heard[1].IsCutOff);
        Assert.Equal(["on_incoming", "on_done"], call.Simulation.Webhooks.Select(webhook => webhook.Kind));
        Assert.Equal("1", call.Simulation.Webhooks[1]["digits"]);
    }

    [Fact]
    public async Task A_silent_caller_takes_the_next_command()
    {
        await using var call = await Simulation.Of(request => request.Path == "/incoming" ? Reply.Routine(Menu) : Reply.Empty).CallAsync();

        await call.EndsAsync();

        Assert.Equal("", call.Simulation.Webhooks[1]["digits"]);
        Assert.Equal("Goodbye.", call.Said[^1]);
        Assert.Equal(call.Heard[1].Until + TimeSpan.FromSeconds(8), call.Simulation.Webhooks[1].At);
    }
}
