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
    private readonly ManualResetEventSlim _stop = new();
    private readonly Thread _thread;
    private readonly bool _nativeSleep;

    /// <param name="origin">The timestamp that is zero for all shards, so that a session can move between them.</param>
    public MediaPacer(MediaShard shard, TimeProvider time, long origin, ILogger logger)
    {
        _shard = shard;
        _time = time;
        _origin = origin;
        _logger = logger;

        // On Linux the system provider's timestamps are CLOCK_MONOTONIC in nanoseconds, the clock that clock_nanosleep takes.
        _nativeSleep = OperatingSystem.IsLinux() && nint.Size == 8 && ReferenceEquals(time, TimeProvider.System) && time.TimestampFrequency == 1_000_000_000;
        _thread = new Thread(Run) { IsBackground = true, Name = $"media-{shard.Index}", Priority = ThreadPriority.Highest };
    }

    public void Start() => _thread.Start();

    public void Dispose()
    {
        _stop.Set();
        if (_thread.IsAlive)
        {
            _thread.Join();
        }

        _stop.Dispose();
    }

    private void Run()
    {
        RaisePriority();
        var deadline = _time.GetElapsedTime(_origin);
        while (!_stop.IsSet)
        {
            deadline += MediaShard.Period;
            SleepUntil(deadline);
            var begin = _time.GetElapsedTime(_origin);
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

    private unsafe void SleepUntil(TimeSpan deadline)
    {
        if (_nativeSleep)
        {
            var at = _origin + (deadline.Ticks * 100);
            var time = new LinuxSystemCalls.TimeSpec { Seconds = at / 1_000_000_000, Nanoseconds = at % 1_000_000_000 };

            // Interrupted by a signal (4, EINTR): the deadline is absolute, sleep again.
            while (LinuxSystemCalls.SleepUntil(LinuxSystemCalls.ClockMonotonic, LinuxSystemCalls.AbsoluteTime, &time, null) == 4)
            {
            }

            return;
        }

        var rest = deadline - _time.GetElapsedTime(_origin);
        if (rest > TimeSpan.Zero)
        {
            _stop.Wait(rest);
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
