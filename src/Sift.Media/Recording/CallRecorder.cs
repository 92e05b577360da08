using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Logging;
using Sift.Media.Audio.Wav;
using Sift.Media.Legs;
using Sift.Media.Rtp;

namespace Sift.Media.Recording;

/// <summary>
/// Records legs to stereo wav files. Media threads only copy frames into a ring per recording; one thread of its own writes all files, ten
/// times a second while there are any. A file under way is called <c>id.part</c>, a complete one <c>id.wav</c>.
/// </summary>
public sealed partial class CallRecorder : IDisposable
{
    /// <summary>How the name of a file ends that is being written.</summary>
    public const string UnderWay = ".part";

    /// <summary>How the name of a complete file ends.</summary>
    public const string Complete = ".wav";

    internal const int Channels = 2;

    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(100);

    private readonly MediaEngine _engine;
    private readonly string _directory;
    private readonly IRecordingEvents _events;
    private readonly TimeProvider _time;
    private readonly ILogger<CallRecorder> _logger;
    private readonly TimeSpan _longest;
    private readonly ConcurrentDictionary<string, RecordingFile> _files = new(StringComparer.Ordinal);

    // The writing thread waits on it while there is nothing to write.
    private readonly object _turn = new();
    private Thread? _thread;
    private bool _stopped;

    /// <param name="engine">Has the sessions of the legs.</param>
    /// <param name="directory">Where the files go; it exists.</param>
    /// <param name="longest">A recording that goes on for longer is ended.</param>
    /// <param name="events">Told what becomes of recordings.</param>
    /// <param name="time">Stamps the beginning.</param>
    /// <param name="logger">Where trouble is told.</param>
    public CallRecorder(MediaEngine engine, string directory, TimeSpan longest, IRecordingEvents events, TimeProvider time, ILogger<CallRecorder> logger)
    {
        _engine = engine;
        _directory = directory;
        _longest = longest;
        _events = events;
        _time = time;
        _logger = logger;
    }

    /// <summary>Recordings that are being written.</summary>
    public int Count => _files.Count;

    /// <summary>Makes a whole file of one that was under way when its process ended.</summary>
    /// <returns>Its new path.</returns>
    public static string CompleteFile(string path, int sampleRate)
    {
        using (var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite))
        {
            WavWriter.Repair(file, Channels, sampleRate);
        }

        var complete = Path.ChangeExtension(path, Complete);
        File.Move(path, complete, overwrite: true);
        return complete;
    }

    /// <summary>How long a file of that many bytes is.</summary>
    public static TimeSpan DurationOf(long bytes, int sampleRate) => TimeSpan.FromSeconds((double)Math.Max(0, bytes - WavWriter.HeaderSize) / (2 * Channels * sampleRate));

    /// <summary>Starts the writing thread. Tests leave it out and call <see cref="Drain"/> instead.</summary>
    public void Start()
    {
        _thread = new Thread(Run) { IsBackground = true, Name = "recordings" };
        _thread.Start();
    }

    /// <summary>Starts a recording; nothing happens when the leg is gone or the recording runs already.</summary>
    public void Record(RecordLeg order)
    {
        if (_engine.Find(order.Leg) is not { } session)
        {
            return;
        }

        var file = new RecordingFile(order, new StereoTap(), PathOf(order.Recording, UnderWay), _time.GetUtcNow());
        if (_files.TryAdd(order.Recording, file))
        {
            session.Tap(file.Tap);
            lock (_turn)
            {
                Monitor.Pulse(_turn);
            }
        }
    }

    /// <summary>Ends a recording if it still runs. The end of its leg does so too.</summary>
    public void Stop(StopRecording order)
    {
        if (!_files.TryGetValue(order.Recording, out var file))
        {
            return;
        }

        if (_engine.Find(order.Leg) is { } session)
        {
            session.Tap(null);
        }
        else
        {
            file.Tap.OnEnd();
        }
    }

    /// <summary>Ends the thread; what was recorded so far is completed.</summary>
    public void Dispose()
    {
        lock (_turn)
        {
            _stopped = true;
            Monitor.Pulse(_turn);
        }

        _thread?.Join();
        foreach (var file in _files.Values)
        {
            file.Tap.OnEnd();
        }

        Drain();
    }

    /// <summary>Writes what waits and completes what has ended.</summary>
    internal void Drain()
    {
        foreach (var (id, file) in _files)
        {
            try
            {
                // Asked before the last drain: what came before the end is written then.
                var isOver = file.Tap.HasEnded;
                if (file.Drain())
                {
                    _events.OnRecording(new RecordingStarted(id, file.Order.Leg, file.Order.With, file.At, file.SampleRate));
                }

                if (isOver)
                {
                    End(id, file, null);
                }
                else if (file.IsFull || file.Duration >= _longest)
                {
                    _engine.Find(file.Order.Leg)?.Tap(null);
                    End(id, file, $"ended after the longest time that is recorded, {_longest.TotalMinutes:0} minutes");
                }
            }
            catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
            {
                LogFailed(problem, id);
                _engine.Find(file.Order.Leg)?.Tap(null);
                GiveUp(id, file, problem.Message);
            }
        }
    }

    private void End(string id, RecordingFile file, string? error)
    {
        // A leg that never was heard nor spoken to left nothing.
        if (file.SampleRate > 0)
        {
            var duration = file.Duration;
            _events.OnRecorded(new RecordingEnded(id, duration, file.Finish(PathOf(id, Complete)), error));
        }

        _files.TryRemove(id, out _);
        file.Dispose();
    }

    private void GiveUp(string id, RecordingFile file, string error)
    {
        _files.TryRemove(id, out _);
        if (file.SampleRate > 0)
        {
            _events.OnRecorded(new RecordingEnded(id, TimeSpan.Zero, 0, error));
        }

        try
        {
            file.Dispose();
            File.Delete(PathOf(id, UnderWay));
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            LogFailed(problem, id);
        }
    }

    private string PathOf(string id, string suffix) => Path.Combine(_directory, id + suffix);

    [SuppressMessage("Design", "CA1031", Justification = "The loop that owns the work: trouble with one recording must not end all others.")]
    private void Run()
    {
        while (true)
        {
            lock (_turn)
            {
                if (!_stopped)
                {
                    Monitor.Wait(_turn, _files.IsEmpty ? Timeout.InfiniteTimeSpan : Period);
                }

                if (_stopped)
                {
                    return;
                }
            }

            try
            {
                Drain();
            }
            catch (Exception problem)
            {
                LogLoopFailed(problem);
            }
        }
    }

    [LoggerMessage(EventId = 3101, Level = LogLevel.Error, Message = "Recording {Recording} cannot be written and is given up; the call goes on")]
    private partial void LogFailed(Exception problem, string recording);

    [LoggerMessage(EventId = 3102, Level = LogLevel.Error, Message = "The recordings could not be written")]
    private partial void LogLoopFailed(Exception problem);
}
