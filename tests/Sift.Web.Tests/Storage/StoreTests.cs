using Microsoft.EntityFrameworkCore;
using Sift.Activities.Connections;
using Sift.Activities.Webhooks;
using Sift.Testing;
using Sift.Web.Storage;
using Sift.Web.Storage.GroupCommit;
using Sift.Web.Tests.Testing;
using Sift.Workflows.Journal;
using static Sift.Web.Tests.Storage.StoredRows;

namespace Sift.Web.Tests.Storage;

/// <summary>What the stores beside the journal must do, on each database.</summary>
public abstract class StoreTests : IAsyncLifetime
{
    private TestStorage storage = null!;

    protected abstract Task<string> NewDatabaseAsync();

    public async Task InitializeAsync() => storage = await TestStorage.OpenAsync(await NewDatabaseAsync());

    public async Task DisposeAsync() => await storage.DisposeAsync();

    [Fact]
    public async Task Rows_attached_to_an_append_are_written_with_it()
    {
        var connection = Connection("c1") with { ClientData = System.Text.Json.Nodes.JsonNode.Parse("""{"a":[1,"ü"]}"""), SipStatus = 486, Failure = "busy", StartTime = At };
        await storage.Get<IJournalStore>().AppendAsync(Append("c1", 1, connection, Delivery("d1")), default);
        var found = await storage.Get<IConnectionStore>().FindAsync("c1", default);
        Assert.Equal(connection with { ClientData = null }, found! with { ClientData = null });
        Assert.Equal("""{"a":[1,"ü"]}""", found.ClientData!.ToJsonString(new(System.Text.Json.JsonSerializerDefaults.Web) { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }));
        Assert.NotNull(await storage.Get<IDeliveryStore>().FindAsync("d1", default));
    }

    [Fact]
    public async Task A_server_by_itself_is_one_that_delivers()
        => Assert.Equal(1, await new Sift.Web.Deliveries.DeliveryList(storage.Get<Database>()).NodesAsync(default));

    [Fact]
    public async Task A_recording_is_found_by_either_connection_and_ends_and_goes()
    {
        var store = storage.Get<RecordingStore>();
        var under = new RecordingRow("r1", "a", "c1", "c2", At, 8000, null, null, null);
        await store.AddAsync(under, default);
        await store.AddAsync(under with { Id = "r2", ConnectionId = "c9", WithConnectionId = null, StartedAt = At.AddSeconds(1) }, default);
        Assert.Equal(under, await store.FindAsync("r1", default));
        Assert.Empty(await store.OlderAsync(At.AddDays(1), 10, default));

        await store.EndAsync("r1", TimeSpan.FromSeconds(2), 32_044, "cut off", default);

        var ended = under with { Duration = TimeSpan.FromSeconds(2), Bytes = 32_044, Error = "cut off" };
        Assert.Equal([ended], await store.OfConnectionAsync("a", "c2", default));
        Assert.Empty(await store.OfConnectionAsync("b", "c2", default));
        Assert.Equal(["r2", "r1"], (await store.ListAsync("a", null, new PageRequest(10, null, false), default)).Select(row => row.Id));
        Assert.Equal([ended], await store.OlderAsync(At.AddDays(1), 10, default));
        await store.RemoveAsync("r1", default);
        Assert.Null(await store.FindAsync("r1", default));
    }

    [Fact]
    public async Task Connections_are_found_by_part_of_a_number_failure_parent_and_day()
    {
        await storage.Get<IJournalStore>().AppendAsync(
            Append("s1", 1, Connection("s1") with { From = "+15550100_7", Status = ConnectionStatus.Failed, Failure = "busy" }, Connection("s2") with { To = "webrtc:anna", ParentId = "s1", CreatedAt = At.AddDays(2) }), default);

        Assert.Equal(["s1"], await IdsAsync(ConnectionFilter.None with { Party = "100_7" }));
        Assert.Empty(await IdsAsync(ConnectionFilter.None with { Party = "100%" }));
        Assert.Equal(["s1"], await IdsAsync(ConnectionFilter.None with { Number = "+15550100_7" }));
        Assert.Equal(["s2", "s1"], await IdsAsync(ConnectionFilter.None with { Party = "+1555" }));
        Assert.Equal(["s2"], await IdsAsync(ConnectionFilter.None with { Party = "anna" }));
        Assert.Equal(["s1"], await IdsAsync(ConnectionFilter.None with { Failure = "busy" }));
        Assert.Equal(["s2"], await IdsAsync(ConnectionFilter.None with { ParentId = "s1" }));
        Assert.Equal(["s2"], await IdsAsync(ConnectionFilter.None with { After = At.AddDays(1) }));
        Assert.Equal(["s1"], await IdsAsync(ConnectionFilter.None with { Before = At.AddDays(1) }));

        async Task<string[]> IdsAsync(ConnectionFilter filter) => [.. (await storage.Get<ConnectionStore>().ListAsync(Connection("x").AccountId, filter, new PageRequest(10, null, false), default)).Rows.Select(row => row.Id)];
    }

