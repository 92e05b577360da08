using Sift.Web.Tests.Testing;
using Sift.Workflows.Journal;
using Sift.Workflows.Tests.Journal;

namespace Sift.Web.Tests.Storage;

[Collection(PostgresCollection.Name)]
public sealed class PostgresStoreTests(PostgresServer server) : StoreTests
{
    protected override Task<string> NewDatabaseAsync() => server.NewDatabaseAsync();
}

[Collection(PostgresCollection.Name)]
public sealed class PostgresInstanceListTests(PostgresServer server) : InstanceListTests
{
    protected override Task<string> NewDatabaseAsync() => server.NewDatabaseAsync();
}

[Collection(PostgresCollection.Name)]
public sealed class PostgresJournalStoreTests(PostgresServer server) : JournalStoreTests, IAsyncLifetime
{
    private readonly List<TestStorage> opened = [];
    private string connectionString = "";

    public async Task InitializeAsync() => connectionString = await server.NewDatabaseAsync();

    protected override ValueTask<IJournalStore> CreateAsync() => OpenAsync();

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
    }

    private async ValueTask<IJournalStore> OpenAsync()
    {
        var storage = await TestStorage.OpenAsync(connectionString);
        opened.Add(storage);
        return storage.Get<IJournalStore>();
    }
}
