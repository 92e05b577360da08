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
        await using var other = await SiftServer.StartAsync(
            ("Sift__Sandbox__Enabled", "true"), Unlimited, ("ConnectionStrings__Sift", database), ("Sift__Webhooks__AllowPrivateNetworks", "true"), ("Sift__DataDirectory", one.DataDirectory));
        await using var events = await EventStream.StartAsync(other, one);

        var placing = events.PlaceAsync(Calls);
        foreach (var share in new[] { 1, 2, 3 })
        {
            await events.KillAtAsync(Calls * share / 4, one);
        }

        await placing;
        await events.AssertTruthAsync(2 * Calls);
    }
}
