using Microsoft.Extensions.DependencyInjection;
using Sift.Web.Storage;
using Sift.Web.Storage.Migrations;
using Sift.Web.Storage.Nodes;

namespace Sift.Web.Tests.Testing;

/// <summary>The storage services on a database of their own.</summary>
internal sealed class TestStorage(string connectionString) : IAsyncDisposable
{
    public string ConnectionString { get; } = connectionString;

    public ServiceProvider Services { get; } = Build(connectionString);

    public static async ValueTask<TestStorage> OpenAsync(string connectionString)
    {
        var storage = new TestStorage(connectionString);
        await storage.Services.GetRequiredService<Migrator>().MigrateAsync(default);
        return storage;
    }

    public T Get<T>()
        where T : notnull
        => Services.GetRequiredService<T>();

    /// <summary>Takes over what another node owned, as if that one were dead.</summary>
    public ValueTask InheritAsync(TestStorage dead) => Get<NodeEstates>().MoveAsync(dead.Get<Node>().Id, default);

    public ValueTask DisposeAsync() => Services.DisposeAsync();

    private static ServiceProvider Build(string connectionString)
    {
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddSingleton(TimeProvider.System);
        services.AddSiftStorage(connectionString, new RetentionOptions());
        services.AddSingleton<RetentionSweep>();
        return services.BuildServiceProvider();
    }
}
