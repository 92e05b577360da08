using Quartz;
using Sift.Activities.Webhooks;
using Sift.Web.Storage;

namespace Sift.Web.Hosting;

/// <summary>Keeps in Quartz's persistent store when which delivery is due again. The delivery itself is a row of ours; Quartz has its id only.</summary>
internal sealed class RetrySchedule(ISchedulerFactory schedulers, TimeProvider time) : IRetrySchedule
{
    public const string Group = "deliveries";

    private static readonly JobKey Job = new("retry", Group);

    private readonly SemaphoreSlim preparing = new(1, 1);
    private IScheduler? prepared;

    public async ValueTask ScheduleAsync(string deliveryId, DateTimeOffset dueAt, CancellationToken cancellationToken)
    {
        var scheduler = prepared ?? await PrepareAsync(cancellationToken);
        // A trigger that fires once and was missed while the server was down fires at once (the default policy).
        var trigger = TriggerBuilder.Create(time)
            .WithIdentity(deliveryId, Group)
            .ForJob(Job)
            .StartAt(dueAt)
            .Build();

        // One reminder per delivery: a later one replaces it.
        if (await scheduler.RescheduleJob(trigger.Key, trigger, cancellationToken) is null)
        {
            await scheduler.ScheduleJob(trigger, cancellationToken: cancellationToken);
        }
    }

    private async ValueTask<IScheduler> PrepareAsync(CancellationToken cancellationToken)
    {
        await preparing.WaitAsync(cancellationToken);
        try
        {
            if (prepared is null)
            {
                var scheduler = await schedulers.GetScheduler(cancellationToken);
                if (await scheduler.GetJobDetail(Job, cancellationToken) is null)
                {
                    await scheduler.AddJob(JobBuilder.Create<DeliveryRetryJob>().WithIdentity(Job).StoreDurably(true).Build(), cancellationToken: cancellationToken);
                }

                prepared = scheduler;
            }

            return prepared;
        }
        finally
        {
            preparing.Release();
        }
    }
}

/// <summary>Takes up a delivery that is due again.</summary>
internal interface IDeliveryRetries
{
    void Retry(string deliveryId);
}

/// <summary>Hands a due delivery to the pipeline. The name of the trigger is its id.</summary>
internal sealed class DeliveryRetryJob(IDeliveryRetries deliveries) : IJob
{
    public ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken)
    {
        deliveries.Retry(context.Trigger.Key.Name);
        return ValueTask.CompletedTask;
    }
}

internal static class RetryScheduleServices
{
    public static IServiceCollection AddSiftRetrySchedule(this IServiceCollection services, string connectionString)
    {
        services.AddQuartz(quartz =>
        {
            quartz.ConfigureScheduler(scheduler => scheduler.InstanceName = "sift");
            quartz.UseDefaultThreadPool(4);
            quartz.UsePersistentStore(store =>
            {
                if (Database.KindOf(connectionString) == DatabaseKind.Postgres)
                {
                    store.UsePostgres(Npgsql.NpgsqlFactory.Instance, connectionString);
                    store.UseClustering(_ => { });
                }
                else
                {
                    // A file of its own: SQLite has one writer at a time, and Quartz must never hold up a call's commit.
                    store.UseSqlite(Microsoft.Data.Sqlite.SqliteFactory.Instance, ScheduleFile(connectionString));
                }

                store.UseSystemTextJsonSerializer();
                store.ProvisionSchema();
            });
        });
        services.AddQuartzHostedService(options => options.WaitForJobsToComplete = true);
        services.AddSingleton<IRetrySchedule, RetrySchedule>();
        return services;
    }

    private static string ScheduleFile(string connectionString)
    {
        var builder = new Microsoft.Data.Sqlite.SqliteConnectionStringBuilder(connectionString) { DefaultTimeout = 10 };
        var file = Path.GetFullPath(builder.DataSource);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        builder.DataSource = Path.ChangeExtension(file, null) + "-schedule.db";
        return builder.ConnectionString;
    }
}
