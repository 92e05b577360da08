using System.Diagnostics.CodeAnalysis;
using Npgsql;
using Quartz;
using Sift.Activities.Webhooks;
using Sift.Web.Storage;

namespace Sift.Web.Hosting;

/// <summary>
/// Keeps in Quartz's persistent store when which delivery is due again. The delivery itself is a row of ours; Quartz has its id only. Reminders that
/// come while others are being stored are stored together: each of Quartz's operations is a transaction under one lock.
/// </summary>
internal sealed class RetrySchedule(ISchedulerFactory schedulers, TimeProvider time) : IRetrySchedule
{
    public const string Group = "deliveries";

    private static readonly IJobDetail Job = JobBuilder.Create<DeliveryRetryJob>().WithIdentity("retry", Group).StoreDurably(true).Build();

    private readonly Lock gate = new();
    private Batch waiting = new();
    private bool isStoring;

    public ValueTask ScheduleAsync(string deliveryId, DateTimeOffset dueAt, CancellationToken cancellationToken)
    {
        // A trigger that fires once and was missed while the server was down fires at once (the default policy).
        var trigger = TriggerBuilder.Create(time)
            .WithIdentity(deliveryId, Group)
            .ForJob(Job)
            .StartAt(dueAt)
            .Build();
        Batch batch;
        bool isFirst;
        lock (gate)
        {
            batch = waiting;

            // One reminder per delivery: a later one replaces it.
            batch.Triggers[deliveryId] = trigger;
            isFirst = !isStoring;
            isStoring = true;
        }

        if (isFirst)
        {
            _ = StoreAllAsync();
        }

        return new ValueTask(batch.Stored.Task.WaitAsync(cancellationToken));
    }

    private async Task StoreAllAsync()
    {
        while (true)
        {
            Batch batch;
            lock (gate)
            {
                isStoring = waiting.Triggers.Count > 0;
                if (!isStoring)
                {
                    return;
                }

                (batch, waiting) = (waiting, new Batch());
            }

            await StoreAsync(batch);
        }
    }

    [SuppressMessage("Design", "CA1031", Justification = "Whoever waits for the batch hears of it.")]
    private async Task StoreAsync(Batch batch)
    {
        try
        {
            var scheduler = await schedulers.GetScheduler();
            await scheduler.ScheduleJobs(new Dictionary<IJobDetail, IReadOnlyCollection<ITrigger>> { [Job] = batch.Triggers.Values }, new ScheduleJobOptions { Replace = true });
            batch.Stored.SetResult();
        }
        catch (Exception exception)
        {
            batch.Stored.SetException(exception);
        }
    }

    private sealed class Batch
    {
        public Dictionary<string, ITrigger> Triggers { get; } = new(StringComparer.Ordinal);

        public TaskCompletionSource Stored { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
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
                    store.UsePostgres(NpgsqlFactory.Instance, Unflushed(connectionString));
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

    /// <summary>
    /// Quartz's transactions do not wait for the disk, and so do not hold up those that must: a reminder that a crash of the database swallows is found
    /// by its delivery, whose row says when it is due.
    /// </summary>
    private static string Unflushed(string connectionString)
    {
        var builder = new NpgsqlConnectionStringBuilder(connectionString);
        builder.Options = $"{builder.Options} -c synchronous_commit=off".TrimStart();
        return builder.ConnectionString;
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