    [Fact]
    public async Task Registrations_of_phones_come_back_until_they_expire_or_leave()
    {
        var store = storage.Get<RegistrationStore>();
        var desk = RegistrationStoreTests.Registration("+15550000001", 4) with { Preference = 0.5 };
        var gone = RegistrationStoreTests.Registration("+15550000002", 1);
        var late = RegistrationStoreTests.Registration("+15550000003", 1) with { ExpiresAt = TimeProvider.System.GetUtcNow().AddSeconds(-1) };
        store.Keep(desk.Number, [desk with { Sequence = 3 }]);
        store.Keep(gone.Number, [gone]);
        await store.Written;
        store.Keep(desk.Number, [desk]);
        store.Keep(gone.Number, []);
        store.Keep(late.Number, [late]);
        await store.Written;

        Assert.Equal([desk], await store.LoadAsync(default));
        Assert.Equal(2, await storage.Get<RetentionSweep>().SweepAsync(default));
        Assert.Equal([desk], await store.LoadAsync(default));
    }

    [Fact]
    public async Task Flows_are_listed_by_account_state_and_text_and_stay_readable_while_calls_refer_to_them()
    {
        var store = storage.Get<DefinitionStore>();
        await store.SaveAsync([Flow("v1", "flow", 1, latest: false), Flow("v2", "flow", 2, latest: true), Flow("w1", "other", 1, latest: true, account: "b")], default);
        await storage.Get<IJournalStore>().AppendAsync(Append("i1", 1) with { Summary = Summary("i1") with { DefinitionId = "flow", DefinitionVersionId = "v1" } }, default);

        Assert.Equal(["v2"], await IdsAsync(new DefinitionQuery { Versions = VersionSelection.Latest }));
        Assert.Equal(["v2", "v1"], await IdsAsync(new DefinitionQuery { DefinitionIds = ["flow"], Order = DefinitionOrder.Version }));
        Assert.Equal(["v2"], await IdsAsync(new DefinitionQuery { Versions = VersionSelection.Draft, Search = "NAME OF fl" }));
        Assert.Empty(await IdsAsync(new DefinitionQuery { Search = "100%_" }));
        Assert.False(await store.IsNameFreeAsync("a", "name of FLOW", null, default));
        Assert.True(await store.IsNameFreeAsync("a", "name of flow", "flow", default));

        await store.DeleteAsync(["v1", "v2"], default);
        Assert.Equal(["v1"], await IdsAsync(new DefinitionQuery { Ids = ["v1", "v2"] }));
        Assert.Empty(await store.VersionsAsync("flow", default));
        Assert.NotNull(await store.FindVersionAsync("v1", default));

        async Task<string[]> IdsAsync(DefinitionQuery query) => [.. (await store.ListAsync("a", query, default)).Rows.Select(row => row.Id)];
    }

    [Fact]
    public async Task Rows_of_a_refused_append_are_not_written()
    {
        var journal = storage.Get<IJournalStore>();
        await journal.AppendAsync(Append("i", 1), default);
        await Assert.ThrowsAsync<JournalConflictException>(async () => await journal.AppendAsync(Append("i", 1, Connection("refused"), Delivery("refused")), default));
        Assert.Null(await storage.Get<IConnectionStore>().FindAsync("refused", default));
        Assert.Null(await storage.Get<IDeliveryStore>().FindAsync("refused", default));
    }

