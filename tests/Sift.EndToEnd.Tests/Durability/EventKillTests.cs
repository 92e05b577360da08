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
