using System.Diagnostics;
using System.Globalization;
using Microsoft.Data.Sqlite;
using Sift.Activities.Connections;
using Sift.Bench.Shared;
using Sift.Web.Storage;
using SQLitePCL;

namespace Sift.Bench.Storage;

/// <summary>What each list costs the database: pages it touches, whatever else the machine does. Bounded pages mean that the list does not slow down as the store grows.</summary>
internal sealed class WorkPart(Store store, IReadOnlyList<PastCall> calls)
{
    private const string Account = Customer.AccountId;

    private readonly InstanceList instances = store.Get<InstanceList>();
    private readonly ConnectionStore connections = store.Get<ConnectionStore>();

    public static async Task RunAsync(Store store)
    {
        var calls = await History.SomeAsync(store, 5);
        Console.WriteLine($"  what lists cost among {History.Instances:N0} instances: the most of {calls.Count} askings");
        await new WorkPart(store, calls).RunAsync();
    }

    private async Task RunAsync()
    {
        string[] states = ["Executing", "Suspended", "Finished", "Cancelled", "Faulted"];
        await ListAsync("all", _ => new());
        await ListAsync("all, page 199", _ => new() { Skip = 9_950 });
        foreach (var order in Enum.GetValues<InstanceOrder>())
        {
            await ListAsync($"all, order {order}", _ => new() { Order = order });
            await ListAsync($"all, order {order} ascending", _ => new() { Order = order, Descending = false });
            await ListAsync($"one flow, order {order}", n => new() { DefinitionIds = [Flow(n)], Order = order });
            await ListAsync($"faulted, order {order}", n => new() { SubStatuses = ["Faulted"], Order = order });
        }

        foreach (var state in states)
        {
            await ListAsync($"{state}", _ => new() { SubStatuses = [state] });
            await ListAsync($"{state}, one flow", n => new() { DefinitionIds = [Flow(n)], SubStatuses = [state] });
            await ListAsync($"{state}, one version", n => new() { DefinitionIds = [Flow(n)], SubStatuses = [state], Version = 7 });
        }

        await ListAsync("status Running", _ => new() { Statuses = ["Running"] });
        await ListAsync("status Finished", _ => new() { Statuses = ["Finished"] });
        await ListAsync("faulted, its flow, page 3", _ => new() { DefinitionIds = [History.FlowId(16)], SubStatuses = ["Faulted"], Skip = 100 });
        await ListAsync("with incidents", _ => new() { HasIncidents = true });
        await ListAsync("with incidents, its flow", _ => new() { DefinitionIds = [History.FlowId(16)], HasIncidents = true });
        await ListAsync("with incidents, another flow", _ => new() { DefinitionIds = [History.FlowId(17)], HasIncidents = true });
        await ListAsync("finished with incidents", _ => new() { SubStatuses = ["Finished"], HasIncidents = true });
        await ListAsync("without incidents", _ => new() { HasIncidents = false });
        await ListAsync("faulted without incidents", _ => new() { SubStatuses = ["Faulted"], HasIncidents = false });
        await ListAsync("one flow", n => new() { DefinitionIds = [Flow(n)] });
        await ListAsync("one flow, page 199", n => new() { DefinitionIds = [Flow(n)], Skip = 9_950 });
        await ListAsync("three flows", n => new() { DefinitionIds = [Flow(n), History.FlowId(20), History.FlowId(21)] });
        await ListAsync("all 50 flows", _ => new() { DefinitionIds = [.. Enumerable.Range(16, History.Flows).Select(History.FlowId)] });
        await ListAsync("a flow that never ran", _ => new() { DefinitionIds = ["none"] });
        await ListAsync("one version of a flow", n => new() { DefinitionIds = [Flow(n)], Version = 7 });
        await ListAsync("a version that never ran", n => new() { DefinitionIds = [Flow(n)], Version = 99 });
        await ListAsync("a version number of all flows", _ => new() { Version = 7 });
        await ListAsync("a version number nobody has", _ => new() { Version = 99 });
        await ListAsync("created on one day", n => new() { Times = Day(TimeColumn.Created, n) });
        await ListAsync("created on one day, one flow", n => new() { DefinitionIds = [Flow(n)], Times = Day(TimeColumn.Created, n) });
        await ListAsync("created on one day, faulted", n => new() { SubStatuses = ["Faulted"], Times = Day(TimeColumn.Created, n) });
        await ListAsync("ended on one day", n => new() { Times = Day(TimeColumn.Finished, n) });
        await ListAsync("ended on one day, one flow", n => new() { DefinitionIds = [Flow(n)], Times = Day(TimeColumn.Finished, n) });
        await ListAsync("ended on one day, faulted, flow", n => new() { DefinitionIds = [History.FlowId(16)], SubStatuses = ["Faulted"], Times = Day(TimeColumn.Finished, n) });
        await ListAsync("updated on one day", n => new() { Times = Day(TimeColumn.Updated, n) });
        await ListAsync("correlation id", n => new() { CorrelationId = n.Id });
        await ListAsync("search an id", n => new() { Search = n.Id });
        await ListAsync("search a caller", n => new() { Search = History.CallerOf(n.Number) });
        await ListAsync("search a called number", n => new() { Search = History.CalledOf(n.Number) });
        await ListAsync("search a called number, page 20", n => new() { Search = History.CalledOf(n.Number), Skip = 950 });
        await ListAsync("search a called number, faulted", n => new() { Search = History.CalledOf(n.Number), SubStatuses = ["Faulted"] });
        await ListAsync("search a beginning", n => new() { Search = History.CallerOf(n.Number)[..9] });
        await ListAsync("search all beginnings", _ => new() { Search = "+1" });
        await ListAsync("search a flow's name", n => new() { Search = $"Flow {Flow(n)}" });
        await ListAsync("search nothing there", _ => new() { Search = "nobody" });

        await InstancesAsync("", _ => (null, null, null, null));
        await InstancesAsync("?workflow_id", n => (Flow(n), null, null, null));
        foreach (var state in states)
        {
            await InstancesAsync($"?status {state}", _ => (null, null, state, null));
            await InstancesAsync($"?status {state}&workflow_id", n => (Flow(n), null, state, null));
        }

        await InstancesAsync("?status running", _ => (null, "Running", null, null));
        await InstancesAsync("?number caller", n => (null, null, null, History.CallerOf(n.Number)));
        await InstancesAsync("?number called", n => (null, null, null, History.CalledOf(n.Number)));
        await InstancesAsync("?number called&status running", n => (null, "Running", null, History.CalledOf(n.Number)));
        await InstancesAsync("?number called&status faulted&workflow_id", n => (Flow(n), null, "Faulted", History.CalledOf(n.Number)));
        await InstancesAsync("?number nobody's", _ => (null, null, null, "+49"));

        var none = ConnectionFilter.None;
        await CallsAsync("", _ => none);
        foreach (var status in Enum.GetValues<ConnectionStatus>())
        {
            await CallsAsync($"?status {status}", _ => none with { Status = status });
            await CallsAsync($"?status {status}&application_id", _ => none with { Status = status, ApplicationId = "be9c4000000000a1" });
            await CallsAsync($"?status {status}&to", n => none with { Status = status, To = History.CalledOf(n.Number) });
        }

        await CallsAsync("?application_id", _ => none with { ApplicationId = "be9c4000000000a1" });
        await CallsAsync("?application_id nobody's", _ => none with { ApplicationId = "x" });
        await CallsAsync("?direction outgoing", _ => none with { Direction = "outgoing" });
        await CallsAsync("?direction incoming&from", n => none with { Direction = "incoming", From = History.CallerOf(n.Number) });
        await CallsAsync("?direction outgoing&application_id", n => none with { Direction = "outgoing", ApplicationId = "be9c4000000000a1" });
        await CallsAsync("?from&to", n => none with { From = History.CallerOf(n.Number), To = History.CalledOf(n.Number) });
        await CallsAsync("console: number called", n => none with { Number = History.CalledOf(n.Number) });
        await CallsAsync("console: number called, a day", n => none with { Number = History.CalledOf(n.Number), After = At(n).AddHours(-12), Before = At(n).AddHours(12) });
        await CallsAsync("console: last digits", n => none with { Party = History.CallerOf(n.Number)[6..] });
        await CallsAsync("console: digits of nobody", _ => none with { Party = "no such" });
        await CallsAsync("console: failure busy", _ => none with { Failure = "busy" });
        await CallsAsync("console: failure busy, a day", n => none with { Failure = "busy", After = At(n).AddHours(-12), Before = At(n).AddHours(12) });
        await CallsAsync("calls a call has placed", n => none with { ParentId = n.Id });
    }

