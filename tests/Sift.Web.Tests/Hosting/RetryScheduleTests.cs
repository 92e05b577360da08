using System.Threading.Channels;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Sift.Activities.Webhooks;
using Sift.Web.Hosting;
using Sift.Web.Tests.Storage;
using Sift.Web.Tests.Testing;

namespace Sift.Web.Tests.Hosting;

public abstract class RetryScheduleTests : IDeliveryRetries
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly Channel<string> due = Channel.CreateUnbounded<string>();

    [Fact]
    public async Task Many_reminders_at_once_each_come_once_and_a_later_one_replaces_an_earlier()
    {
        using var host = await StartAsync(await NewDatabaseAsync());
        var schedule = host.Services.GetRequiredService<IRetrySchedule>();
        await schedule.ScheduleAsync("d7", TimeProvider.System.GetUtcNow().AddHours(1), default);
        await Task.WhenAll(Enumerable.Range(0, 100).Select(i => Task.Run(() => schedule.ScheduleAsync($"d{i}", TimeProvider.System.GetUtcNow(), default).AsTask())));

        var heard = new List<string>();
        while (heard.Count < 100)
        {
            heard.Add(await NextAsync());
        }

        Assert.Equal(100, heard.ToHashSet().Count);
        await host.StopAsync();
        Assert.False(due.Reader.TryRead(out _));
    }

    [Fact]
    public async Task A_reminder_outlives_the_process_that_asked_for_it()
    {
        var database = await NewDatabaseAsync();
        using (var first = await StartAsync(database))
        {
            await first.Services.GetRequiredService<IRetrySchedule>().ScheduleAsync("kept", TimeProvider.System.GetUtcNow().AddSeconds(2), default);
            await first.StopAsync();
        }

        using var second = await StartAsync(database);
        Assert.Equal("kept", await NextAsync());
        await second.StopAsync();
    }

    void IDeliveryRetries.Retry(string deliveryId) => due.Writer.TryWrite(deliveryId);

    protected abstract Task<string> NewDatabaseAsync();

    private Task<string> NextAsync() => due.Reader.ReadAsync().AsTask().WaitAsync(Limit, TimeProvider.System);

    private async Task<IHost> StartAsync(string connectionString)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddSingleton<IDeliveryRetries>(this);
        builder.Services.AddSiftRetrySchedule(connectionString);
        var host = builder.Build();
        await host.StartAsync();
        return host;
    }
}

public sealed class SqliteRetryScheduleTests : RetryScheduleTests, IDisposable
{
    private readonly string directory = Directory.CreateTempSubdirectory("sift-schedule-").FullName;

    public void Dispose()
    {
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        Directory.Delete(directory, recursive: true);
    }

    protected override Task<string> NewDatabaseAsync() => Task.FromResult($"Data Source={directory}/sift.db");
}

[Collection(PostgresCollection.Name)]
public sealed class PostgresRetryScheduleTests(PostgresServer server) : RetryScheduleTests
{
    protected override Task<string> NewDatabaseAsync() => server.NewDatabaseAsync();
}
