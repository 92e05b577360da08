using System.Text.Json.Nodes;

namespace Sift.Testing.Tests;

/// <summary>Drawn flows in the simulator.</summary>
public sealed class FlowSimulationTests
{
    private static readonly string Menu = Flow.Of(
        "menu",
        [
            Flow.Say("hello", "Welcome."),
            Flow.Activity("GetDigits", "choice", ("text", "Press 1 or 2."), ("timeoutSeconds", 5), ("keys", new JsonArray("1", "2"))),
            Flow.Say("one", "Bills."), Flow.Say("two", "Orders."), Flow.Say("none", "Still there?"),
            Flow.Activity("HangUp", "end"),
        ],
        "hello > choice", "choice.1 > one", "choice.2 > two", "choice.Timeout > none", "none > choice", "one > end", "two > end");

    [Theory]
    [InlineData("1", "Bills.")]
    [InlineData("2", "Orders.")]
    public async Task A_key_leaves_by_its_port(string key, string branch)
    {
        await using var call = await Simulation.Of(Menu).CallAsync();

        await call.HearsAsync("Press 1");
        await call.PressAsync(key);
        await call.EndsAsync();

        Assert.Equal(branch, call.Said[^1]);
        Assert.Equal(key, call.Commands.Single(run => run.Name == "GetDigits").Outcome);
    }

    [Fact]
    public async Task An_hour_of_a_menu_that_nobody_answers_takes_well_under_a_second()
    {
        await using var simulation = Simulation.Of(Menu);
        var call = await simulation.CallAsync();
        var began = TimeProvider.System.GetTimestamp();

        await call.WaitAsync(TimeSpan.FromHours(1));
        await call.HearsAsync("Press 1");
        await call.PressAsync("1");
        await call.EndsAsync();

        var took = TimeProvider.System.GetElapsedTime(began);
        Assert.True(took < TimeSpan.FromSeconds(1), $"it took {took}");
        Assert.True(simulation.Now > TimeSpan.FromHours(1));
        Assert.True(call.Said.Count > 600, $"{call.Said.Count} texts");
    }

    [Fact]
    public async Task An_event_resumes_a_flow_that_waits_for_it()
    {
        await using var call = await Simulation.Of(Flow.Of(
            "wait",
            [Flow.Activity("WaitForEvent", "wait", ("event", "paid"), ("seconds", 600)), Flow.Say("thanks", "Thank you, {{ outputs.wait.Payload.name }}."), Flow.Say("late", "Too late.")],
            "wait.Done > thanks", "wait.Timeout > late")).CallAsync();

        await call.WaitAsync(TimeSpan.FromMinutes(5));
        await call.Simulation.SendEventAsync("paid", new JsonObject { ["name"] = "Ada" });
        await call.EndsAsync();

        Assert.Equal(["Thank you, Ada."], call.Said);
    }

    [Fact]
    public async Task An_http_call_goes_to_the_answer_function_with_its_idempotency_key()
    {
        await using var simulation = Simulation.Of(Flow.Of(
            "lookup",
            [Flow.Activity("HttpCall", "ask", ("url", "https://crm.example.com/balance"), ("method", "POST")), Flow.Say("tell", "You owe {{ outputs.ask.Response.balance }}."), Flow.Say("sorry", "Sorry.")],
            "ask.Success > tell", "ask.Failed > sorry")).Answering(request => request.Path == "/balance" ? Reply.Json("""{"balance":12}""").After(TimeSpan.FromSeconds(2)) : Reply.Status(404));

        var call = await simulation.CallAsync();
        await call.EndsAsync();

        Assert.Equal(["You owe 12."], call.Said);
        var request = Assert.Single(simulation.Requests);
        Assert.Equal(("POST", null), (request.Method, request.Kind));
        Assert.Contains(call.ConnectionId, request.Headers["Idempotency-Key"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_call_that_is_up_keeps_its_version_and_the_next_one_has_the_new_one()
    {
        static string Version(string text) => Flow.Of("flow", [Flow.Activity("Pause", "wait", ("seconds", 60)), Flow.Say("say", text)], "wait > say");
        await using var simulation = Simulation.Of(Version("old"));
        var first = await simulation.CallAsync("+15550100201");

        await simulation.PublishAsync(Version("new"));
        var second = await simulation.CallAsync("+15550100202");
        await first.EndsAsync();
        await second.EndsAsync();

        Assert.Equal(["old"], first.Said);
        Assert.Equal(["new"], second.Said);
    }

    [Fact]
    public async Task A_sub_flow_stays_the_one_that_was_published_with_the_flow()
    {
        var sub = Flow.Of("greeting", [Flow.Say("greet", "Good morning.")]);
        var main = Flow.Of("main", [Flow.Activity("SubFlow", "sub", ("flow", "greeting")), Flow.Say("after", "And now?")], "sub > after");
        await using var simulation = Simulation.Of(main).With(sub);
        await (await simulation.CallAsync()).EndsAsync();

        await simulation.PublishAsync(Flow.Of("greeting", [Flow.Say("greet", "Good evening.")]));
        var pinned = await simulation.CallAsync();
        await pinned.EndsAsync();
        await simulation.PublishAsync(main);
        var renewed = await simulation.CallAsync();
        await renewed.EndsAsync();

        Assert.Equal(["Good morning.", "And now?"], pinned.Said);
        Assert.Equal(["Good evening.", "And now?"], renewed.Said);
    }

    [Fact]
    public async Task A_flow_that_cannot_run_is_refused_with_everything_that_is_wrong()
    {
        await using var simulation = Simulation.Of(Flow.Of("bad", [Flow.Activity("Say", "a"), Flow.Activity("Nonsense", "b")], "a > b"));

        var refusal = await Assert.ThrowsAsync<SimulationException>(() => simulation.CallAsync());

        Assert.Contains("a:", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("b:", refusal.Message, StringComparison.Ordinal);
    }
}
