using Microsoft.Extensions.Logging;

namespace Sift.Media.Rtp;

/// <summary>The thread of a shard: steps on absolute 20 ms deadlines, so that lateness of one step does not move the next.</summary>
internal sealed partial class MediaPacer : IDisposable
{
    // Further behind than this, the missed steps are skipped: sending them at once would only flood the far ends.
    private static readonly TimeSpan CatchUpLimit = TimeSpan.FromMilliseconds(200);

    private readonly MediaShard _shard;
    private readonly TimeProvider _time;
    private readonly long _origin;
    private readonly ILogger _logger;
    private readonly ThreadSleep _sleep;
    private readonly Thread _thread;
    private volatile bool _stopping;

    /// <param name="origin">The timestamp that is zero for all shards, so that a session can move between them.</param>
    public MediaPacer(MediaShard shard, TimeProvider time, long origin, ILogger logger)
    {
        _shard = shard;
        _time = time;
        _origin = origin;
        _logger = logger;
        _sleep = ThreadSleep.For(time);
        shard.Hastened = _sleep.Wake;
        _thread = new Thread(Run) { IsBackground = true, Name = $"media-{shard.Index}", Priority = ThreadPriority.Highest };
    }

    public void Start() => _thread.Start();

    public void Dispose()
    {
        _stopping = true;
        _sleep.Wake();
        if (_thread.IsAlive)
        {
            _thread.Join();
        }

        _shard.Hastened = null;
        _sleep.Dispose();
    }

    private void Run()
    {
        RaisePriority();
        var deadline = _time.GetElapsedTime(_origin);
        while (!_stopping)
        {
            deadline += MediaShard.Period;
            var begin = AwaitStep(deadline);
            _shard.Tick(begin);
            var end = _time.GetElapsedTime(_origin);
            _shard.RecordTiming(begin - deadline, end - begin);
            if (end - deadline > CatchUpLimit)
            {
                var missed = (int)((end - deadline).Ticks / MediaShard.Period.Ticks);
                _shard.Skip(missed);
                deadline += MediaShard.Period * missed;
            }
        }
    }

    /// <returns>The time, at or after the deadline.</returns>
    private TimeSpan AwaitStep(TimeSpan deadline)
    {
        while (true)
        {
            var now = _time.GetElapsedTime(_origin);
            if (now >= deadline || _stopping)
            {
                return now;
            }

            if (_sleep.Sleep(deadline - now))
            {
                _shard.RunHastened(_time.GetElapsedTime(_origin));
            }
        }
    }

    private unsafe void RaisePriority()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        // Thread 0 is the caller. Without CAP_SYS_NICE this is refused, and the thread runs like any other.
        var priority = 10;
        if (LinuxSystemCalls.SetScheduler(0, LinuxSystemCalls.ScheduleRoundRobin, &priority) == 0)
        {
            LogRealTime(_shard.Index);
        }
    }

    [LoggerMessage(EventId = 3010, Level = LogLevel.Information, Message = "Pacing thread {Index} runs with real-time priority")]
    private partial void LogRealTime(int index);
}
