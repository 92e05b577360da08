namespace Sift.Testing.Tests;

/// <summary>Calls that Sift places in a simulation.</summary>
public sealed class PhoneTests
{
    private const string Callee = "+15554443333";
    private const string Forward = """[{"name":"CallPhone","phone_number":"+15554443333","timeout_seconds":20,"on_done":"https://app.example.com/done"},{"name":"Say","text":"Next."}]""";

    [Fact]
    public async Task Both_hear_each_other_once_they_are_joined_and_the_callers_hang_up_ends_both()
    {
        await using var simulation = Simulation.Of(Forward);
        var phone = simulation.Phone(Callee).Answers(script => script.Speaks("Example, hello?"), TimeSpan.FromSeconds(6));
        var call = await simulation.CallAsync();

        await call.HearsAsync("hello?");
        await call.SpeakAsync("Is that you?");
        await call.WaitAsync(TimeSpan.FromSeconds(30));
        await call.HangUpAsync();
        await simulation.FinishAsync();

        Assert.Equal([HeardKind.Ringback, HeardKind.Voice], call.Heard.Select(heard => heard.Kind));
        Assert.Equal(["Is that you?"], phone.Calls[0].Heard.Select(heard => heard.Text));
        Assert.Equal("finished", phone.Calls[0].End!.Status);
        Assert.Equal("finished", call.End!.Status);
        Assert.Equal(phone.Calls[0].ConnectionId, Assert.Single(call.Callees).ConnectionId);
        Assert.Empty(call.Said);
    }

    [Theory]
    [InlineData(486, "busy")]
    [InlineData(600, "busy")]
    [InlineData(603, "declined")]
    [InlineData(403, "forbidden")]
    [InlineData(404, "not_found")]
    [InlineData(484, "not_found")]
    [InlineData(480, "no_answer")]
    [InlineData(503, "unreachable")]
    [InlineData(488, "error")]
    [InlineData(699, "error")]
    public async Task A_refusal_takes_the_next_command_and_is_told_by_name(int status, string failure)
    {
        await using var simulation = Simulation.Of(Forward);
        simulation.Phone(Callee).Refuses(status);

        var call = await simulation.CallAsync();
        await call.EndsAsync();

        Assert.Equal(["Next."], call.Said);
        Assert.Equal(failure, simulation.Webhooks[0]["dial_status"]);
        Assert.Equal((failure, status), (call.Callees[0].End!.Failure, call.Callees[0].End!.SipStatus));
    }

    [Fact]
    public async Task A_phone_that_nobody_answers_rings_as_long_as_the_command_says()
    {
        await using var simulation = Simulation.Of(Forward);
        simulation.Phone(Callee).DoesNotAnswer();

        var call = await simulation.CallAsync();
        await call.EndsAsync();

        Assert.Equal("no_answer", simulation.Webhooks[0]["dial_status"]);
        var dial = call.Commands[0];
        Assert.InRange((dial.Until - dial.At)!.Value.TotalSeconds, 20, 20.2);
        var ringback = call.Heard[0];
        Assert.Equal((HeardKind.Ringback, true), (ringback.Kind, ringback.IsCutOff));
    }

    [Fact]
    public async Task A_caller_who_gives_up_while_it_rings_cancels_the_other_phone()
    {
        await using var simulation = Simulation.Of(Forward);
        var phone = simulation.Phone(Callee).DoesNotAnswer();
        var call = await simulation.CallAsync(script: script => script.Waits(TimeSpan.FromSeconds(5)).HangsUp());

        await call.EndsAsync();
        await simulation.FinishAsync();

        Assert.Equal("failed", phone.Calls[0].End!.Status);
        Assert.InRange(simulation.Now.TotalSeconds, 5, 60);
        Assert.Empty(call.Said);
    }

    [Fact]
    public async Task A_machine_speaks_its_greeting_and_a_hold_is_told()
    {
        await using var simulation = Simulation.Of(Forward);
        simulation.Phone(Callee).AnswersAsMachine("Leave a message.");
        var call = await simulation.CallAsync();

        await call.HearsToTheEndAsync("Leave a message.");
        await call.HoldAsync();
        await call.ResumeAsync();
        await call.HangUpAsync();

        Assert.Contains("puts the call on hold", simulation.Transcript, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false, "finished", null)]
    [InlineData(true, "failed", "busy")]
    public async Task A_call_that_sift_places_tells_its_status(bool busy, string status, string? failure)
    {
        await using var simulation = Simulation.Of(request => (string?)request.Body["connection"]!["status"] == "connected" ? Reply.Routine("""[{"name":"Say","text":"Hello"},{"name":"HangUp"}]""") : Reply.Empty);
        var phone = simulation.Phone(Callee);
        _ = busy ? phone.IsBusy() : phone.Answers();

        var call = await simulation.PlaceCallAsync(Callee);
        await call.EndsAsync();
        await simulation.FinishAsync();

        Assert.Equal((status, failure), (call.End!.Status, call.End.Failure));
        Assert.Equal(busy ? ["connecting", "failed"] : ["connecting", "connected", "finished"], simulation.Webhooks.Select(hook => (string)hook.Body["connection"]!["status"]!));
        Assert.Equal(busy ? [] : ["Hello"], call.Said);
    }

    [Fact]
    public async Task Steering_a_call_that_is_over_says_what_happened()
    {
        await using var call = await Simulation.Of("""[{"name":"HangUp"}]""").CallAsync();
        await call.EndsAsync();

        var problem = await Assert.ThrowsAsync<SimulationException>(() => call.PressAsync("1"));

        Assert.Contains("the call is over", problem.Message, StringComparison.Ordinal);
        Assert.Contains("calls +15550100300", problem.Message, StringComparison.Ordinal);
    }
}