    private static string Flow(PastCall call) => History.FlowId((call.Number % History.Flows) + 16);

    private static DateTimeOffset At(PastCall call) => new(call.CreatedAt, TimeSpan.Zero);

    private static IReadOnlyList<(TimeColumn, string, DateTimeOffset)> Day(TimeColumn column, PastCall call)
        => [(column, ">=", At(call).AddHours(-12)), (column, "<", At(call).AddHours(12))];

    private Task ListAsync(string name, Func<PastCall, InstanceQuery> query) => MeasureAsync($"list: {name}", async n =>
    {
        var (items, total) = await instances.ListAsync(Account, query(n), default);
        return (items.Count, total);
    });

    private Task InstancesAsync(string name, Func<PastCall, (string? Flow, string? Status, string? SubStatus, string? Number)> filter) => MeasureAsync($"/v0/instances{name}", async n =>
    {
        var (flow, status, subStatus, number) = filter(n);
        var page = await instances.PageAsync(Account, flow, status, subStatus, number, new PageRequest(50, null, false), default);
        return (page.Rows.Count, page.StoppedAt is null ? null : -1);
    });

    private Task CallsAsync(string name, Func<PastCall, ConnectionFilter> filter) => MeasureAsync($"/v0/connections{name}", async n =>
    {
        var page = await connections.ListAsync(Account, filter(n), new PageRequest(50, null, false), default);
        return (page.Rows.Count, page.StoppedAt is null ? null : -1);
    });

