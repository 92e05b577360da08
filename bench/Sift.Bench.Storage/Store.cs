using Microsoft.Extensions.DependencyInjection;
using Sift.Web.Accounts;
using Sift.Web.Storage;
using Sift.Web.Storage.Migrations;

namespace Sift.Bench.Storage;

/// <summary>The storage services of the server on one database.</summary>
internal sealed class Store : IAsyncDisposable
{
    private readonly ServiceProvider services;

    private Store(ServiceProvider services) => this.services = services;

    public Database Database => Get<Database>();

    public static async Task<Store> OpenAsync(string connectionString)
    {
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddSingleton(TimeProvider.System);
        services.AddSiftStorage(connectionString, new RetentionOptions());
        services.AddSiftAccounts(Path.Combine(Kept.Directory, "data"));
        var store = new Store(services.BuildServiceProvider());
        await store.Get<Migrator>().MigrateAsync(default);
        return store;
    }

    /// <summary>Opens it with nothing in it.</summary>
    public static async Task<Store> NewAsync(string connectionString)
    {
        await using (var database = Database.Create(connectionString))
        {
            if (database.File is { } file)
            {
                Directory.CreateDirectory(Path.GetDirectoryName(file)!);
                foreach (var former in Directory.GetFiles(Path.GetDirectoryName(file)!, Path.GetFileName(file) + "*")) File.Delete(former);
            }
            else
            {
                await using var connection = await database.OpenAsync(default);
                await connection.ExecuteAsync("DROP SCHEMA public CASCADE", default);
                await connection.ExecuteAsync("CREATE SCHEMA public", default);
            }
        }

        return await OpenAsync(connectionString);
    }

    public T Get<T>()
        where T : notnull
        => services.GetRequiredService<T>();

    public ValueTask DisposeAsync() => services.DisposeAsync();
}
