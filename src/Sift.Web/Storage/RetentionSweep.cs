using System.Diagnostics.CodeAnalysis;
using Sift.Web.Storage.GroupCommit;
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

/// <summary>
/// Removes what has been finished for longer than the configured time. What goes is looked up beside the calls and removed by the group
/// commit among their appends, a little at a time with pauses: a writer of its own would lock SQLite against them.
/// </summary>
internal sealed partial class RetentionSweep(
    Database database, IJournalStore journal, GroupCommitWriter writer, RetentionOptions options, TimeProvider time, ILogger<RetentionSweep> logger) : BackgroundService
{
    public const int Batch = 50;

    public static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    private const int KeyHours = 24;

    private static readonly TimeSpan FirstSweep = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Interval = TimeSpan.FromHours(1);

    /// <summary>Removes everything that is due; returns how many things of any kind went.</summary>
    public async ValueTask<int> SweepAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var journals = now.AddDays(-options.JournalDays);
        return await RepeatAsync(() => journal.PurgeAsync(journals, Batch, cancellationToken), cancellationToken)
            + await RemoveAsync(
                "SELECT id FROM deliveries WHERE state NOT IN ('Pending', 'Scheduled') AND created_at < $1 ORDER BY created_at LIMIT $2",
                now.AddDays(-options.DeliveryDays),
                cancellationToken,
                "DELETE FROM deliveries WHERE id = $1 AND state NOT IN ('Pending', 'Scheduled')",
                "DELETE FROM delivery_attempts WHERE delivery_id = $1 AND NOT EXISTS (SELECT 1 FROM deliveries WHERE id = $1)")
            + await RemoveAsync(
                "SELECT id FROM connections WHERE end_time IS NOT NULL AND end_time < $1 ORDER BY end_time LIMIT $2",
                now.AddDays(-options.ConnectionDays),
                cancellationToken,
                "DELETE FROM connections WHERE id = $1")
            + await RemoveAsync(
                "SELECT connection_id FROM call_traces WHERE recorded_at < $1 ORDER BY recorded_at LIMIT $2", journals, cancellationToken, "DELETE FROM call_traces WHERE connection_id = $1")
            + await RemoveAsync(
                "SELECT account_id, route, idempotency_key FROM idempotency_keys WHERE created_at < $1 ORDER BY created_at LIMIT $2",
                now.AddHours(-KeyHours),
                cancellationToken,
                "DELETE FROM idempotency_keys WHERE account_id = $1 AND route = $2 AND idempotency_key = $3")
            + await RemoveAsync(
                "SELECT number, CAST($1 AS BIGINT) FROM registrations WHERE expires_at < $1 ORDER BY expires_at LIMIT $2",
                now,
                cancellationToken,
                "DELETE FROM registrations WHERE number = $1 AND expires_at < $2");
    }

    [SuppressMessage("Design", "CA1031", Justification = "The loop must outlive a database that is away for a while.")]
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // Soon after the start too, for servers that are restarted every day; not at once, when calls of the last run are being taken up.
        await Task.Delay(FirstSweep, time, stoppingToken);
        using var timer = new PeriodicTimer(Interval, time);
        do
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
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    /// <param name="select">Finds the keys of what is due, with the time limit and the size of a batch as parameters.</param>
    /// <param name="deletes">Remove one of them, given its key; they ask again for what may have changed meanwhile.</param>
    private ValueTask<int> RemoveAsync(string select, DateTimeOffset before, CancellationToken cancellationToken, params string[] deletes) => RepeatAsync(
        async () =>
        {
            var keys = await KeysAsync(select, before, cancellationToken);
            if (keys.Count > 0)
            {
                await writer.WriteAsync(null, [.. from key in keys from delete in deletes select new PlainStatement(delete, key)], cancellationToken);
            }

            return keys.Count;
        },
        cancellationToken);

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

    private async ValueTask<List<object?[]>> KeysAsync(string select, DateTimeOffset before, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        await using var command = connection.Command(select, before.UtcTicks, Batch);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var keys = new List<object?[]>();
        while (await reader.ReadAsync(cancellationToken))
        {
            keys.Add([.. Enumerable.Range(0, reader.FieldCount).Select(reader.GetValue)]);
        }

        return keys;
    }

    [LoggerMessage(1030, LogLevel.Debug, "Retention removed {Count} rows")]
    private partial void LogSwept(int count);

    [LoggerMessage(1031, LogLevel.Warning, "Retention failed and will be tried again")]
    private partial void LogFailed(Exception exception);
}
