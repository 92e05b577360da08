using Sift.Activities.Connections;
using Sift.Web.Storage;
using Sift.Web.Tests.Testing;
using Sift.Workflows.Definitions;
using Sift.Workflows.Journal;
using static Sift.Web.Tests.Storage.StoredRows;

namespace Sift.Web.Tests.Storage;

/// <summary>Which instances are listed, in which order, on each database.</summary>
public abstract class InstanceListTests : IAsyncLifetime
{
    private TestStorage storage = null!;

    protected abstract Task<string> NewDatabaseAsync();

    public async Task InitializeAsync() => storage = await TestStorage.OpenAsync(await NewDatabaseAsync());

    public async Task DisposeAsync() => await storage.DisposeAsync();

    [Fact]
    public async Task Instances_are_found_by_number_flow_state_and_time()
    {
        var journal = storage.Get<IJournalStore>();
        var list = storage.Get<InstanceList>();
        await storage.Get<DefinitionStore>().SaveAsync([Flow("v1", "flow", 1, latest: true)], default);
        await journal.AppendAsync(Append("i1", 1, Connection("i1") with { AccountId = "a", From = "+15550001" }) with { Summary = Summary("i1") with { DefinitionId = "flow", SubStatus = "Finished", Status = "Finished", FinishedAt = At } }, default);
        await journal.AppendAsync(Append("i2", 1) with { Summary = Summary("i2") with { IncidentCount = 1, CreatedAt = At.AddHours(1) } }, default);
        await journal.AppendAsync(Append("i3", 1) with { Summary = Summary("i3") with { AccountId = "b" } }, default);

        Assert.Equal(["i2", "i1"], await IdsAsync(new InstanceQuery()));
        Assert.Equal(["i1"], await IdsAsync(new InstanceQuery { Search = "+1555000" }));
        Assert.Equal(["i1"], await IdsAsync(new InstanceQuery { Search = "Name of flow" }));
        Assert.Equal(["i2"], await IdsAsync(new InstanceQuery { Search = "i2" }));
        Assert.Empty(await IdsAsync(new InstanceQuery { Search = "i3" }));
        Assert.Equal(["i2"], await IdsAsync(new InstanceQuery { Statuses = ["Running"], HasIncidents = true }));
        Assert.Equal(["i2"], await IdsAsync(new InstanceQuery { Times = [(TimeColumn.Created, ">", At)] }));
        Assert.Equal(["i1", "i2"], await IdsAsync(new InstanceQuery { Descending = false }));
        Assert.False(await list.DeleteAsync("a", "i2", default));
        Assert.True(await list.DeleteAsync("a", "i1", default));

        async Task<string[]> IdsAsync(InstanceQuery query) => [.. (await list.ListAsync("a", query, default)).Items.Select(item => item.InstanceId)];
    }

