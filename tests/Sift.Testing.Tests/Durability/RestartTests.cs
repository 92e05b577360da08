namespace Sift.Testing.Tests.Durability;

/// <summary>What becomes of calls when the server is killed and started again.</summary>
public sealed class RestartTests
{
    private const string Callee = "+15554443333";
    private const string Person = "+15553334444";

    [Fact]
    public async Task A_call_that_was_up_is_over_and_is_told_so_once()
    {
        await using var simulation = Simulation.Of(request => request.Path == "/status" && request.Content.Contains("\"connected\"", StringComparison.Ordinal) ? Reply.Routine("""[{"name":"Pause","seconds":60}]""") : Reply.Empty);
        simulation.Phone(Person).Answers();
        var call = await simulation.PlaceCallAsync(Person);
        await call.AnswersAsync();
        await call.WaitAsync(TimeSpan.FromSeconds(5));

        await simulation.RestartAsync();
        await simulation.FinishAsync();

        Assert.Equal(("finished", "server restarted"), (call.End!.Status, call.End.Reason));
        Assert.Equal(["connecting", "connected", "finished"], simulation.Webhooks.Select(hook => (string)hook.Body["connection"]!["status"]!));
    }

    [Fact]
    public async Task A_flow_that_waits_before_it_needs_the_phone_goes_on_and_dials_then()
    {
        await using var simulation = Simulation.Of(Flow.Of("later", [Flow.Activity("Delay", "wait", ("seconds", 7200)), Flow.Say("say", "Good morning.")], "wait > say"));
        simulation.Phone(Person).Answers();
        var call = await simulation.PlaceCallAsync(Person);
        Assert.False(call.IsUp);

        await simulation.RestartAsync();
        await call.EndsAsync();

        Assert.Equal(["Good morning."], call.Said);
        Assert.InRange(simulation.Now.TotalSeconds, 7200, 7220);
    }

    [Fact]
    public async Task A_callee_that_was_up_before_the_own_phone_was_dialled_is_reported_lost()
    {
        await using var simulation = Simulation.Of(Flow.Of(
            "agent first",
            [Flow.Activity("CallPhone", "agent", ("phoneNumber", Callee)), Flow.Say("sorry", "We lost the agent.")],
            "agent.Failed > sorry"));
        simulation.Phone(Callee).DoesNotAnswer();
        simulation.Phone(Person).Answers();
        var call = await simulation.PlaceCallAsync(Person);
        await call.WaitAsync(TimeSpan.FromSeconds(10));

        await simulation.RestartAsync();
        await call.EndsAsync();

        Assert.Equal(["We lost the agent."], call.Said);
        Assert.Equal("failed", simulation.Phone(Callee).Calls.Single().End!.Status);
    }
}