    [Fact]
    public async Task A_row_of_an_unknown_kind_is_refused_before_anything_is_written()
    {
        await Assert.ThrowsAsync<ArgumentException>(async () => await storage.Get<IJournalStore>().AppendAsync(Append("i", 1, "a string"), default));
        Assert.Null(await storage.Get<IJournalStore>().FindAsync("i", default));
    }

    [Fact]
    public async Task A_connection_row_follows_its_changes()
    {
        var rows = storage.Get<IConnectionRows>();
        await rows.SaveAsync([Connection("c"), Connection("c") with { Status = ConnectionStatus.Connected, StartTime = At }], default);
        Assert.Equal(ConnectionStatus.Connected, (await storage.Get<IConnectionStore>().FindAsync("c", default))!.Status);
        Assert.Equal("c", Assert.Single(await storage.Get<ConnectionStore>().OpenOfAsync("anybody", default)).Id);
    }

    [Fact]
    public async Task A_delivery_written_again_keeps_what_its_attempts_have_recorded()
    {
        var deliveries = storage.Get<IDeliveryStore>();
        await deliveries.AddAsync(Delivery("d"), default);
        var after = Delivery("d") with { State = DeliveryState.Succeeded, Attempts = 1 };
        var attempt = new DeliveryAttempt("d", 1, At, TimeSpan.FromMilliseconds(12.5), 200, null, "{}");
        await deliveries.RecordAsync(after, attempt, default);
        await deliveries.AddAsync(Delivery("d"), default);
        var found = await deliveries.FindAsync("d", default);
        Assert.Equal(DeliveryState.Succeeded, found!.State);
        Assert.Equal("{\"x\":1}"u8.ToArray(), found.Body.ToArray());
        Assert.Equal([attempt], await deliveries.AttemptsAsync("d", default));
    }

    [Fact]
    public async Task Deliveries_that_are_left_to_do_come_oldest_first()
    {
        var deliveries = storage.Get<IDeliveryStore>();
        await deliveries.AddAsync(Delivery("young") with { CreatedAt = At.AddSeconds(1), State = DeliveryState.Scheduled, NextAttemptAt = At.AddHours(1) }, default);
        await deliveries.AddAsync(Delivery("old"), default);
        await deliveries.AddAsync(Delivery("done") with { State = DeliveryState.Succeeded }, default);
        await deliveries.AddAsync(Delivery("dead") with { State = DeliveryState.Dead }, default);
        var found = await deliveries.OwnedAsync(default).ToListAsync();

        Assert.Equal(["old", "young"], found.Select(key => key.Id));
        Assert.Equal("c1", found[0].ConnectionId);
    }

    [Fact]
    public async Task A_delivery_is_overdue_when_its_time_has_passed_and_it_is_open()
    {
        var deliveries = storage.Get<IDeliveryStore>();
        await deliveries.AddAsync(Delivery("late") with { State = DeliveryState.Scheduled, NextAttemptAt = At }, default);
        await deliveries.AddAsync(Delivery("early") with { State = DeliveryState.Scheduled, NextAttemptAt = At.AddSeconds(1) }, default);
        await deliveries.AddAsync(Delivery("held") with { State = DeliveryState.Scheduled, NextAttemptAt = null }, default);
        await deliveries.AddAsync(Delivery("dead") with { State = DeliveryState.Dead, NextAttemptAt = At }, default);

        Assert.Equal(["late"], (await deliveries.OverdueAsync(At.AddSeconds(1), 10, default)).Select(key => key.Id));
    }

