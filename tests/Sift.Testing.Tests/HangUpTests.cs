using Sift.Workflows.Journal;

namespace Sift.Testing.Tests;

/// <summary>Callers leave when they like.</summary>
public sealed class HangUpTests
{
    private const string Routine = """
        [
          {"name":"Say","text":"Welcome.","on_done":"https://app.example.com/said"},
          {"name":"GetDigits","count":2,"timeout_seconds":3,"text":"Two keys, please.","on_done":"https://app.example.com/keys"},
          {"name":"CallPhone","phone_number":"+15554443333","timeout_seconds":8,"on_done":"https://app.example.com/called"},
          {"name":"Play","sound_url":"https://app.example.com/bye.wav"}
        ]
        """;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task At_any_quarter_of_a_second_a_hang_up_ends_everything(bool isAnswered)
    {
        for (var at = TimeSpan.Zero; at < TimeSpan.FromSeconds(24); at += TimeSpan.FromSeconds(0.25))
        {
            await using var simulation = Simulation.Of(request => (request.Path == "/incoming" ? Reply.Routine(Routine) : Reply.Empty).After(TimeSpan.FromSeconds(1.6)));
            var phone = simulation.Phone("+15554443333");
            _ = isAnswered ? phone.Answers(TimeSpan.FromSeconds(3)) : phone.DoesNotAnswer();
            var call = await simulation.CallAsync(script: script => script.At(at).HangsUp());

            await simulation.FinishAsync();

            Assert.True(call.End is { Status: "finished" }, $"hung up at {at}:\n{simulation.Transcript}");
            Assert.All(phone.Calls, callee => Assert.True(callee.IsOver && callee.End is not null, $"hung up at {at}:\n{simulation.Transcript}"));
            Assert.True(simulation.Storage.Journal.UnfinishedAsync(default).ToBlockingEnumerable().FirstOrDefault() is null, $"hung up at {at}:\n{simulation.Transcript}");
            Assert.Equal(1, simulation.JournalOf(call.ConnectionId).Count(entry => entry.Kind == JournalKinds.InstanceFinished));
        }
    }

    [Fact]
    public async Task A_phone_that_is_gone_without_a_word_is_found_out()
    {
        await using var call = await Simulation.Of("""[{"name":"Pause","seconds":3600}]""").CallAsync();
        await call.WaitAsync(TimeSpan.FromSeconds(10));

        await call.VanishAsync();
        var end = await call.EndsAsync();

        Assert.Equal(("finished", "no media"), (end.Status, end.Reason));
        Assert.InRange(end.At.TotalSeconds, 40, 40.5);
    }

    [Fact]
    public async Task A_caller_who_gives_up_before_the_answer_fails_the_call()
    {
        await using var simulation = Simulation.Of("""[{"name":"Pause","seconds":30},{"name":"Say","text":"Hello"}]""", new SimulationOptions { AnswerOnDemand = true });
        var call = await simulation.CallAsync();
        await call.WaitAsync(TimeSpan.FromSeconds(5));

        await call.HangUpAsync();

        Assert.Equal(("failed", "no_answer"), (call.End!.Status, call.End.Failure));
        Assert.Empty(call.Heard);
    }
}
