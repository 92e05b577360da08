using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Sift.Media.Audio;

namespace Sift.Media.Speech.Workers;

/// <summary>
/// A few worker processes behind one bounded queue. A worker that dies or must be killed costs its sentence; the slot starts another,
/// waiting longer after each failure in a row.
/// </summary>
internal sealed partial class SpeechWorkerPool : IAsyncDisposable
{
    private readonly IReadOnlyList<string> _command;
    private readonly SpeechOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly Channel<Job> _queue;
    private int _disposed;
    private string? _failure;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task[] _slots;
    private readonly SpeechWorker?[] _workers;

    private SpeechWorkerPool(IReadOnlyList<string> command, SpeechWorker first, SpeechOptions options, TimeProvider time, ILogger log)
    {
        _command = command;
        _options = options;
        _time = time;
        _log = log;
        Voices = first.Voices;
        _queue = Channel.CreateBounded<Job>(options.QueueLength);
        _workers = new SpeechWorker?[Math.Max(options.Workers, 1)];
        _workers[0] = first;
        _slots = [.. Enumerable.Range(0, _workers.Length).Select(slot => Task.Run(() => RunAsync(slot)))];
    }

    /// <summary>Voices the workers have.</summary>
    public IReadOnlyList<string> Voices { get; }

    /// <summary>Processes that are up.</summary>
    public IEnumerable<int> ProcessIds => _workers.OfType<SpeechWorker>().Where(worker => worker.Alive).Select(worker => worker.ProcessId);

    /// <summary>Why the last worker that was needed could not be started; null since one could.</summary>
    public string? Failure => Volatile.Read(ref _failure);

    /// <summary>Starts the first worker, to learn whether it works at all; the others start in the background.</summary>
    public static async Task<(SpeechWorkerPool? Pool, string? Error)> StartAsync(
        IReadOnlyList<string> command, SpeechOptions options, TimeProvider time, ILogger log, CancellationToken cancellationToken)
    {
        var (worker, error) = await SpeechWorker.StartAsync(command, StartDeadline, time, cancellationToken).ConfigureAwait(false);
        return worker is null ? (null, error) : (new SpeechWorkerPool(command, worker, options, time, log), null);
    }

    /// <summary>Speaks a sentence; null, or the error for people.</summary>
    public async Task<string?> SpeakAsync(string voice, string sentence, IPcmSink sink, CancellationToken cancellationToken)
    {
        var job = new Job(voice, sentence, sink, _time.GetTimestamp(), new(TaskCreationOptions.RunContinuationsAsynchronously), cancellationToken);
        return _queue.Writer.TryWrite(job) ? await job.Done.Task.ConfigureAwait(false) : Overloaded;
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 1)
        {
            return;
        }

        _queue.Writer.TryComplete();
        await _stop.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(_slots).ConfigureAwait(false);
        while (_queue.Reader.TryRead(out var job))
        {
            job.Done.TrySetResult("the server is stopping");
        }

        _stop.Dispose();
    }

    private async Task RunAsync(int slot)
    {
        var failures = 0;
        try
        {
            await EnsureAsync(slot).ConfigureAwait(false);
            await foreach (var job in _queue.Reader.ReadAllAsync(_stop.Token).ConfigureAwait(false))
            {
                failures = await ServeAsync(slot, job).ConfigureAwait(false) ? 0 : failures + 1;
                if (failures > 1)
                {
                    await Task.Delay(TimeSpan.FromMilliseconds(Math.Min(100 << Math.Min(failures, 6), 5000)), _time, _stop.Token).ConfigureAwait(false);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Stopping.
        }
        finally
        {
            _workers[slot]?.Dispose();
        }
    }

    /// <returns>False when a worker was lost, by failing to start or by a crash.</returns>
    private async Task<bool> ServeAsync(int slot, Job job)
    {
        if (job.Cancelled.IsCancellationRequested || _time.GetElapsedTime(job.Queued) > _options.QueueDeadline)
        {
            job.Done.TrySetResult(job.Cancelled.IsCancellationRequested ? "cancelled" : Overloaded);
            return true;
        }

        for (var attempt = 0; ; attempt++)
        {
            var error = await EnsureAsync(slot).ConfigureAwait(false);
            if (_workers[slot] is not { } worker)
            {
                job.Done.TrySetResult(error);
                return false;
            }

            using var stop = CancellationTokenSource.CreateLinkedTokenSource(job.Cancelled, _stop.Token);
            var outcome = await worker.SpeakAsync(job.Voice, job.Sentence, job.Sink, _options.SentenceDeadline, _time, stop.Token).ConfigureAwait(false);
            if (outcome.WorkerLost)
            {
                LogLost(worker.ProcessId, outcome.Error!);
                _workers[slot] = null;
                worker.Dispose();
                if (outcome.Retry && attempt == 0)
                {
                    // Most likely it died while it was idle; a sentence that kills workers gets no third.
                    continue;
                }
            }

            job.Done.TrySetResult(outcome.Error);
            return !outcome.WorkerLost || stop.IsCancellationRequested;
        }
    }

    private async Task<string?> EnsureAsync(int slot)
    {
        if (_workers[slot] is { Alive: true })
        {
            return null;
        }

        _workers[slot]?.Dispose();
        (_workers[slot], var error) = await SpeechWorker.StartAsync(_command, StartDeadline, _time, _stop.Token).ConfigureAwait(false);
        Volatile.Write(ref _failure, error);
        if (error is not null)
        {
            LogNotStarted(error);
        }

        return error;
    }

    [LoggerMessage(2601, LogLevel.Warning, "Speech worker {ProcessId} lost: {Reason}")]
    private partial void LogLost(int processId, string reason);

    [LoggerMessage(2602, LogLevel.Error, "No speech worker: {Reason}")]
    private partial void LogNotStarted(string reason);

    private sealed record Job(string Voice, string Sentence, IPcmSink Sink, long Queued, TaskCompletionSource<string?> Done, CancellationToken Cancelled);

    internal const string Overloaded = "the speech engine is overloaded";
    private static readonly TimeSpan StartDeadline = TimeSpan.FromSeconds(10);
}
