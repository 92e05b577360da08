using Microsoft.Extensions.Logging.Abstractions;
using Sift.Web.Deliveries;
using Sift.Web.Observability;
using Sift.Web.Storage;
using Sift.Web.Tests.Testing;

namespace Sift.Web.Tests.Deliveries;

/// <summary>When receivers are switched off, in virtual time, on both databases.</summary>
public abstract class WebhookEndpointsTests : IAsyncLifetime
{
    private const string Host = "pbx.example.com";

    private readonly ManualTime time = new();
    private TestStorage storage = null!;
    private AuditLog audit = null!;

    public async Task InitializeAsync()
    {
        storage = await TestStorage.OpenAsync(await NewDatabaseAsync());
        audit = new AuditLog(storage.Get<Database>(), time);
    }

    public async Task DisposeAsync() => await storage.DisposeAsync();

    protected abstract Task<string> NewDatabaseAsync();

    [Fact]
    public async Task A_receiver_that_fails_for_five_days_is_switched_off_and_the_audit_log_says_so()
    {
        using var endpoints = await StartAsync();
        endpoints.Report("a", Host, isGood: false, time.GetUtcNow());
        time.Advance(WebhookEndpoints.DisableAfter - TimeSpan.FromTicks(1));
        endpoints.Report("a", Host, isGood: false, time.GetUtcNow());
        Assert.Null(endpoints.HeldBecause("a", Host));

        time.Advance(TimeSpan.FromTicks(1));
        endpoints.Report("a", Host, isGood: false, time.GetUtcNow());
        Assert.NotNull(endpoints.HeldBecause("a", Host));
        Assert.Null(endpoints.HeldBecause("b", Host));
        var notice = await EventuallyAsync(async () => (await audit.ListAsync("a", new PageRequest(10, null, false), default)).FirstOrDefault());
        Assert.Equal((AuditLog.Server, "DisableEndpoint", Host), (notice.Actor, notice.Action, notice.Target));
    }

    [Fact]
    public async Task One_success_begins_the_five_days_anew()
    {
        using var endpoints = await StartAsync();
        endpoints.Report("a", Host, isGood: false, time.GetUtcNow());
        time.Advance(TimeSpan.FromDays(4));
        endpoints.Report("a", Host, isGood: true, time.GetUtcNow());
        time.Advance(TimeSpan.FromDays(4));
        endpoints.Report("a", Host, isGood: false, time.GetUtcNow());
        time.Advance(TimeSpan.FromDays(4));
        endpoints.Report("a", Host, isGood: false, time.GetUtcNow());
        Assert.Null(endpoints.HeldBecause("a", Host));
    }

    [Fact]
    public async Task What_was_paused_stays_paused_across_a_restart_until_it_is_resumed()
    {
        using (var before = await StartAsync())
        {
            await before.PauseAsync("a", Host, default);
        }

        using var after = await StartAsync();
        Assert.Contains("paused", after.HeldBecause("a", Host), StringComparison.Ordinal);
        time.Advance(TimeSpan.FromSeconds(1));
        await after.ResumeAsync("a", Host, default);
        Assert.Null(after.HeldBecause("a", Host));
        using var later = await StartAsync();
        Assert.Null(later.HeldBecause("a", Host));
    }

    [Fact]
    public async Task A_pause_on_one_node_is_heard_by_another()
    {
        using var here = await StartAsync();
        using var there = await StartAsync();
        await here.PauseAsync("a", Host, default);
        await there.LoadAsync(default);
        Assert.NotNull(there.HeldBecause("a", Host));
    }

    private async Task<WebhookEndpoints> StartAsync()
    {
        var endpoints = new WebhookEndpoints(storage.Get<Database>(), storage.Get<ChangeMarks>(), audit, time, NullLogger<WebhookEndpoints>.Instance);
        await endpoints.StartAsync(default);
        return endpoints;
    }

    private static async Task<T> EventuallyAsync<T>(Func<Task<T?>> look)
        where T : class
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        while (true)
        {
            limit.Token.ThrowIfCancellationRequested();
            if (await look() is { } found)
            {
                return found;
            }

            await Task.Yield();
        }
    }
}

public sealed class SqliteWebhookEndpointsTests : WebhookEndpointsTests, IDisposable
{
    private readonly string directory = Directory.CreateTempSubdirectory("sift-endpoints-").FullName;

    public void Dispose() => Directory.Delete(directory, recursive: true);

    protected override Task<string> NewDatabaseAsync() => Task.FromResult($"Data Source={Path.Combine(directory, "sift.db")}");
}

[Collection(PostgresCollection.Name)]
public sealed class PostgresWebhookEndpointsTests(PostgresServer postgres) : WebhookEndpointsTests
{
    protected override Task<string> NewDatabaseAsync() => postgres.NewDatabaseAsync();
}