    [Fact]
    public async Task Instances_are_ordered_and_narrowed_by_when_they_ran()
    {
        var journal = storage.Get<IJournalStore>();
        await journal.AppendAsync(Append("old", 1) with { Summary = Ended("old", "flow", At.AddHours(5)) }, default);
        await journal.AppendAsync(Append("mid", 1) with { Summary = Ended("mid", "other", At.AddHours(2)) with { CreatedAt = At.AddHours(1), Name = "b" } }, default);
        await journal.AppendAsync(Append("new", 1) with { Summary = Summary("new") with { CreatedAt = At.AddHours(3), UpdatedAt = At.AddHours(4), Name = "a" } }, default);
        await journal.AppendAsync(Append("bad", 1) with { Summary = Ended("bad", "flow", At.AddHours(1)) with { CreatedAt = At.AddMinutes(1), SubStatus = "Faulted", IncidentCount = 1 } }, default);
        await journal.AppendAsync(Append("foreign", 1) with { Summary = Ended("foreign", "flow", At.AddHours(6)) with { AccountId = "b" } }, default);

        Assert.Equal("new mid bad old", await IdsAsync(new InstanceQuery()));
        Assert.Equal("old new mid bad", await IdsAsync(new InstanceQuery { Order = InstanceOrder.LastExecuted }));
        Assert.Equal("bad mid new old", await IdsAsync(new InstanceQuery { Order = InstanceOrder.LastExecuted, Descending = false }));
        Assert.Equal("old mid bad new", await IdsAsync(new InstanceQuery { Order = InstanceOrder.Finished }));
        Assert.StartsWith("new mid", await IdsAsync(new InstanceQuery { Order = InstanceOrder.Name, Descending = false, Statuses = ["Running", "Finished"], Times = [(TimeColumn.Created, ">", At.AddMinutes(1))] }), StringComparison.Ordinal);
        Assert.Equal("mid", await IdsAsync(new InstanceQuery { Order = InstanceOrder.LastExecuted, Skip = 2, Take = 1 }, total: 4));
        Assert.Equal("mid", await IdsAsync(new InstanceQuery { Times = [(TimeColumn.Finished, ">", At.AddHours(1)), (TimeColumn.Finished, "<", At.AddHours(5))] }));
        Assert.Equal("new old", await IdsAsync(new InstanceQuery { Times = [(TimeColumn.Updated, ">=", At.AddHours(4))] }));
        Assert.Equal("bad old", await IdsAsync(new InstanceQuery { DefinitionIds = ["flow"] }));
        Assert.Equal("mid bad old", await IdsAsync(new InstanceQuery { DefinitionIds = ["flow", "other"] }));
        Assert.Equal("old bad", await IdsAsync(new InstanceQuery { DefinitionIds = ["flow", "none"], Order = InstanceOrder.Finished }));
        Assert.Equal("bad", await IdsAsync(new InstanceQuery { SubStatuses = ["Faulted"], Order = InstanceOrder.LastExecuted }));
        Assert.Equal("new", await IdsAsync(new InstanceQuery { Statuses = ["Running"], Order = InstanceOrder.LastExecuted }));
        Assert.Equal("bad", await IdsAsync(new InstanceQuery { HasIncidents = true, Order = InstanceOrder.Finished }));

        async Task<string> IdsAsync(InstanceQuery query, int? total = null)
        {
            var (items, counted) = await storage.Get<InstanceList>().ListAsync("a", query, default);
            Assert.Equal(total ?? items.Count, counted);
            return string.Join(' ', items.Select(item => item.InstanceId));
        }

        static InstanceSummary Ended(string id, string flow, DateTimeOffset at) =>
            Summary(id) with { DefinitionId = flow, Status = "Finished", SubStatus = "Finished", FinishedAt = at, UpdatedAt = at.AddSeconds(1) };
    }

    [Fact]
    public async Task Instances_are_found_by_what_they_belong_to()
    {
        var journal = storage.Get<IJournalStore>();
        await journal.AppendAsync(Append("i1", 1) with { Summary = Summary("i1") with { CorrelationId = "i1" } }, default);
        await journal.AppendAsync(Append("i2", 1) with { Summary = Summary("i2") with { CorrelationId = "i1" } }, default);
        await journal.AppendAsync(Append("i3", 1) with { Summary = Summary("i3") with { AccountId = "b", CorrelationId = "i1" } }, default);

        var (items, total) = await storage.Get<InstanceList>().ListAsync("a", new InstanceQuery { CorrelationId = "i1" }, default);
        Assert.Equal(["i2", "i1"], items.Select(item => item.InstanceId));
        Assert.Equal(2, total);
        Assert.Empty((await storage.Get<InstanceList>().ListAsync("a", new InstanceQuery { CorrelationId = "i2" }, default)).Items);
        Assert.Empty((await storage.Get<InstanceList>().ListAsync("a", new InstanceQuery { CorrelationId = "i1", DefinitionIds = ["none"] }, default)).Items);
        Assert.Empty((await storage.Get<InstanceList>().ListAsync("a", new InstanceQuery { Search = "i2", DefinitionIds = ["none"] }, default)).Items);
        Assert.Equal(1, (await storage.Get<InstanceList>().ListAsync("a", new InstanceQuery { Search = "i2", CorrelationId = "i1" }, default)).Total);
    }

