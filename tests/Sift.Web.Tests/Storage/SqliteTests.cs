using Microsoft.Data.Sqlite;
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
