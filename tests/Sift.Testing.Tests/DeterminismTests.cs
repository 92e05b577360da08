using System.Text.Json.Nodes;

namespace Sift.Testing.Tests;

/// <summary>The same seed gives the same run, to the last millisecond and journal entry.</summary>
public sealed class DeterminismTests
{
    [Fact]
    public async Task Two_runs_with_one_seed_are_identical_and_another_seed_is_not()
    {
        var (first, firstJournal) = await RunAsync(7);
        var (second, secondJournal) = await RunAsync(7);
        var (other, _) = await RunAsync(8);

        Assert.Equal(first, second);
        Assert.Equal(firstJournal, secondJournal);
        Assert.NotEqual(first, other);
        Assert.Contains("is joined with", first, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_run_does_not_depend_on_how_long_real_answers_take()
    {
        async ValueTask<Reply> Answer(HttpExchange request)
        {
            for (var i = 0; i < Random.Shared.Next(20); i++)
            {
                await Task.Yield();
            }

            return request.Path == "/incoming" ? Reply.Routine(Routine) : Reply.Empty;
        }

        var runs = new HashSet<string>();
        for (var i = 0; i < 5; i++)
        {
            await using var simulation = Simulation.Of((Func<HttpExchange, ValueTask<Reply>>)Answer);
            var call = await simulation.CallAsync(script: script => script.AfterHearing("Press").Presses("42"));
            await call.EndsAsync();
            await simulation.FinishAsync();
            runs.Add(simulation.Transcript);
        }

        Assert.Single(runs);
    }

    private const string Routine = """
        [
          {"name":"Say","text":"Hello","on_done":"https://app.example.com/said"},
          {"name":"GetDigits","count":2,"text":"Press two keys.","on_done":"https://app.example.com/keys"},
          {"name":"CallPhone","phone_number":"+15554443333","event_callback":"https://app.example.com/events","on_done":"https://app.example.com/called"},
          {"name":"Say","text":"Goodbye"}
        ]
        """;

    private static async Task<(string Transcript, string Journal)> RunAsync(int seed)
    {
        await using var simulation = Simulation.Of(request => request.Path == "/incoming" ? Reply.Routine(Routine) : Reply.Empty, new SimulationOptions { Seed = seed });
        simulation.Phone("+15554443333").Answers(script => script.Speaks("Yes?").Waits(TimeSpan.FromSeconds(20)).HangsUp());
        var call = await simulation.CallAsync(script: script => script.AfterHearing("Press").AfterSilence(TimeSpan.FromSeconds(2)).Presses("12"));
        await call.EndsAsync();
        await simulation.FinishAsync();
        return (simulation.Transcript, string.Join('\n', simulation.JournalOf(call.ConnectionId).Select(entry => $"{entry.At:O} {entry.Kind} {System.Text.Encoding.UTF8.GetString(entry.Data.Span)}")));
    }
}