    [Fact]
    public async Task Every_filter_lists_what_a_look_at_each_instance_finds()
    {
        var all = await SomeAsync();
        var list = storage.Get<InstanceList>();
        string[][] states = [[], ["Executing"], ["Suspended"], ["Finished"], ["Cancelled"], ["Faulted"], ["Faulted", "Suspended"], ["Pending"]];
        foreach (var flows in (string[][])[[], ["flow"], ["flow", "other", "flow"], [.. Enumerable.Range(0, 30).Select(i => i == 7 ? "other" : $"none{i}")]])
        foreach (var sub in states)
        foreach (var status in (string[][])[[], ["Running"], ["Finished"]])
        foreach (var incidents in (bool?[])[null, true, false])
        foreach (var version in (int?[])[null, 2])
        {
            var query = new InstanceQuery { DefinitionIds = flows, SubStatuses = sub, Statuses = status, HasIncidents = incidents, Version = version };
            await CheckAsync(query);
            if (version is null && status.Length == 0)
            {
                await CheckAsync(query with { Order = InstanceOrder.LastExecuted });
                await CheckAsync(query with { Order = InstanceOrder.Name, Descending = false });
                await CheckAsync(query with { Times = [(TimeColumn.Finished, ">=", At.AddHours(10)), (TimeColumn.Finished, "<", At.AddHours(30))] });
                await CheckAsync(query with { Times = [(TimeColumn.Created, "<", At.AddHours(12)), (TimeColumn.Updated, ">", At.AddHours(3))], Order = InstanceOrder.Finished });
            }
        }

        async Task CheckAsync(InstanceQuery query)
        {
            var wanted = Ordered(all.Where(summary => Matches(summary, query)), query).Select(summary => summary.InstanceId).ToList();
            var (items, total) = await list.ListAsync("a", query with { Skip = 2, Take = 5 }, default);
            Assert.Equal($"{wanted.Count}: {string.Join(' ', wanted.Skip(2).Take(5))} ({query})", $"{total}: {string.Join(' ', items.Select(item => item.InstanceId))} ({query})");
        }
    }

    [Fact]
    public async Task Pages_of_a_program_hold_each_instance_once()
    {
        var all = await SomeAsync();
        foreach (var flow in (string?[])[null, "flow"])
        foreach (var (status, sub) in ((string?, string?)[])[(null, null), ("Running", null), (null, "Finished"), (null, "Faulted")])
        foreach (var number in (string?[])[null, "+1555"])
        {
            var query = new InstanceQuery { DefinitionIds = flow is null ? [] : [flow], Statuses = status is null ? [] : [status], SubStatuses = sub is null ? [] : [sub] };
            var wanted = Ordered(all.Where(summary => Matches(summary, query)), query).Select(summary => summary.InstanceId).ToList();
            var found = new List<string>();
            for (PagePosition? after = null; ;)
            {
                var page = await storage.Get<InstanceList>().PageAsync("a", flow, status, sub, number, new PageRequest(7, after, false), default);
                Assert.Null(page.StoppedAt);
                found.AddRange(page.Rows.Take(7).Select(row => row.Summary.InstanceId));
                if (page.Rows.Count <= 7) break;
                after = page.Rows[6].Position;
            }

            Assert.Equal(wanted, found);
        }
    }

