using System.Text.Json.Nodes;
using Sift.Activities.Connections;
using Sift.Activities.Routines;
using Sift.Activities.Tests.Fixtures;
using Sift.Media.Legs;

namespace Sift.Activities.Tests.Commands;

/// <summary>What holds for every command.</summary>
public abstract class CommandTests
{
    /// <summary>JSON with every parameter set.</summary>
    protected abstract string Good { get; }

    /// <summary>JSON with several things wrong.</summary>
    protected abstract string Bad { get; }

    protected abstract IReadOnlyList<string> BadErrors { get; }

    [Fact]
    public void Takes_its_good_form()
    {
        var result = new RoutineParser(CommandCatalog.Instance).Parse($"[{Good}]");

        Assert.Empty(result.Errors);
        var command = Assert.Single(result.Commands);
        Assert.Equal(JsonNode.Parse(Good)!.AsObject().Count - 1, command.Arguments.Count);
        Assert.Equal(command.Command.Shape.Parameters.Count, command.Arguments.Count);
    }

    [Fact]
    public void Lists_everything_wrong_with_its_bad_form()
    {
        var result = new RoutineParser(CommandCatalog.Instance).Parse($"[{Bad}]");

        Assert.Equal(BadErrors, result.Errors.Select(static error => error.ToString()));
    }

    [Fact]
    public async Task Ends_when_the_caller_hangs_up_midway()
    {
        await using var bench = await UntilItRunsAsync("""{"name":"Say","text":"Never"}""");

        var connection = await bench.HangUpAsync();

        Assert.Equal(ConnectionStatus.Finished, connection.Status);
        Assert.Equal("Finished", (await bench.Storage.FindAsync(CallBench.CallId, default))!.SubStatus);
        Assert.DoesNotContain("Never", string.Concat(bench.Legs.All.OfType<PlayOnLeg>().SelectMany(static play => play.Sources)));
    }

    [Fact]
    public async Task Ends_when_the_caller_hangs_up_before_it_starts()
    {
        await using var bench = await CallBench.RunningAsync($$"""[{"name":"Say","text":"First"},{{Good}}]""");
        await bench.Legs.NextAsync<PlayOnLeg>();
        var before = bench.Legs.All.Count;

        await bench.HangUpAsync();

        Assert.All(bench.Legs.All.Skip(before), static command => Assert.IsType<StopPlayback>(command));
    }

    [Fact]
    public async Task Gives_way_to_a_routine_sent_meanwhile()
    {
        await using var bench = await UntilItRunsAsync("""{"name":"Say","text":"Never"}""");

        var replaced = await bench.Control.ReplaceRoutineAsync(CallBench.CallId, JsonNode.Parse("""[{"name":"Say","text":"Instead"}]""")!.AsArray(), default);

        Assert.True(replaced);
        await bench.SettleAsync();
        var spoken = bench.Legs.All.OfType<PlayOnLeg>().SelectMany(static play => play.Sources).OfType<SpeechSource>().Select(static speech => speech.Text).ToArray();
        Assert.Contains("Instead", spoken);
        Assert.DoesNotContain("Never", spoken);
    }

    [Fact]
    public async Task Reports_the_end_once_when_events_come_after_it()
    {
        await using var bench = await UntilItRunsAsync("""{"name":"HangUp"}""");

        await bench.HangUpAsync();
        bench.Press("1");
        bench.Tell(new LegEnded(bench.Leg, LegEndCause.Error, null, null));

        Assert.Single(bench.Storage.StatusesOf(CallBench.CallId), static status => status == ConnectionStatus.Finished);
    }

    /// <summary>A call in which the command runs and waits for something, with <paramref name="next"/> after it.</summary>
    private protected abstract Task<CallBench> UntilItRunsAsync(string next);
}
