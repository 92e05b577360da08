using Sift.Activities.Connections;
using Sift.Activities.Webhooks;
using Sift.Web.Storage;
using Sift.Web.Storage.Nodes;
using Sift.Web.Tests.Testing;
using Sift.Workflows.Journal;

namespace Sift.Web.Tests.Storage;

/// <summary>Two nodes on one PostgreSQL database: what one owns the other leaves alone, until it is dead.</summary>
[Collection(PostgresCollection.Name)]
public sealed class NodeTests(PostgresServer server) : IAsyncLifetime
{
    private static readonly DateTimeOffset At = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    private TestStorage a = null!;
    private TestStorage b = null!;

    private IDeliveryStore DeliveriesOfA => a.Get<IDeliveryStore>();

    private IDeliveryStore DeliveriesOfB => b.Get<IDeliveryStore>();

    public async Task InitializeAsync()
    {
        a = await TestStorage.OpenAsync(await server.NewDatabaseAsync());
        b = await TestStorage.OpenAsync(a.ConnectionString);
        await a.Get<NodeLease>().StartAsync(default);
        await b.Get<NodeLease>().StartAsync(default);
    }

    public async Task DisposeAsync()
    {
        await a.DisposeAsync();
        await b.DisposeAsync();
    }

    [Fact]
    public async Task A_delivery_belongs_to_the_node_that_stored_it()
    {
        await DeliveriesOfA.AddAsync(Delivery("d"), default);

        Assert.Null(await DeliveriesOfB.ClaimAsync("d", default));
        Assert.NotNull(await DeliveriesOfA.ClaimAsync("d", default));
        Assert.Empty(await DeliveriesOfB.OwnedAsync(default).ToListAsync());
        Assert.Empty(await DeliveriesOfB.OverdueAsync(At.AddDays(1), 10, default));
    }

    [Fact]
    public async Task An_event_that_waits_for_its_next_attempt_is_claimed_by_exactly_one()
    {
        for (var i = 0; i < 20; i++)
        {
            var delivery = Delivery($"d{i}");
            await DeliveriesOfA.AddAsync(delivery, default);
            await DeliveriesOfA.RecordAsync(delivery with { State = DeliveryState.Scheduled, Attempts = 1, NextAttemptAt = At }, Attempt(delivery.Id), default);

            var claims = await Task.WhenAll(Task.Run(() => DeliveriesOfA.ClaimAsync(delivery.Id, default).AsTask()), Task.Run(() => DeliveriesOfB.ClaimAsync(delivery.Id, default).AsTask()));

            Assert.Single(claims, claim => claim is not null);
        }
    }