    [Fact]
    public async Task A_rare_state_among_the_many_calls_of_a_number_is_reached_page_by_page()
    {
        const int Calls = 6_000;
        await using (var connection = await storage.Get<Database>().OpenAsync(default))
        {
            const string Numbered = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 6000) SELECT";
            await connection.ExecuteAsync(
                $"INSERT INTO connections (id, account_id, from_endpoint, to_endpoint, direction, status, created_at) {Numbered} 'c' || (100000 + i), 'a', '+1555', '+1666', 'incoming', CASE i WHEN 1 THEN 'failed' ELSE 'finished' END, $1 + i FROM n", default, At.UtcTicks);
            await connection.ExecuteAsync(
                "INSERT INTO instances (id, definition_id, definition_version_id, version, account_id, status, sub_status, incident_count, has_pending_effects, last_sequence, created_at, updated_at, finished_at, owner) "
                + $"{Numbered} 'c' || (100000 + i), 'flow', 'v1', 1, 'a', 'Finished', CASE i WHEN 1 THEN 'Faulted' ELSE 'Finished' END, 0, 0, 1, $1 + i, $1 + i, $1 + i, '' FROM n", default, At.UtcTicks);
        }

        var first = await storage.Get<InstanceList>().PageAsync("a", null, null, "Faulted", "+1666", new PageRequest(50, null, false), default);
        Assert.Empty(first.Rows);
        var second = await storage.Get<InstanceList>().PageAsync("a", null, null, "Faulted", "+1666", new PageRequest(50, first.StoppedAt, false), default);
        Assert.Equal(["c100001"], second.Rows.Select(row => row.Summary.InstanceId));
        Assert.Null(second.StoppedAt);

