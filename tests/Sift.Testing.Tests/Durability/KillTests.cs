using Sift.Activities.Webhooks;
using Sift.Media.Legs;
using Sift.Workflows.Definitions;
using Sift.Workflows.Engine;

namespace Sift.Testing.Tests.Durability;

/// <summary>
/// kill -9 before and after every write of made-up calls, then a restart: whatever was cut off where, nothing is done twice, nothing that was
/// promised is lost, and everything ends.
/// </summary>
public sealed class KillTests
{
    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, int.TryParse(Environment.GetEnvironmentVariable("SIFT_KILL_SEEDS"), out var count) ? count : 12)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task Killed_at_any_write_a_call_repeats_no_effect_and_ends(int seed)
    {
        var whole = await RunAsync(seed, killAt: 0, after: false);
        Assert.True(whole.Writes > 3, $"{whole.Writes} writes");

        for (var write = 1; write <= whole.Writes; write++)
        {
            foreach (var after in new[] { false, true })
            {
                var killed = await RunAsync(seed, write, after);
                var where = $"seed {seed}, killed {(after ? "after" : "before")} write {write} of {whole.Writes}\n{killed.Transcript}\n";
                Assert.True(killed.WasKilled, where);
                Compare(whole, killed, where);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task A_made_up_call_replays_to_the_same_decisions(int seed)
    {
        await using var simulation = await PlayAsync(seed, static _ => { });

        foreach (var id in simulation.Storage.Instances)
        {
            Assert.Null(Replayer.Replay(simulation.Core, simulation.GraphOf(id), simulation.JournalOf(id)));
        }
    }

    private static void Compare(Run whole, Run killed, string where)
    {
        // A leg is dialled once, a prompt is played once, whoever asks for it.
        Assert.True(killed.Dials.Distinct().Count() == killed.Dials.Count, where + "dialled twice");
        Assert.True(killed.Plays.Distinct().Count() == killed.Plays.Count, where + "played twice");
        foreach (var (number, count) in killed.DialsTo)
        {
            Assert.True(count <= whole.DialsTo.GetValueOrDefault(number), where + $"{number} was dialled {count} times, {whole.DialsTo.GetValueOrDefault(number)} without the kill");
        }

        // The same thing is never told under two ids, and one id never tells two things.
        foreach (var (thing, ids) in killed.Told)
        {
            Assert.True(ids.Count <= Math.Max(1, whole.Told.GetValueOrDefault(thing)?.Count ?? 0), where + $"{thing} was told under {string.Join(", ", ids)}");
        }

        Assert.All(killed.Bodies, body => Assert.True(body.Value.Count == 1, where + $"{body.Key} told {string.Join(" and ", body.Value)}"));

        Assert.True(killed.Unfinished.Count == 0, where + "instances that do not end: " + string.Join(", ", killed.Unfinished));
        Assert.True(killed.OpenConnections.Count == 0, where + "connections that stay open: " + string.Join(", ", killed.OpenConnections));
        Assert.True(killed.OpenDeliveries.Count == 0, where + "deliveries left: " + string.Join(", ", killed.OpenDeliveries));

        // Without a phone that was cut off, or a call that may have been dialled and so was not dialled again, it goes on to the very same end.
        var mayDiffer = killed.Transcript.Contains("the server is gone", StringComparison.Ordinal) || killed.Dials.Count < whole.Dials.Count;
        Assert.All(killed.Ends, end => Assert.True(mayDiffer || end.Value.EndsWith("server restarted", StringComparison.Ordinal) || !whole.Ends.TryGetValue(end.Key, out var same) || same == end.Value, where + $"{end.Key} ended as {end.Value}, {whole.Ends.GetValueOrDefault(end.Key)} without the kill"));
    }

    private static async Task<Run> RunAsync(int seed, int killAt, bool after)
    {
        var writes = 0;
        var wasKilled = false;
        await using var simulation = await PlayAsync(seed, made => made.Storage.OnWrite = isDurable =>
        {
            if (isDurable != after || wasKilled)
            {
                return;
            }

            writes++;
            if (writes == killAt)
            {
                wasKilled = true;
                made.Kill();
            }
        });
        return await LookAsync(simulation, writes, wasKilled);
    }

    private static async Task<Simulation> PlayAsync(int seed, Action<Simulation> prepare)
    {
        var generated = new GeneratedCall(seed);
        var simulation = generated.Build();
        prepare(simulation);
        var caller = generated.Caller();
        if (generated.IsOutgoing)
        {
            simulation.Phone("+15553334444").Answers(caller);
            await simulation.PlaceCallAsync("+15553334444");
        }
        else
        {
            await simulation.CallAsync(script: caller);
        }

        if (simulation.IsRunning)
        {
            await simulation.FinishAsync();
        }

        if (!simulation.IsRunning)
        {
            await simulation.RestartAsync();
            await simulation.FinishAsync();
        }

        return simulation;
    }

    private static async Task<Run> LookAsync(Simulation simulation, int writes, bool wasKilled)
    {
        var unfinished = new List<string>();
        await foreach (var summary in simulation.Storage.Journal.UnfinishedAsync(default))
        {
            unfinished.Add($"{summary.InstanceId} {summary.SubStatus}");
        }

        var commands = simulation.Network.Commands;
        var told = new Dictionary<string, HashSet<string>>();
        var bodies = new Dictionary<string, HashSet<string>>();
        foreach (var request in simulation.Requests)
        {
            var id = request.WebhookId ?? request.Headers["Idempotency-Key"];
            var thing = $"{request.Kind} {request.Url} {request.Content}";
            (told.TryGetValue(thing, out var ids) ? ids : told[thing] = []).Add(id);
            (bodies.TryGetValue(id, out var things) ? things : bodies[id] = []).Add(thing);
        }

        return new Run(
            writes,
            wasKilled,
            [.. commands.OfType<DialLeg>().Select(dial => dial.Leg.Value)],
            commands.OfType<DialLeg>().GroupBy(dial => dial.Destination).ToDictionary(group => group.Key, group => group.Count()),
            [.. commands.OfType<PlayOnLeg>().Select(play => $"{play.Leg.Value} {play.Playback.Value} {string.Concat(play.Sources)}").Where(play => !play.Contains("bg:", StringComparison.Ordinal))],
            told,
            bodies,
            unfinished,
            [.. simulation.Storage.Connections.Where(row => row.EndTime is null).Select(row => row.Id)],
            [.. simulation.Storage.Deliveries.Where(delivery => delivery.State is DeliveryState.Pending or DeliveryState.Scheduled).Select(delivery => $"{delivery.Id} {delivery.Kind} {delivery.State}")],
            simulation.Storage.Connections.Where(row => row.ParentId is null).ToDictionary(row => row.Id, row => $"{row.Status} {row.Failure} {row.EndReason}"),
            simulation.Transcript);
    }

    private sealed record Run(
        int Writes,
        bool WasKilled,
        IReadOnlyList<string> Dials,
        Dictionary<string, int> DialsTo,
        IReadOnlyList<string> Plays,
        Dictionary<string, HashSet<string>> Told,
        Dictionary<string, HashSet<string>> Bodies,
        IReadOnlyList<string> Unfinished,
        IReadOnlyList<string> OpenConnections,
        IReadOnlyList<string> OpenDeliveries,
        Dictionary<string, string> Ends,
        string Transcript);
}
