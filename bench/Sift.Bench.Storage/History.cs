using System.Diagnostics;
using System.Text;
using Sift.Web.Storage;
using Sift.Web.Storage.GroupCommit;
using Sift.Workflows.Definitions;
using Sift.Workflows.Journal;

namespace Sift.Bench.Storage;

/// <summary>
/// A store with a past: a million finished calls of three weeks, their journals and connections, and a thousand versions of flows. Written
/// by the database itself from the journal of one real call, because a million calls would take hours to make.
/// </summary>
internal static class History
{
    public const int Instances = 1_000_000;
    public const int Flows = 50;
    public const int VersionsOfFlow = 20;
    public const int Callers = 200_000;
    public const int Called = 1_000;

    private const int Versions = Flows * VersionsOfFlow;
    private const long TicksApart = 20 * TimeSpan.TicksPerDay / Instances;
    private const string Numbered = $"WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 999999) ";

    private static readonly DateTimeOffset Epoch = new(2024, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public static string FlowId(int flow) => $"be9c4{flow:x11}";

    public static string CallerOf(int instance) => $"+1555{instance % Callers:D7}";

    public static string CalledOf(int instance) => $"+1666{instance % Called:D7}";

    /// <summary>Opens the store, making it first when there is none from a former run.</summary>
    public static async Task<Store> OpenAsync(string connectionString, IReadOnlyList<JournalEntry> call)
    {
        var store = await Store.OpenAsync(connectionString);
        if (await IsWholeAsync(store))
        {
            return store;
        }

        await store.DisposeAsync();
        store = await Store.NewAsync(connectionString);
        var clock = Stopwatch.StartNew();
        await Customer.AddAsync(store);
        await store.Get<DefinitionStore>().SaveAsync(
            [.. from flow in Enumerable.Range(0, Flows) from version in Enumerable.Range(1, VersionsOfFlow) select Customer.Flow(FlowId(flow + 16), version, isLatest: version == VersionsOfFlow)], default);
        await FillAsync(store, call);
        Console.WriteLine($"  made {Instances:N0} finished instances of {Versions:N0} definition versions in {clock.Elapsed.TotalSeconds:F0} s; kept for the next run in {Kept.Directory}");
        return store;
    }

    /// <summary>Calls from all over the past.</summary>
    public static async Task<IReadOnlyList<PastCall>> SomeAsync(Store store, int count)
    {
        await using var connection = await store.Database.OpenAsync(default);
        var calls = new List<PastCall>();
        for (var i = 0; i < count; i++)
        {
            await using var command = connection.Command("SELECT i, id, created_at FROM bench_calls WHERE i = $1", (i * 45_007) + 13);
            await using var reader = await command.ExecuteReaderAsync();
            await reader.ReadAsync();
            calls.Add(new PastCall(reader.GetInt32(0), reader.GetString(1), reader.GetInt64(2)));
        }

        return calls;
    }

    private static async Task<bool> IsWholeAsync(Store store)
    {
        await using var connection = await store.Database.OpenAsync(default);
        await using var command = connection.Command(store.Database.Kind == DatabaseKind.Sqlite
            ? "SELECT COUNT(*) FROM sqlite_master WHERE name = 'bench_whole'"
            : "SELECT COUNT(*) FROM information_schema.tables WHERE table_name = 'bench_whole'");
        return Convert.ToInt64(await command.ExecuteScalarAsync(), System.Globalization.CultureInfo.InvariantCulture) > 0;
    }

    private static async Task FillAsync(Store store, IReadOnlyList<JournalEntry> call)
    {
        var sqlite = store.Database.Kind == DatabaseKind.Sqlite;
        await using var connection = await store.Database.OpenAsync(default);
        if (sqlite)
        {
            await connection.ExecuteAsync("PRAGMA synchronous=OFF; PRAGMA cache_size=-1000000; PRAGMA wal_autocheckpoint=100000", default);
        }

        var first = DateTimeOffset.UtcNow.AddDays(-21);
        var id = "((($1 + n.i * CAST($2 AS BIGINT)) / 10000) << 24) | (n.i & 4095)";
        await connection.ExecuteAsync("CREATE TABLE bench_versions (v INTEGER PRIMARY KEY, id TEXT, definition_id TEXT, version INTEGER)", default);
        await connection.ExecuteAsync($"CREATE TABLE bench_pages (v INTEGER, first_sequence INTEGER, entries {(sqlite ? "BLOB" : "BYTEA")}, PRIMARY KEY (v, first_sequence))", default);
        await connection.ExecuteAsync("CREATE TABLE bench_calls (i INTEGER PRIMARY KEY, id TEXT NOT NULL, created_at BIGINT NOT NULL)", default);
        for (var v = 0; v < Versions; v++)
        {
            var flow = Customer.Flow(FlowId((v % Flows) + 16), (v / Flows) + 1, false);
            await connection.ExecuteAsync("INSERT INTO bench_versions VALUES ($1, $2, $3, $4)", default, v, flow.Id, flow.DefinitionId, flow.Version);
            foreach (var page in Pages(call, flow))
            {
                await connection.ExecuteAsync("INSERT INTO bench_pages VALUES ($1, $2, $3)", default, v, page.First, page.Entries);
            }
        }

        await connection.ExecuteAsync(
            $"INSERT INTO bench_calls {Numbered} SELECT n.i, {(sqlite ? $"printf('%016x', {id})" : $"lpad(to_hex({id}), 16, '0')")}, $3 + n.i * CAST($2 AS BIGINT) FROM n",
            default, first.UtcTicks - Epoch.UtcTicks, TicksApart, first.UtcTicks);
        await connection.ExecuteAsync(
            "INSERT INTO instances (id, definition_id, definition_version_id, version, correlation_id, name, account_id, status, sub_status, incident_count, has_pending_effects, last_sequence, created_at, updated_at, finished_at) "
            + "SELECT c.id, v.definition_id, v.id, v.version, c.id, 'incoming call', $1, 'Finished', CASE c.i % 100 WHEN 0 THEN 'Faulted' WHEN 1 THEN 'Cancelled' ELSE 'Finished' END, CASE c.i % 100 WHEN 0 THEN 1 ELSE 0 END, "
            + $"0, {call.Count}, c.created_at, c.created_at + 300000000, c.created_at + 300000000 FROM bench_calls c JOIN bench_versions v ON v.v = c.i % {Versions} ORDER BY c.i",
            default, Customer.AccountId);
        await connection.ExecuteAsync(
            "INSERT INTO connections (id, account_id, from_endpoint, to_endpoint, direction, status, created_at, start_time, end_time, application_id, end_reason) "
            + $"SELECT id, $1, '+1555' || {Padded($"i % {Callers}")}, '+1666' || {Padded($"i % {Called}")}, 'incoming', 'finished', created_at, created_at, created_at + 300000000, 'be9c4000000000a1', 'hung up' FROM bench_calls ORDER BY i",
            default, Customer.AccountId);
        await connection.ExecuteAsync(
            $"INSERT INTO journal (instance_id, first_sequence, entries) SELECT c.id, p.first_sequence, p.entries FROM bench_calls c JOIN bench_pages p ON p.v = c.i % {Versions} ORDER BY c.i, p.first_sequence", default);
        await connection.ExecuteAsync("CREATE TABLE bench_whole (i INTEGER)", default);

        // What PostgreSQL does by itself within minutes, and SQLite at the end of a large log.
        await connection.ExecuteAsync(sqlite ? "PRAGMA wal_checkpoint(TRUNCATE)" : "VACUUM ANALYZE", default);
        if (!sqlite)
        {
            await connection.ExecuteAsync("CHECKPOINT", default);
        }

        string Padded(string number) => sqlite ? $"printf('%07d', {number})" : $"lpad(({number})::text, 7, '0')";
    }

    /// <summary>The journal of the call as rows, as if that version had run it; in as many rows as the real call took commits.</summary>
    private static IEnumerable<(long First, byte[] Entries)> Pages(IReadOnlyList<JournalEntry> call, WorkflowDefinition flow)
    {
        const int EntriesOfRow = 12;
        var old = Customer.Flow(Customer.FlowId, 1, false);
        foreach (var row in call.Chunk(EntriesOfRow))
        {
            JournalEntry[] entries = [.. row.Select(entry => entry.Kind != JournalKinds.InstanceStarted ? entry : entry with
            {
                Data = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(entry.Data.Span)
                    .Replace($"\"{old.Id}\"", $"\"{flow.Id}\"", StringComparison.Ordinal)
                    .Replace($"\"{old.DefinitionId}\"", $"\"{flow.DefinitionId}\"", StringComparison.Ordinal)),
            })];
            var summary = new InstanceSummary("", flow.DefinitionId, flow.Id, flow.Version, null, null, "Finished", "Finished", 0, call.Count, default, default, null);
            yield return (entries[0].Sequence, JournalPage.Encode(new InstanceGroup(WriteRequest.Rent(new JournalAppend("", entries, summary, []), []))));
        }
    }
}

/// <param name="Number">Which of the million it is; its flow, version and phone numbers follow from it.</param>
/// <param name="CreatedAt">UTC ticks.</param>
internal sealed record PastCall(int Number, string Id, long CreatedAt);
