using Microsoft.Data.Sqlite;
using Sift.Web.Storage;
using Sift.Web.Tests.Testing;
using Sift.Workflows.Journal;
using Sift.Workflows.Tests.Journal;

namespace Sift.Web.Tests.Storage;

public sealed class SqliteStoreTests : StoreTests, IDisposable
{
    private readonly string directory = Directory.CreateTempSubdirectory("sift-db-").FullName;

    protected override Task<string> NewDatabaseAsync() => Task.FromResult($"Data Source={directory}/sift.db");

    public void Dispose()
    {
        SqliteConnection.ClearAllPools();
        Directory.Delete(directory, recursive: true);
    }
}

public sealed class SqliteInstanceListTests : InstanceListTests, IDisposable
{
    private readonly string directory = Directory.CreateTempSubdirectory("sift-db-").FullName;

    [Fact]
    public async Task Narrowing_a_list_to_little_reads_little()
    {
        await using var storage = await TestStorage.OpenAsync($"Data Source={directory}/long.db");
        await using (var connection = await storage.Get<Database>().OpenAsync(default))
        {
            // Each tenth faulted, all of those of another flow than the one asked for.
            await connection.ExecuteAsync(
                "INSERT INTO instances (id, definition_id, definition_version_id, version, account_id, status, sub_status, incident_count, has_pending_effects, last_sequence, created_at, updated_at, finished_at, owner) "
                + "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 40000) "
                + "SELECT 'i' || (100000 + i), CASE i % 10 WHEN 0 THEN 'bad' ELSE 'good' END, 'v1', 1, 'a', 'Finished', CASE i % 10 WHEN 0 THEN 'Faulted' ELSE 'Finished' END, CASE i % 10 WHEN 0 THEN 1 ELSE 0 END, 0, 1, i, i, i, '' FROM n", default);
        }

        var list = storage.Get<InstanceList>();
        Assert.Equal((50, 4_000), await ListAsync(new InstanceQuery { DefinitionIds = ["bad"], SubStatuses = ["Faulted"] }));
        Assert.Equal((0, 0), await ListAsync(new InstanceQuery { DefinitionIds = ["good"], SubStatuses = ["Faulted"] }));
        Assert.Equal((0, 0), await ListAsync(new InstanceQuery { DefinitionIds = ["bad"], SubStatuses = ["Finished"] }));
        Assert.Equal((0, 0), await ListAsync(new InstanceQuery { DefinitionIds = ["good"], HasIncidents = true }));
        Assert.Equal((50, 4_000), await ListAsync(new InstanceQuery { HasIncidents = true }));
        Assert.Equal((0, 0), await ListAsync(new InstanceQuery { SubStatuses = ["Cancelled"] }));
        Assert.Equal((0, 0), await ListAsync(new InstanceQuery { DefinitionIds = ["good"], Version = 2 }));
        Assert.Equal((0, 0), await ListAsync(new InstanceQuery { Statuses = ["Running"] }));
        Assert.Equal((50, 10_000), await ListAsync(new InstanceQuery { DefinitionIds = ["good"] }));

        async Task<(int, int)> ListAsync(InstanceQuery query)
        {
            var before = await PagesAsync();
            var (items, total) = await list.ListAsync("a", query, default);
            Assert.InRange(await PagesAsync() - before, 1, 1_000);
            return (items.Count, total);
        }

        // The pool hands the same connection out again.
        async Task<int> PagesAsync()
        {
            await using var connection = (SqliteConnection)await storage.Get<Database>().OpenAsync(default);
            SQLitePCL.raw.sqlite3_db_status(connection.Handle, SQLitePCL.raw.SQLITE_DBSTATUS_CACHE_HIT, out var hits, out _, 0);
            SQLitePCL.raw.sqlite3_db_status(connection.Handle, SQLitePCL.raw.SQLITE_DBSTATUS_CACHE_MISS, out var misses, out _, 0);
            return hits + misses;
        }
    }

    protected override Task<string> NewDatabaseAsync() => Task.FromResult($"Data Source={directory}/sift.db");

    public void Dispose()
    {
        SqliteConnection.ClearAllPools();
        Directory.Delete(directory, recursive: true);
    }
}

public sealed class SqliteJournalStoreTests : JournalStoreTests, IAsyncLifetime
{
    private readonly string directory = Directory.CreateTempSubdirectory("sift-db-").FullName;
    private readonly List<TestStorage> opened = [];

    public Task InitializeAsync() => Task.CompletedTask;

    protected override ValueTask<IJournalStore> CreateAsync() => OpenAsync();

    // The first one is abandoned as it is, its connections open, as a killed process leaves it.
    protected override async ValueTask<IJournalStore> ReopenAsync(IJournalStore store)
    {
        var reopened = await OpenAsync();
        await opened[^1].InheritAsync(opened[^2]);
        return reopened;
    }

    public async Task DisposeAsync()
    {
        foreach (var storage in opened)
        {
            await storage.DisposeAsync();
        }

        SqliteConnection.ClearAllPools();
        Directory.Delete(directory, recursive: true);
    }

    private async ValueTask<IJournalStore> OpenAsync()
    {
        var storage = await TestStorage.OpenAsync($"Data Source={directory}/sift.db");
        opened.Add(storage);
        return storage.Get<IJournalStore>();
    }
}
