using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Sift.EndToEnd.Tests.Peers;

namespace Sift.EndToEnd.Tests.Durability;

/// <summary>
/// Thousands of short calls, each of which causes two events (connecting, failed: the sandbox number is busy), told to a receiver that answers after a
/// moment; servers are killed meanwhile. Afterwards what was told is held against what the servers have stored.
/// </summary>
internal sealed class EventStream : IAsyncDisposable
{
    private const string Busy = "+15550100002";
    private const int AtOnce = 24;

    // A request that was sent before a kill may have been taken from the socket, and be noted, a moment after it.
    private static readonly TimeSpan Before = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan After = TimeSpan.FromSeconds(1);

    private readonly CallbackReceiver receiver;
    private readonly SiftServer[] servers;
    private readonly ConcurrentDictionary<string, bool> accepted = new();
    private readonly ConcurrentDictionary<string, ConcurrentQueue<TimeSpan>> told = new();
    private readonly ConcurrentDictionary<(string Connection, string Status), ConcurrentDictionary<string, bool>> ids = new();
    private readonly List<TimeSpan> kills = [];
    private readonly Stopwatch clock = Stopwatch.StartNew();

    private EventStream(CallbackReceiver receiver, SiftServer[] servers)
    {
        this.receiver = receiver;
        this.servers = servers;
        receiver.Hear("status", NoteAsync);
    }

    /// <summary>Events that were told more than once.</summary>
    public int Repeated => told.Count(pair => pair.Value.Count > 1);

    public static async Task<EventStream> StartAsync(params SiftServer[] servers) => new(await CallbackReceiver.StartAsync(), servers);

    /// <summary>Places calls on all servers in turn until so many have been accepted in all, by whichever server is there.</summary>
    public async Task PlaceAsync(int calls)
    {
        var next = -1;
        await Task.WhenAll(Enumerable.Range(0, AtOnce).Select(async _ =>
        {
            while (accepted.Count < calls)
            {
                var server = servers[Interlocked.Increment(ref next) % servers.Length];
                try
                {
                    using var form = new FormUrlEncodedContent([KeyValuePair.Create("phone_number", Busy), KeyValuePair.Create("status_url", receiver.Url("status"))]);
                    using var response = await server.Api.PostAsync("connections", form);
                    if (response.IsSuccessStatusCode)
                    {
                        accepted[(string)JsonNode.Parse(await response.Content.ReadAsStringAsync())!["connection_id"]!] = true;
                    }
                }
                catch (Exception problem) when (problem is HttpRequestException or TaskCanceledException or IOException)
                {
                    // Killed; what it had accepted without saying so must be told as well, but nobody can ask after it here.
                    await Task.Delay(100);
                }
            }
        }));
    }

    /// <summary>Waits until so many calls were accepted, then kills a server in the middle of it all and starts it again.</summary>
    public async Task KillAtAsync(int calls, SiftServer server)
    {
        await Eventually.True(() => accepted.Count >= calls, TimeSpan.FromSeconds(120), () => $"{calls} calls are accepted, not {accepted.Count}\n{server.Output}");
        await server.KillAsync();
        lock (kills)
        {
            kills.Add(clock.Elapsed);
        }

        await server.RestartAsync();
    }

    /// <summary>Nothing accepted is lost, everything stored is told, and only what was under way at a kill is told twice, with the same id.</summary>
    public async Task AssertTruthAsync(int events)
    {
        await Eventually.True(
            () => accepted.Keys.All(id => ids.ContainsKey((id, "connecting")) && ids.ContainsKey((id, "failed"))),
            TimeSpan.FromSeconds(60),
            () => $"{accepted.Keys.Count(id => !ids.ContainsKey((id, "failed")))} of {accepted.Count} calls were never told as ended\n{servers[0].Output}");

        var stored = await StoredAsync();
        await Eventually.True(() => stored.All(told.ContainsKey), TimeSpan.FromSeconds(30), () => $"{stored.Count(id => !told.ContainsKey(id))} of {stored.Count} stored events were never told");
        Assert.True(stored.Count >= events, $"only {stored.Count} events");
        Assert.Equal(stored.Count, told.Count);
        Assert.All(ids, pair => Assert.True(pair.Value.Count == 1, $"{pair.Key} was told under {pair.Value.Count} ids"));
        var unexplained = told.Values.Count(times => times.Count > 1 && !kills.Exists(kill => times.First() > kill - Before && times.First() < kill + After));
        Assert.True(unexplained == 0, $"{unexplained} of {Repeated} repeated events were first told when no server was killed");
        Assert.True(Repeated > 0, "no kill came between sending and recording: the test has shown nothing");
    }

    public ValueTask DisposeAsync() => receiver.DisposeAsync();

    private async Task<IResult> NoteAsync(string? id, JsonObject body)
    {
        var connection = body["connection"]!;
        ids.GetOrAdd(((string)connection["connection_id"]!, (string)connection["status"]!), _ => new())[id!] = true;
        told.GetOrAdd(id!, _ => new()).Enqueue(clock.Elapsed);

        // Long enough that a kill finds answers outstanding.
        await Task.Delay(Random.Shared.Next(100, 400));
        return Results.Ok();
    }

    private async Task<HashSet<string>> StoredAsync()
    {
        var stored = new HashSet<string>();
        var next = "deliveries?limit=200";
        while (next is not null)
        {
            var page = await servers[0].GetAsync(next);
            foreach (var delivery in page["results"]!.AsArray())
            {
                stored.Add((string)delivery!["delivery_id"]!);
            }

            next = (string?)page["next"];
        }

        return stored;
    }
}