    [Fact]
    public async Task Events_that_wait_for_a_host_lie_there_until_they_are_taken_oldest_first()
    {
        var deliveries = storage.Get<IDeliveryStore>();
        string[] hosts = ["a.example", "b.example:8443", "b.example:8443", "b.example:8443"];
        for (var i = 0; i < hosts.Length; i++)
        {
            var delivery = Delivery($"w{i}") with { CreatedAt = At.AddSeconds(-i) };
            await deliveries.AddAsync(delivery, default);
            await deliveries.SaveAsync(delivery with { State = DeliveryState.Scheduled, NextAttemptAt = null, WaitsFor = hosts[i] }, default);
        }

        Assert.Equal(["a.example", "b.example:8443"], await deliveries.AwaitedHostsAsync(default));
        Assert.Empty(await deliveries.OwnedAsync(default).ToListAsync());
        Assert.Empty(await deliveries.OverdueAsync(DateTimeOffset.MaxValue, 10, default));
        Assert.Empty(await new Sift.Web.Deliveries.DeliveryList(storage.Get<Database>()).HeldAsync("account", "a.example", default));

        Assert.Equal(["w3", "w2"], (await deliveries.TakeWaitingAsync("b.example:8443", At.AddSeconds(-1), 10, default)).Select(static delivery => delivery.Id));
        Assert.Empty(await deliveries.TakeWaitingAsync("b.example:8443", At.AddSeconds(-1), 10, default));
        var last = Assert.Single(await deliveries.TakeWaitingAsync("b.example:8443", DateTimeOffset.MaxValue, 10, default));
        Assert.Equal(("w1", (string?)null), (last.Id, last.WaitsFor));
        Assert.Equal(["a.example"], await deliveries.AwaitedHostsAsync(default));

        // Whoever took them and could not send them finds them again.
        Assert.Equal(["w3", "w2", "w1"], (await deliveries.OverdueAsync(DateTimeOffset.MaxValue, 10, default)).Select(static key => key.Id));
    }

    [Fact]
    public async Task Retention_removes_what_is_old_and_finished_only()
    {
        var old = DateTimeOffset.UnixEpoch;
        var deliveries = storage.Get<IDeliveryStore>();
        await deliveries.AddAsync(Delivery("done") with { CreatedAt = old, State = DeliveryState.Succeeded }, default);
        await deliveries.AddAsync(Delivery("waiting") with { CreatedAt = old, State = DeliveryState.Scheduled }, default);
        await storage.Get<IConnectionRows>().SaveAsync([Connection("ended") with { Status = ConnectionStatus.Finished, EndTime = old }, Connection("up")], default);
        Assert.Equal(2, await storage.Get<RetentionSweep>().SweepAsync(default));
        Assert.Null(await deliveries.FindAsync("done", default));
        Assert.NotNull(await deliveries.FindAsync("waiting", default));
        Assert.NotNull(await storage.Get<IConnectionStore>().FindAsync("up", default));
    }

    [Fact]
    public async Task Retention_lets_go_of_keys_after_a_day_and_of_registrations_when_they_expire()
    {
        var time = new VirtualTime(At.AddHours(25));
        await using var connection = await storage.Get<Database>().OpenAsync(default);
        foreach (var (key, createdAt) in new[] { ("old", At), ("new", At.AddHours(2)) })
        {
            await connection.ExecuteAsync(
                "INSERT INTO idempotency_keys (account_id, route, idempotency_key, body_hash, resource_id, owner, created_at) VALUES ('a', 'calls', $1, 'h', 'r', 'o', $2)", default, key, createdAt.UtcTicks);
        }

        foreach (var (number, expiresAt) in new[] { ("gone", At.AddHours(24)), ("there", At.AddHours(26)) })
        {
            await connection.ExecuteAsync("INSERT INTO registrations (number, bindings, expires_at) VALUES ($1, '[]', $2)", default, number, expiresAt.UtcTicks);
        }

        var sweep = new RetentionSweep(
            storage.Get<Database>(), storage.Get<IJournalStore>(), storage.Get<GroupCommitWriter>(), new RetentionOptions(), time, Microsoft.Extensions.Logging.Abstractions.NullLogger<RetentionSweep>.Instance);

        Assert.Equal(2, await sweep.SweepAsync(default));
        Assert.Equal("new", await OneAsync("SELECT idempotency_key FROM idempotency_keys"));
        Assert.Equal("there", await OneAsync("SELECT number FROM registrations"));

        async Task<object?> OneAsync(string sql)
        {
            await using var command = connection.Command(sql);
            return await command.ExecuteScalarAsync();
        }
    }

