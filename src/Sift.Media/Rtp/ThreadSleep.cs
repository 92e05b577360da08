using static Sift.Media.Rtp.LinuxSystemCalls;

namespace Sift.Media.Rtp;

/// <summary>How a thread of its own (pacing, SIP) waits for the time it has something to do, and how others wake it before.</summary>
internal abstract class ThreadSleep : IDisposable
{
    /// <summary>The most precise one that this system and this clock have.</summary>
    public static ThreadSleep For(TimeProvider time) =>
        OperatingSystem.IsLinux() && nint.Size == 8 && ReferenceEquals(time, TimeProvider.System) ? new LinuxSleep() : new PortableSleep();

    /// <param name="length">Zero or less for none.</param>
    /// <returns>True when woken, false when <paramref name="length"/> is over or a signal came.</returns>
    public abstract bool Sleep(TimeSpan length);

    /// <summary>Callable from any thread.</summary>
    public abstract void Wake();

    public abstract void Dispose();
}

/// <summary>Sleeps by the kernel's high-resolution timer, where a wait of .NET rounds up to milliseconds.</summary>
internal sealed unsafe class LinuxSleep : ThreadSleep
{
    private readonly Lock _closing = new();
    private readonly int _event = OpenEvent(0, EventNonBlockingCloseOnExec);
    private int _woken;
    private bool _closed;

    public override bool Sleep(TimeSpan length)
    {
        length = length < TimeSpan.Zero ? TimeSpan.Zero : length;
        var descriptor = new PollDescriptor { Descriptor = _event, Events = PollIn };
        var time = new TimeSpec { Seconds = length.Ticks / TimeSpan.TicksPerSecond, Nanoseconds = length.Ticks % TimeSpan.TicksPerSecond * 100 };
        if (PollPrecisely(&descriptor, 1, &time, null) <= 0)
        {
            return false;
        }

        ulong count;
        LinuxSystemCalls.Read(_event, &count, sizeof(ulong));
        Volatile.Write(ref _woken, 0);
        return true;
    }

    public override void Wake()
    {
        // Many may ask before it is awake; one system call does.
        if (Interlocked.Exchange(ref _woken, 1) == 1)
        {
            return;
        }

        lock (_closing)
        {
            if (!_closed)
            {
                ulong one = 1;
                Write(_event, &one, sizeof(ulong));
            }
        }
    }

    public override void Dispose()
    {
        lock (_closing)
        {
            _closed = true;
            Close(_event);
        }
    }
}

internal sealed class PortableSleep : ThreadSleep
{
    private readonly AutoResetEvent _event = new(false);

    public override bool Sleep(TimeSpan length) => _event.WaitOne(length < TimeSpan.Zero ? TimeSpan.Zero : length);

    public override void Wake() => _event.Set();

    public override void Dispose() => _event.Dispose();
}
