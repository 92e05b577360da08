using System.Diagnostics.CodeAnalysis;
using Sift.Workflows.Journal;

namespace Sift.Web.Storage;

/// <summary>How long finished things are kept.</summary>
internal sealed record RetentionOptions
{
    /// <summary>Days a finished instance keeps its journal.</summary>
    public int JournalDays { get; init; } = 30;

    /// <summary>Days a finished delivery and its attempts are kept.</summary>
    public int DeliveryDays { get; init; } = 30;

    /// <summary>Days an ended connection is listed.</summary>
    public int ConnectionDays { get; init; } = 400;

    /// <summary>Days a recording is kept.</summary>
    public int RecordingDays { get; init; } = 30;
}

/// <summary>Removes what has been finished for longer than the configured time, in small batches with pauses, so that calls do not notice.</summary>
internal sealed partial class RetentionSweep(Database database, IJournalStore journal, RetentionOptions options, TimeProvider time, ILogger<RetentionSweep> logger) : BackgroundService
{
    private const int Batch = 200;

    private static readonly TimeSpan Interval = TimeSpan.FromHours(1);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    /// <summary>Removes everything that is due; returns how many rows of any kind went.</summary>
    public async ValueTask<int> SweepAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var removed = await RepeatAsync(() => journal.PurgeAsync(now.AddDays(-options.JournalDays), Batch, cancellationToken), cancellationToken);
        var deliveries = now.AddDays(-options.DeliveryDays).UtcTicks;
        removed += await RepeatAsync(() => PurgeDeliveriesAsync(deliveries, cancellationToken), cancellationToken);
        removed += await RepeatAsync(
            () => DeleteAsync("DELETE FROM connections WHERE id IN (SELECT id FROM connections WHERE end_time IS NOT NULL AND end_time < $1 LIMIT $2)", now.AddDays(-options.ConnectionDays).UtcTicks, cancellationToken),
            cancellationToken);
        removed += await RepeatAsync(
            () => DeleteAsync("DELETE FROM call_traces WHERE connection_id IN (SELECT connection_id FROM call_traces WHERE recorded_at < $1 LIMIT $2)", now.AddDays(-options.JournalDays).UtcTicks, cancellationToken),
            cancellationToken);
        removed += await DeleteAsync("DELETE FROM idempotency_keys WHERE created_at < $1 AND $2 > 0", now.AddHours(-24).UtcTicks, cancellationToken);
        return removed;
    }

    [SuppressMessage("Design", "CA1031", Justification = "The loop must outlive a database that is away for a while.")]
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                LogSwept(await SweepAsync(stoppingToken));
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                LogFailed(exception);
            }
        }
    }

    private async ValueTask<int> RepeatAsync(Func<ValueTask<int>> step, CancellationToken cancellationToken)
    {
        var total = 0;
        while (await step() is > 0 and var removed)
        {
            total += removed;
            if (removed < Batch)
            {
                break;
            }

            await Task.Delay(Pause, time, cancellationToken);
        }

        return total;
    }

    private async ValueTask<int> PurgeDeliveriesAsync(long before, CancellationToken cancellationToken)
    {
        const string Chosen = "SELECT id FROM deliveries WHERE state NOT IN ('Pending', 'Scheduled') AND created_at < $1 ORDER BY created_at, id LIMIT $2";
        await using var connection = await database.OpenAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await connection.ExecuteAsync($"DELETE FROM delivery_attempts WHERE delivery_id IN ({Chosen})", cancellationToken, before, Batch);
        var removed = await connection.ExecuteAsync($"DELETE FROM deliveries WHERE id IN ({Chosen})", cancellationToken, before, Batch);
        await transaction.CommitAsync(cancellationToken);
        return removed;
    }

    private async ValueTask<int> DeleteAsync(string sql, long before, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        return await connection.ExecuteAsync(sql, cancellationToken, before, Batch);
    }

    [LoggerMessage(1030, LogLevel.Debug, "Retention removed {Count} rows")]
    private partial void LogSwept(int count);

    [LoggerMessage(1031, LogLevel.Warning, "Retention failed and will be tried again")]
    private partial void LogFailed(Exception exception);
}