        var connections = storage.Get<ConnectionStore>();
        var filter = ConnectionFilter.None with { From = "+1555", Status = ConnectionStatus.Finished, Party = "nobody" };
        var passed = await connections.ListAsync("a", filter, new PageRequest(50, null, false), default);
        Assert.Empty(passed.Rows);
        Assert.Null((await connections.ListAsync("a", filter, new PageRequest(50, passed.StoppedAt, false), default)).StoppedAt);
        Assert.Equal(Calls - 1, (await storage.Get<InstanceList>().ListAsync("a", new InstanceQuery { SubStatuses = ["Finished"] }, default)).Total);
    }

    [Fact]
    public async Task Every_filter_of_connections_lists_what_a_look_at_each_finds()
    {
        var random = new Random(11);
        var rows = Enumerable.Range(0, 60).Select(i => new Connection(
            $"c{i:D2}", "a", Pick("+1", "+2", "+3"), Pick("+1", "+2", "+4"), Pick("incoming", "outgoing"), (ConnectionStatus)random.Next(4), At.AddMinutes(i / 2)) { ApplicationId = Pick("app", "other"), ParentId = Pick("p", null!) })
            .Select(row => row.Status == ConnectionStatus.Failed ? row with { Failure = Pick("busy", "declined") } : row).ToList();
        await storage.Get<IConnectionRows>().SaveAsync([.. rows, new Connection("foreign", "b", "+1", "+1", "incoming", ConnectionStatus.Failed, At)], default);
        foreach (var status in (ConnectionStatus?[])[null, ConnectionStatus.Connecting, ConnectionStatus.Connected, ConnectionStatus.Finished, ConnectionStatus.Failed])
        foreach (var from in (string?[])[null, "+2"])
        foreach (var application in (string?[])[null, "app"])
        foreach (var direction in (string?[])[null, "outgoing"])
        foreach (var number in (string?[])[null, "+1"])
        foreach (var other in (int[])[0, 1, 2, 3])
        {
            var filter = new ConnectionFilter(status, application, direction, from, null)
            {
                Number = number,
                Failure = other == 1 ? "busy" : null,
                ParentId = other == 2 ? "p" : null,
                Before = other == 3 ? At.AddMinutes(20) : null,
                After = other == 3 ? At.AddMinutes(5) : null,
            };
            var wanted = rows.Where(row => (status is null || row.Status == status) && (from is null || row.From == from) && (application is null || row.ApplicationId == application)
                    && (direction is null || row.Direction == direction) && (number is null || row.From == number || row.To == number) && (filter.Failure is null || row.Failure == filter.Failure)
                    && (filter.ParentId is null || row.ParentId == filter.ParentId) && (filter.Before is null || (row.CreatedAt < filter.Before && row.CreatedAt >= filter.After)))
                .OrderByDescending(row => row.CreatedAt).ThenByDescending(row => row.Id, StringComparer.Ordinal).Select(row => row.Id).ToList();
            var page = await storage.Get<ConnectionStore>().ListAsync("a", filter, new PageRequest(20, null, false), default);
            Assert.Equal($"{string.Join(' ', wanted.Take(21))} ({filter})", $"{string.Join(' ', page.Rows.Select(row => row.Id))} ({filter})");
        }

        string Pick(params string[] among) => among[random.Next(among.Length)];
    }

    /// <summary>Instances in every state, of two flows with two versions, each of a call from +1555; and one of somebody else.</summary>
    private async Task<List<InstanceSummary>> SomeAsync()
    {
        var random = new Random(7);
        string[] states = ["Executing", "Suspended", "Finished", "Cancelled", "Faulted"];
        await storage.Get<DefinitionStore>().SaveAsync([.. from flow in (string[])["flow", "other"] from version in (int[])[1, 2] select Flow($"{flow}-{version}", flow, version, version == 2)], default);
        var all = Enumerable.Range(0, 60).Select(i =>
        {
            var (flow, version, state, created) = (random.Next(2) == 0 ? "flow" : "other", random.Next(1, 3), states[random.Next(5)], At.AddHours(i / 2));
            var isLive = state is "Executing" or "Suspended";
            return Summary($"i{i:D2}") with
            {
                DefinitionId = flow, DefinitionVersionId = $"{flow}-{version}", Version = version, Name = $"call {random.Next(1000)}", Status = isLive ? "Running" : "Finished", SubStatus = state,
                IncidentCount = random.Next(2), CreatedAt = created, UpdatedAt = created.AddMinutes(random.Next(600)), FinishedAt = isLive ? null : created.AddMinutes(random.Next(600)),
            };
        }).ToList();
        foreach (var summary in all.Append(Summary("foreign") with { AccountId = "b" }))
        {
            await storage.Get<IJournalStore>().AppendAsync(
                Append(summary.InstanceId, 1, Connection(summary.InstanceId) with { AccountId = summary.AccountId!, From = "+1555", CreatedAt = summary.CreatedAt.AddSeconds(-1) }) with { Summary = summary }, default);
        }

        return all;
    }

    private static bool Matches(InstanceSummary summary, InstanceQuery query) =>
        (query.DefinitionIds.Count == 0 || query.DefinitionIds.Contains(summary.DefinitionId))
        && (query.SubStatuses.Count == 0 || query.SubStatuses.Contains(summary.SubStatus))
        && (query.Statuses.Count == 0 || query.Statuses.Contains(summary.Status))
        && (query.Version is null || query.Version == summary.Version)
        && (query.HasIncidents is null || query.HasIncidents == summary.IncidentCount > 0)
        && query.Times.All(time =>
        {
            var at = time.Column switch { TimeColumn.Created => summary.CreatedAt, TimeColumn.Finished => summary.FinishedAt, _ => summary.FinishedAt ?? summary.UpdatedAt };
            return time.Comparison switch { "<" => at < time.At, ">=" => at >= time.At, _ => at > time.At };
        });

    private static IEnumerable<InstanceSummary> Ordered(IEnumerable<InstanceSummary> summaries, InstanceQuery query)
    {
        var ordered = summaries.OrderBy(Key).ThenBy(summary => summary.InstanceId, StringComparer.Ordinal);
        return query.Descending ? ordered.Reverse() : ordered;

        IComparable Key(InstanceSummary summary) => query.Order switch
        {
            InstanceOrder.LastExecuted => summary.FinishedAt ?? summary.UpdatedAt,
            InstanceOrder.Finished => summary.FinishedAt ?? DateTimeOffset.MinValue,
            InstanceOrder.Name => summary.Name!,
            _ => summary.CreatedAt,
        };
    }
}
