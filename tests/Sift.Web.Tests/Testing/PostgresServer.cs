namespace Sift.Web.Tests.Testing;

/// <summary>The PostgreSQL server that all tests share, in a temporary directory.</summary>
public sealed class PostgresServer : IAsyncLifetime
{
    private readonly string directory = Directory.CreateTempSubdirectory("sift-pg-").FullName;
    private PostgresProcess server = null!;
    private int databases;

    public async Task InitializeAsync() => server = await PostgresProcess.StartAsync(directory, isDurable: false);

    public async Task DisposeAsync()
    {
        await server.DisposeAsync();
        Directory.Delete(directory, recursive: true);
    }

    /// <summary>The connection string of a new, empty database.</summary>
    public Task<string> NewDatabaseAsync() => server.DatabaseAsync($"sift{Interlocked.Increment(ref databases)}");
}

[CollectionDefinition(Name)]
public sealed class PostgresCollection : ICollectionFixture<PostgresServer>
{
    public const string Name = "postgres";
}
