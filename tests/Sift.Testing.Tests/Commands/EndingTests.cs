namespace Sift.Testing.Tests.Commands;

/// <summary>HangUp, Pause, Reject, the end of a routine, and the commands that are not there (sift-api 4.4, 4.7, 4.8; design section 5).</summary>
public sealed class EndingTests
{
    [Fact]
    public async Task HangUp_ends_the_call_and_nothing_after_it_runs()
    {
        var call = await Routine.RunAsync("""{"name":"HangUp"}""");

        Assert.Empty(call.Said);
        Assert.Equal(("finished", "hung up here"), (call.End!.Status, call.End.Reason));
    }

    [Fact]
    public async Task A_routine_that_has_run_out_hangs_up()
    {
        var call = await Routine.RunAsync("""{"name":"Say","text":"Hello."}""");

        Assert.Equal(["Say", "Say", "HangUp"], call.Commands.Select(run => run.Name));
    }

    [Fact]
    public async Task A_call_that_gets_no_routine_is_hung_up_after_a_minute()
    {
        await using var call = await Simulation.Of(_ => Reply.Empty).CallAsync();

        var end = await call.EndsAsync();

        Assert.InRange(end.At.TotalSeconds, 60, 61);
        Assert.Equal([HeardKind.Hold], call.Heard.Select(heard => heard.Kind));
    }

    [Theory]
    [InlineData("""{"name":"Pause"}""", 1)]
    [InlineData("""{"name":"Pause","seconds":0.5}""", 0.5)]
    [InlineData("""{"name":"Pause","seconds":3600}""", 3600)]
    public async Task Pause_waits_in_silence(string command, double seconds)
    {
        var call = await Routine.RunAsync(command);

        Assert.Equal(TimeSpan.FromSeconds(seconds), call.Commands[0].Until - call.Commands[0].At);
        Assert.Equal(["Next."], call.Heard.Select(heard => heard.Text));
    }

    [Theory]
    [InlineData("""{"name":"Reject"}""", "declined", 603)]
    [InlineData("""{"name":"Reject","reason":"busy"}""", "busy", 486)]
    [InlineData("""{"name":"Reject","reason":"not_found"}""", "not_found", 404)]
    public async Task Reject_refuses_a_call_that_was_not_answered(string command, string failure, int status)
    {
        var call = await Routine.RunAsync(command, options: new SimulationOptions { AnswerOnDemand = true });

        Assert.Equal(("failed", failure, status), (call.End!.Status, call.End.Failure, call.End.SipStatus));
        Assert.Empty(call.Heard);
    }

    [Fact]
    public async Task Reject_after_the_answer_hangs_up()
    {
        var call = await Routine.RunAsync("""{"name":"Reject"}""");

        Assert.Equal("finished", call.End!.Status);
        Assert.Empty(call.Said);
    }

    [Theory]
    [InlineData("GetNumber")]
    [InlineData("GetName")]
    [InlineData("GetDate")]
    [InlineData("GetYesOrNo")]
    [InlineData("GetMultipleChoice")]
    [InlineData("GetFreeResponse")]
    [InlineData("JoinConference")]
    public void A_command_of_the_reference_that_is_not_there_is_refused_by_name(string name) =>
        Assert.Contains($"{name} is not available on this server", Routine.Refusal($$"""{"name":"{{name}}"}"""), StringComparison.Ordinal);

    [Fact]
    public async Task A_routine_with_an_error_runs_nothing_and_takes_the_fallback()
    {
        var call = await Routine.RunAsync("""{"name":"Say","text":"Never."},{"name":"Sing"}""", options: new SimulationOptions { FallbackRoutine = """[{"name":"Say","text":"The fallback."}]""" });

        Assert.Equal(["The fallback."], call.Said);
    }

    [Theory]
    [InlineData("""{"name":"HangUp","reason":"bye"}""", "$[0].reason is not a parameter of HangUp")]
    [InlineData("""{"name":"Pause","seconds":0}""", "$[0].seconds must be from 0.1 to 3600")]
    [InlineData("""{"name":"Reject","reason":"tired"}""", "$[0].reason must be one of busy, declined, not_found")]
    [InlineData("""{"text":"a"}""", "$[0].name")]
    [InlineData("\"HangUp\"", "$[0]")]
    public void Is_refused_with_the_place_and_the_reason(string command, string problem) => Assert.Contains(problem, Routine.Refusal(command), StringComparison.Ordinal);
}
