using System.Diagnostics.CodeAnalysis;
using Sift.Web.Storage;

namespace Sift.Web.Recordings;

/// <summary>Deletes recordings, file and row, that are older than <c>Sift__Retention__RecordingDays</c>.</summary>
internal sealed partial class RecordingSweep(RecordingStore store, RecordingFiles files, RetentionOptions retention, TimeProvider time, ILogger<RecordingSweep> logger) : BackgroundService
{
    private const int Batch = 100;

    private static readonly TimeSpan Interval = TimeSpan.FromHours(1);

    /// <summary>Returns how many went.</summary>
    public async ValueTask<int> SweepAsync(CancellationToken cancellationToken)
    {
        var removed = 0;
        while (await store.OlderAsync(time.GetUtcNow().AddDays(-retention.RecordingDays), Batch, cancellationToken) is { Count: > 0 } due)
        {
            foreach (var row in due)
            {
                files.Delete(row.Id);
                await store.RemoveAsync(row.Id, cancellationToken);
                removed++;
            }
        }

        return removed;
    }

    [SuppressMessage("Design", "CA1031", Justification = "The loop must outlive a database or a disk that is away for a while.")]
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await SweepAsync(stoppingToken);
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                LogFailed(exception);
            }
        }
    }

    [LoggerMessage(1242, LogLevel.Warning, "Old recordings could not be deleted and will be tried again")]
    private partial void LogFailed(Exception exception);
}