    private async Task MeasureAsync(string name, Func<PastCall, Task<(int Rows, int? Total)>> ask)
    {
        var (most, waits, shown) = (0L, new Waits(), "");
        foreach (var call in calls)
        {
            var before = await PagesAsync();
            var begin = Stopwatch.GetTimestamp();
            var (rows, total) = await ask(call);
            waits.Add(Stopwatch.GetElapsedTime(begin).TotalMilliseconds);
            most = Math.Max(most, await PagesAsync() - before);
            shown = $"{rows} rows{total switch { null => "", -1 => ", goes on", _ => $" of {total}" }}";
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"    {name,-62} {most,7} pages   p50 {waits.At(0.5),6:F1} ms   {shown}"));
    }

    /// <summary>Pages the connection of the pool has asked for so far; there is one, because questions are asked one after the other.</summary>
    private async Task<long> PagesAsync()
    {
        await using var connection = await store.Database.OpenAsync(default);
        if (connection is SqliteConnection { Handle: { } handle })
        {
            raw.sqlite3_db_status(handle, raw.SQLITE_DBSTATUS_CACHE_HIT, out var hits, out _, 0);
            raw.sqlite3_db_status(handle, raw.SQLITE_DBSTATUS_CACHE_MISS, out var misses, out _, 0);
            return hits + misses;
        }

        await connection.ExecuteAsync("SELECT pg_stat_force_next_flush()", default);
        await using var command = connection.Command("SELECT CAST(SUM(heap_blks_read + heap_blks_hit + idx_blks_read + idx_blks_hit) AS BIGINT) FROM pg_statio_user_tables");
        return Convert.ToInt64(await command.ExecuteScalarAsync(), CultureInfo.InvariantCulture);
    }
}
