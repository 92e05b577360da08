using System.Text.Json.Nodes;

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
    public async Task Branches_that_wait_come_together_once_after_a_restart_between_them()
    {
        await using var simulation = Simulation.Of(Flow.Of(
            "branches",
            [
                Flow.Activity("Fork", "fork", ("branches", new JsonArray("a", "b"))),
                Flow.Activity("Delay", "short", ("seconds", 60)), Flow.Activity("HttpCall", "note", ("url", "https://app.example.com/a")),
                Flow.Activity("Delay", "long", ("seconds", 3600)), Flow.Activity("HttpCall", "other", ("url", "https://app.example.com/b")),
                Flow.Activity("Join", "join"), Flow.Say("say", "All there."),
            ],
            "fork.a > short", "short > note", "note.Success > join", "fork.b > long", "long > other", "other.Success > join", "join > say"));
        simulation.Phone(Person).Answers();
        var call = await simulation.PlaceCallAsync(Person);

        await call.WaitAsync(TimeSpan.FromSeconds(30));
        await simulation.RestartAsync();
        await call.WaitAsync(TimeSpan.FromMinutes(30));
        await simulation.RestartAsync();
        await call.EndsAsync();

        Assert.Equal(["All there."], call.Said);
        Assert.Equal(["/a", "/b"], simulation.Requests.Select(request => request.Path));
        Assert.Equal(new[] { "Fork", "Delay", "Delay", "HttpCall", "HttpCall", "Join" }, call.Activities.Select(run => run.Name).Where(name => name is "Fork" or "Delay" or "HttpCall" or "Join").OrderBy(name => Array.IndexOf(["Fork", "Delay", "HttpCall", "Join"], name)));
    }

    [Fact]
    public async Task A_timer_that_fell_due_while_the_server_was_away_fires_at_the_start_and_once()
    {
        await using var simulation = Simulation.Of(Flow.Of("late", [Flow.Activity("Delay", "wait", ("seconds", 60)), Flow.Activity("HttpCall", "tell", ("url", "https://app.example.com/due"))], "wait > tell"));
        await simulation.PlaceCallAsync(Person);

        simulation.Kill();
        await simulation.PassAsync(TimeSpan.FromHours(3));
        Assert.Empty(simulation.Requests);
        await simulation.RestartAsync();
        await simulation.FinishAsync();

        Assert.Equal(TimeSpan.FromHours(3), Assert.Single(simulation.Requests).At);
    }

    [Fact]
    public async Task An_instance_keeps_its_version_over_a_restart_after_a_new_one_was_published()
    {
        static string Version(string text) => Flow.Of("flow", [Flow.Activity("Delay", "wait", ("seconds", 600)), Flow.Say("say", text)], "wait > say");
        await using var simulation = Simulation.Of(Version("old"));
        simulation.Phone(Person).Answers();
        var call = await simulation.PlaceCallAsync(Person);

        await simulation.PublishAsync(Version("new"));
        await simulation.RestartAsync();
        await call.EndsAsync();

        Assert.Equal(["old"], call.Said);
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
