using Microsoft.Extensions.DependencyInjection;
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
        var store = new Store(services.BuildServiceProvider());
        await store.Get<Migrator>().MigrateAsync(default);
        return store;
    }

    public T Get<T>()
        where T : notnull
        => services.GetRequiredService<T>();

    public ValueTask DisposeAsync() => services.DisposeAsync();
}