    [Fact]
    public async Task Events_that_wait_for_a_host_are_taken_by_one_node_each()
    {
        for (var i = 0; i < 40; i++)
        {
            var delivery = Delivery($"w{i}");
            await DeliveriesOfA.AddAsync(delivery, default);
            await DeliveriesOfA.SaveAsync(delivery with { State = DeliveryState.Scheduled, NextAttemptAt = null, WaitsFor = "h" }, default);
        }

        var taken = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Task.Run(async () => await (i % 2 == 0 ? DeliveriesOfA : DeliveriesOfB).TakeWaitingAsync("h", DateTimeOffset.MaxValue, 7, default))));
        var rest = await DeliveriesOfA.TakeWaitingAsync("h", DateTimeOffset.MaxValue, 40, default);

        Assert.Equal(40, taken.SelectMany(static page => page).Concat(rest).Select(static delivery => delivery.Id).ToHashSet().Count);
        Assert.Equal(40, taken.Sum(static page => page.Count) + rest.Count);
    }

    [Fact]
    public async Task Whoever_has_lost_a_delivery_changes_it_no_more()
    {
        await DeliveriesOfA.AddAsync(Delivery("d"), default);
        await b.InheritAsync(a);
        await DeliveriesOfB.RecordAsync(Delivery("d") with { State = DeliveryState.Succeeded, Attempts = 1 }, Attempt("d"), default);

        await DeliveriesOfA.SaveAsync(Delivery("d") with { State = DeliveryState.Scheduled, Attempts = 7 }, default);

        Assert.Equal((DeliveryState.Succeeded, 1), await StateAsync("d"));
    }

    [Fact]
    public async Task A_delivery_that_is_done_can_be_sent_again_by_any_node_and_one_under_way_by_none_other()
    {
        await DeliveriesOfA.AddAsync(Delivery("done") with { State = DeliveryState.Dead }, default);
        await DeliveriesOfA.AddAsync(Delivery("busy") with { Attempts = 3 }, default);

        await DeliveriesOfB.ReopenAsync(Delivery("done"), default);
        await DeliveriesOfB.ReopenAsync(Delivery("busy"), default);

        Assert.NotNull(await DeliveriesOfB.ClaimAsync("done", default));
        Assert.Null(await DeliveriesOfA.ClaimAsync("done", default));
        Assert.Null(await DeliveriesOfB.ClaimAsync("busy", default));
        Assert.Equal(3, (await DeliveriesOfA.ClaimAsync("busy", default))!.Attempts);
    }

    [Fact]
    public async Task An_instance_is_appended_to_by_its_owner_only()
    {
        await a.Get<IJournalStore>().AppendAsync(Append("i", 1), default);

        await Assert.ThrowsAsync<JournalConflictException>(async () => await b.Get<IJournalStore>().AppendAsync(Append("i", 2), default));
        await b.InheritAsync(a);
        await Assert.ThrowsAsync<JournalConflictException>(async () => await a.Get<IJournalStore>().AppendAsync(Append("i", 2), default));
        await b.Get<IJournalStore>().AppendAsync(Append("i", 2), default);
    }

    [Fact]
    public async Task A_finished_instance_goes_on_wherever_it_is_retried()
    {
        var finished = Append("i", 1);
        await a.Get<IJournalStore>().AppendAsync(finished with { Summary = finished.Summary with { FinishedAt = At } }, default);

        await b.Get<IJournalStore>().AppendAsync(Append("i", 2), default);

        await Assert.ThrowsAsync<JournalConflictException>(async () => await a.Get<IJournalStore>().AppendAsync(Append("i", 3), default));
    }

    [Fact]
    public async Task The_estate_of_a_living_node_is_not_found_and_that_of_a_dead_one_by_one_heir()
    {
        await CloseFormerAsync();
        Assert.Null(await b.Get<NodeEstates>().FindAsync(default));
        await ExpireAsync(a);
        await using var c = await TestStorage.OpenAsync(a.ConnectionString);
        await c.Get<NodeLease>().StartAsync(default);

        var dead = a.Get<Node>().Id;
        Assert.Equal(dead, await b.Get<NodeEstates>().FindAsync(default));
        Assert.Null(await c.Get<NodeEstates>().FindAsync(default));

        // An heir that dies before it is through is followed by another.
        await ExpireAsync(b);
        var found = new List<string> { (await c.Get<NodeEstates>().FindAsync(default))!, (await c.Get<NodeEstates>().FindAsync(default))! };
        await c.Get<NodeEstates>().CloseAsync(dead, default);
        Assert.Contains(dead, found);
        Assert.Equal(b.Get<Node>().Id, await c.Get<NodeEstates>().FindAsync(default));
    }

    [Fact]
    public async Task An_heir_owns_what_was_unfinished_and_nothing_else()
    {
        await a.Get<IJournalStore>().AppendAsync(Append("live", 1, Connection("live")), default);
        var finished = Append("over", 1, Connection("over"));
        await a.Get<IJournalStore>().AppendAsync(finished with { Summary = finished.Summary with { FinishedAt = At } }, default);
        await b.Get<IJournalStore>().AppendAsync(Append("own", 1, Connection("own")), default);
        await DeliveriesOfA.AddAsync(Delivery("open"), default);
        await DeliveriesOfA.AddAsync(Delivery("done") with { State = DeliveryState.Succeeded }, default);

        Assert.Equal(["live", "over"], (await b.Get<ConnectionStore>().OpenOfAsync(a.Get<Node>().Id, default)).Select(connection => connection.Id));
        await b.InheritAsync(a);

        Assert.Equal(["live", "own"], await b.Get<NodeEstates>().InstancesAsync(default));
        Assert.Equal(["open"], (await DeliveriesOfB.OwnedAsync(default).ToListAsync()).Select(key => key.Id));
    }

    [Fact]
    public async Task A_node_that_has_an_heir_cannot_come_back()
    {
        await CloseFormerAsync();
        var lease = a.Get<NodeLease>();
        Assert.True(await lease.RenewAsync(default));
        await ExpireAsync(a);
        await b.Get<NodeEstates>().FindAsync(default);

        Assert.False(await lease.RenewAsync(default));
        Assert.False(lease.IsHeld);
    }

    [Fact]
    public async Task A_node_that_stops_in_good_order_leaves_its_estate_at_once()
    {
        await CloseFormerAsync();
        await a.Get<NodeLease>().StopAsync(default);

        Assert.Equal(a.Get<Node>().Id, await b.Get<NodeEstates>().FindAsync(default));
    }

    // What a version without nodes left is an estate as well; here it is empty.
    private async Task CloseFormerAsync()
    {
        Assert.Equal("", await b.Get<NodeEstates>().FindAsync(default));
        await b.Get<NodeEstates>().CloseAsync("", default);
    }

    private static async Task ExpireAsync(TestStorage storage)
    {
        await using var connection = await storage.Get<Database>().OpenAsync(default);
        await connection.ExecuteAsync("UPDATE nodes SET expires_at = 1 WHERE id = $1", default, storage.Get<Node>().Id);
    }

    private async Task<(DeliveryState State, int Attempts)> StateAsync(string id)
    {
        var delivery = await DeliveriesOfB.FindAsync(id, default);
        return (delivery!.State, delivery.Attempts);
    }

    private static Delivery Delivery(string id) => new(id, "account", "c1", null, "status", "https://a.example", "{}"u8.ToArray(), DeliveryMode.Event, At) { NextAttemptAt = At };

    private static DeliveryAttempt Attempt(string id) => new(id, 1, At, TimeSpan.FromMilliseconds(3), 503, "HTTP 503", null);

    private static Connection Connection(string id) => new(id, "account", "+15550100200", "+15550100300", "outgoing", ConnectionStatus.Connected, At);

    private static JournalAppend Append(string id, long sequence, params object[] rows) => new(
        id, [new JournalEntry(id, sequence, At, "kind", "{}"u8.ToArray())], new InstanceSummary(id, "flow", "v1", 1, null, null, "Running", "Executing", 0, sequence, At, At, null), rows);
}
