using System.Collections.Concurrent;
using Microsoft.AspNetCore.Http;
using Sift.EndToEnd.Tests.Peers;
using Sift.Web.Tests.Testing;

namespace Sift.EndToEnd.Tests.Durability;

/// <summary>Ten thousand events, and servers that are killed while they store, send and record them.</summary>
[Collection(PostgresCollection.Name)]
public sealed class EventKillTests(PostgresServer postgres)
{
    private const int Calls = 5000;

    private static readonly (string, string?) Unlimited = ("Sift__Api__RequestsPerSecond", "100000");

    [Fact]
    public async Task Of_10000_events_none_is_lost_when_the_server_is_killed_again_and_again()
    {
        await using var server = await SiftServer.StartAsync(("Sift__Sandbox__Enabled", "true"), Unlimited);
        await using var events = await EventStream.StartAsync(server);

        var placing = events.PlaceAsync(Calls);
        foreach (var share in new[] { 1, 2, 3, 4 })
        {
            await events.KillAtAsync(Calls * share / 5, server);
        }

        await placing;
        await events.KillAtAsync(Calls, server);
        await events.AssertTruthAsync(2 * Calls);
    }

    [Fact]
    public async Task Of_10000_events_none_is_lost_and_each_is_sent_by_one_of_two_nodes_when_one_is_killed_and_comes_back()
    {
        var database = await postgres.NewDatabaseAsync();
        await using var one = await SiftServer.StartAsync(("Sift__Sandbox__Enabled", "true"), Unlimited, ("ConnectionStrings__Sift", database), ("Sift__Webhooks__AllowPrivateNetworks", "true"));
        var data = Directory.CreateTempSubdirectory("sift-e2e-node-").FullName;
        File.Copy(Path.Combine(one.DataDirectory, "seal.key"), Path.Combine(data, "seal.key"));
        await using var other = await SiftServer.StartAsync(
            ("Sift__Sandbox__Enabled", "true"), Unlimited, ("ConnectionStrings__Sift", database), ("Sift__Webhooks__AllowPrivateNetworks", "true"), ("Sift__DataDirectory", data));
        await using var events = await EventStream.StartAsync(other, one);

        var placing = events.PlaceAsync(Calls);
        foreach (var share in new[] { 1, 2, 3 })
        {
            await events.KillAtAsync(Calls * share / 4, one);
        }

        await placing;
        await events.AssertTruthAsync(2 * Calls);
        Directory.Delete(data, recursive: true);
    }

    [Fact]
    public async Task A_retry_is_made_by_the_node_that_is_left_and_once()
    {
        var database = await postgres.NewDatabaseAsync();
        await using var one = await SiftServer.StartAsync(("Sift__Sandbox__Enabled", "true"), ("ConnectionStrings__Sift", database), ("Sift__Webhooks__AllowPrivateNetworks", "true"));
        var data = Directory.CreateTempSubdirectory("sift-e2e-node-").FullName;
        File.Copy(Path.Combine(one.DataDirectory, "seal.key"), Path.Combine(data, "seal.key"));
        await using var other = await SiftServer.StartAsync(
            ("Sift__Sandbox__Enabled", "true"), ("ConnectionStrings__Sift", database), ("Sift__Webhooks__AllowPrivateNetworks", "true"), ("Sift__DataDirectory", data));
        await using var receiver = await CallbackReceiver.StartAsync();
        var times = new ConcurrentDictionary<string, int>();
        receiver.Hear("status", (id, _) => Task.FromResult(times.AddOrUpdate(id!, 1, static (_, n) => n + 1) == 1 ? Results.StatusCode(503) : Results.Ok()));

        // Four calls are eight events: not yet enough for their host to be left alone.
        for (var i = 0; i < 4; i++)
        {
            await one.PostFormAsync("connections", ("phone_number", "+15550100002"), ("status_url", receiver.Url("status")));
        }

        await Eventually.True(
            async () => (await one.GetAsync("deliveries?state=scheduled"))["results"]!.AsArray().Count + times.Values.Count(n => n > 1) >= 8,
            TimeSpan.FromSeconds(20),
            () => $"eight events wait for their second attempt\n{one.Output}");
        await one.KillAsync();

        await Eventually.True(() => times.Count == 8 && times.Values.All(n => n == 2), TimeSpan.FromSeconds(60), () => $"attempts: {string.Join(' ', times.Values)}\n{other.Output}");

        // The dead node's share is taken up, and no delivery has anything left to do.
        await Eventually.True(
            async () => other.Output.Contains("Took up what node", StringComparison.Ordinal) && (await other.GetAsync("deliveries?state=succeeded"))["results"]!.AsArray().Count == 8,
            TimeSpan.FromSeconds(60),
            () => $"all eight are recorded as told\n{other.Output}");
        Assert.All(times.Values, n => Assert.Equal(2, n));
        Directory.Delete(data, recursive: true);
    }

    [Fact]
    public async Task A_call_of_another_node_is_left_to_it_and_ends_with_it()
    {
        var database = await postgres.NewDatabaseAsync();
        await using var one = await SiftServer.StartAsync(("Sift__Sandbox__Enabled", "true"), ("ConnectionStrings__Sift", database));
        var data = Directory.CreateTempSubdirectory("sift-e2e-node-").FullName;
        File.Copy(Path.Combine(one.DataDirectory, "seal.key"), Path.Combine(data, "seal.key"));
        var call = (string)(await one.PostFormAsync("connections", ("phone_number", "+15550100001"), ("routine", """[{"name":"Pause","seconds":600}]""")))["connection_id"]!;
        await one.ConnectionInAsync(call, "connected");

        // A second node that starts is no reason to end what the first one does.
        await using var other = await SiftServer.StartAsync(("Sift__Sandbox__Enabled", "true"), ("ConnectionStrings__Sift", database), ("Sift__DataDirectory", data));
        Assert.Equal("connected", (string?)(await other.GetAsync($"connections/{call}"))["status"]);
        using var form = new FormUrlEncodedContent([KeyValuePair.Create("status", "finished")]);
        using var refused = await other.Api.PostAsync($"connections/{call}", form);
        Assert.Equal(System.Net.HttpStatusCode.Conflict, refused.StatusCode);
        Assert.Contains("is on node", await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);

        await one.KillAsync();

        await other.ConnectionInAsync(call, "finished", TimeSpan.FromSeconds(40));
        Assert.Contains("Took up what node", other.Output, StringComparison.Ordinal);
        Directory.Delete(data, recursive: true);
    }
}
