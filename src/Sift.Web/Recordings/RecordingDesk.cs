using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;
using Sift.Activities.Connections;
using Sift.Media.Recording;
using Sift.Web.Storage;

namespace Sift.Web.Recordings;

/// <summary>Keeps the books of recordings: rows for what begins and ends, and at the start for what the last process left under way.</summary>
internal sealed partial class RecordingDesk(RecordingStore store, RecordingFiles files, IConnectionStore connections, TimeProvider time, ILogger<RecordingDesk> logger) : BackgroundService, IRecordingEvents
{
    internal static readonly TimeSpan BetweenAttempts = TimeSpan.FromSeconds(5);

    private const int Attempts = 120;

    private readonly Channel<object> news = Channel.CreateUnbounded<object>(new UnboundedChannelOptions { SingleReader = true });

    public void OnRecording(RecordingStarted started) => news.Writer.TryWrite(started);

    public void OnRecorded(RecordingEnded ended) => news.Writer.TryWrite(ended);

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        // Before any call is taken: a file under way now belongs to a process that is gone.
        foreach (var path in Directory.EnumerateFiles(files.Directory))
        {
            await TakeUpAsync(path, cancellationToken);
        }

        await base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await foreach (var happened in news.Reader.ReadAllAsync(stoppingToken))
        {
            // Sound without its row could never be found again: the row is worth waiting for.
            for (var attempt = 1; attempt <= Attempts && !await TryEnterAsync(happened, stoppingToken); attempt++)
            {
                await Task.Delay(BetweenAttempts, time, stoppingToken);
            }
        }
    }

    [SuppressMessage("Design", "CA1031", Justification = "The loop must outlive a database that is away for a while.")]
    private async ValueTask<bool> TryEnterAsync(object happened, CancellationToken cancellationToken)
    {
        try
        {
            await (happened switch
            {
                RecordingStarted started => AddAsync(started, cancellationToken),
                RecordingEnded ended => store.EndAsync(ended.Recording, ended.Duration, ended.Bytes, ended.Error, cancellationToken),
                _ => ValueTask.CompletedTask,
            });
            return true;
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            LogFailed(exception);
            return false;
        }
    }

    private async ValueTask AddAsync(RecordingStarted started, CancellationToken cancellationToken)
    {
        if (await connections.FindAsync(started.Leg.Value, cancellationToken) is { } connection)
        {
            await store.AddAsync(
                new RecordingRow(started.Recording, connection.AccountId, connection.Id, started.With?.Value, started.At, started.SampleRate, null, null, null), cancellationToken);
        }
    }

    private async ValueTask TakeUpAsync(string path, CancellationToken cancellationToken)
    {
        var id = Path.GetFileNameWithoutExtension(path);
        var row = await store.FindAsync(id, cancellationToken);
        if (Path.GetExtension(path) == CallRecorder.UnderWay)
        {
            // Nobody could find the sound of a recording that has no row; it must not stay.
            if (row is null)
            {
                File.Delete(path);
                return;
            }

            path = CallRecorder.CompleteFile(path, row.SampleRate);
        }

        if (row is { Duration: null })
        {
            var bytes = new FileInfo(path).Length;
            await store.EndAsync(id, CallRecorder.DurationOf(bytes, row.SampleRate), bytes, "the server stopped before the recording was complete", cancellationToken);
            LogTakenUp(id);
        }
    }

    [LoggerMessage(1240, LogLevel.Error, "A recording could not be entered; it is tried again")]
    private partial void LogFailed(Exception exception);

    [LoggerMessage(1241, LogLevel.Warning, "Recording {Recording} was cut off when the server stopped; what there is of it was kept")]
    private partial void LogTakenUp(string recording);
}