    [Fact]
    public async Task Retention_goes_in_small_steps_between_which_calls_are_written()
    {
        const int Old = (3 * RetentionSweep.Batch) + 1;
        var time = new VirtualTime(At.AddDays(40));
        var journal = storage.Get<IJournalStore>();
        for (var i = 0; i < Old; i++)
        {
            await journal.AppendAsync(Append($"old{i}", 1) with { Summary = Summary($"old{i}") with { Status = "Finished", SubStatus = "Finished", FinishedAt = At.AddSeconds(i) } }, default);
        }

        await journal.AppendAsync(Append("recent", 1) with { Summary = Summary("recent") with { Status = "Finished", SubStatus = "Finished", FinishedAt = At.AddDays(11) } }, default);
        await journal.AppendAsync(Append("call", 1), default);
        var sweep = new RetentionSweep(
            storage.Get<Database>(), journal, storage.Get<GroupCommitWriter>(), new RetentionOptions { JournalDays = 30 }, time, Microsoft.Extensions.Logging.Abstractions.NullLogger<RetentionSweep>.Instance);

        var sweeping = sweep.SweepAsync(default).AsTask();
        var pauses = 0L;
        while (!sweeping.IsCompleted)
        {
            if (time.NextDue is null)
            {
                await Task.Yield();
                continue;
            }

            // The sweep waits, so nothing but this can be what is written.
            await journal.AppendAsync(Append("call", ++pauses + 1), default);
            Assert.NotNull(await journal.FindAsync($"old{Old - 1}", default));
            time.Advance(RetentionSweep.Pause);
        }

        Assert.Equal(Old, await sweeping);
        Assert.Equal(3, pauses);
        Assert.Null(await journal.FindAsync("old0", default));
        Assert.Null(await journal.FindAsync($"old{Old - 1}", default));
        Assert.Empty(await journal.ReadAsync("old0", 1, default).ToListAsync());
        Assert.NotNull(await journal.FindAsync("recent", default));
        Assert.Equal(4, (await journal.FindAsync("call", default))!.LastSequence);
    }

    [Fact]
    public async Task Migrating_again_changes_nothing_and_a_newer_database_is_refused()
    {
        await using var again = await TestStorage.OpenAsync(storage.ConnectionString);
        await using var connection = await storage.Get<Database>().OpenAsync(default);
        await connection.ExecuteAsync("INSERT INTO schema_version (version, name, applied_at) VALUES (9999, 'future', 0)", default);
        Assert.Contains("newer", (await Assert.ThrowsAsync<InvalidOperationException>(async () => await TestStorage.OpenAsync(storage.ConnectionString))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Configuration_rows_come_back_as_they_were()
    {
        var account = new AccountRow { Id = "00112233445566aa", Name = "a", SealedToken = [1, 2, 3], Enabled = true, CreatedAt = At };
        var factory = storage.Get<IDbContextFactory<SiftDbContext>>();
        await using (var context = await factory.CreateDbContextAsync())
        {
            context.Accounts.Add(account);
            context.Applications.Add(new ApplicationRow { Id = "00112233445566bb", AccountId = account.Id, Name = "app", Answer = "immediately", CreatedAt = At, UpdatedAt = At });
            context.PhoneNumbers.Add(new PhoneNumberRow { Number = "+15550100200", AccountId = account.Id, ApplicationId = "00112233445566bb", CreatedAt = At });
            await context.SaveChangesAsync();
        }

        var directory = storage.Get<INumberDirectory>();
        Assert.Equal("00112233445566bb", (await directory.FindByNumberAsync("+15550100200", default))!.ApplicationId);
        Assert.Equal("+15550100200", await directory.FirstNumberAsync(account.Id, default));
        await using (var context = await factory.CreateDbContextAsync())
        {
            var read = await context.Accounts.SingleAsync();
            Assert.Equal((account.CreatedAt, true, 3), (read.CreatedAt, read.Enabled, read.SealedToken.Length));
            read.Enabled = false;
            await context.SaveChangesAsync();
        }

        await storage.Get<ChangeMarks>().RaiseAsync(ChangeTopic.Accounts, default);
        Assert.Null(await directory.FindByNumberAsync("+15550100200", default));
    }

    [Fact]
    public async Task A_change_made_by_another_process_is_noticed()
    {
        await using var other = await TestStorage.OpenAsync(storage.ConnectionString);
        var heard = new List<ChangeTopic>();
        var marks = storage.Get<ChangeMarks>();
        await marks.CheckAsync(default);
        marks.Changed += heard.Add;
        await other.Get<ChangeMarks>().RaiseAsync(ChangeTopic.Accounts, default);
        await marks.CheckAsync(default);
        await marks.CheckAsync(default);
        Assert.Equal([ChangeTopic.Accounts], heard);
    }
}
