using System.Diagnostics;
using System.Net;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging.Abstractions;
using Sift.Media.Audio;
using Sift.Media.Legs;
using Sift.Media.Rtp;
using Sift.Protocols;

namespace Sift.Bench.Media;

internal enum MediaLoad { Play, Relay, Transcode }

/// <summary>Runs an engine under test against a second engine that plays to it, both paced in real time.</summary>
internal static class LegBench
{
    public static void Run(MediaLoad load, int legs, TimeSpan duration)
    {
        using var tested = Engine(20000, 39999);
        using var peers = Engine(40000, 59999);
        var opener = new RampOpener();
        var sessions = new List<MediaSession>();
        for (var i = 0; i < legs; i++)
        {
            var session = tested.Open(NoEvents.Instance)!;
            var peer = peers.Open(NoEvents.Instance)!;
            var format = load == MediaLoad.Transcode && i % 2 == 1 ? AudioFormat.Pcma : AudioFormat.Pcmu;
            session.Configure(Parameters(peer, format));
            peer.Configure(Parameters(session, format));
            peer.Play(new Playback(new PlaybackId("p"), [new ToneSource(ToneKind.Milliwatt)], opener));
            if (load == MediaLoad.Play)
            {
                session.Play(new Playback(new PlaybackId("p"), [new ToneSource(ToneKind.Milliwatt)], opener));
            }
            else if (i % 2 == 1)
            {
                session.Bridge(sessions[^1]);
            }

            sessions.Add(session);
        }

        var underTest = new StepLoop(tested);
        var other = new StepLoop(peers);
        underTest.Start();
        other.Start();
        Wait(TimeSpan.FromSeconds(3));
        underTest.Reset();
        var collections = GC.CollectionCount(0);
        var sentBefore = tested.Statistics().PacketsSent;
        Wait(duration);
        var (cpu, steps, lateness) = underTest.Read();
        var sent = tested.Statistics().PacketsSent - sentBefore;
        collections = GC.CollectionCount(0) - collections;
        underTest.Stop();
        other.Stop();

        // Reckoned per step taken, so that a machine too busy to take them all does not flatter the figure.
        var perPair = cpu.TotalMicroseconds / Math.Max(1, steps * (double)legs);
        var share = perPair * legs / MediaShard.Period.TotalMicroseconds;
        Console.WriteLine(
            $"{load,-9} {legs} legs, {duration.TotalSeconds:0} s: {share:P1} of a core, {perPair:0.00} us per leg and step (one packet in, one out), "
            + $"{0.8 * legs / share:0} legs at 80 % of a core, {perPair * 3000 / 1e6:0.000} CPU-s per leg-minute; "
            + $"sent {sent}, {steps} steps, late p50 {lateness.P50:0.00} ms p99 {lateness.P99:0.00} ms max {lateness.Max:0.00} ms, gen-0 GCs {collections}");
    }

    private static void Wait(TimeSpan time)
    {
        using var never = new ManualResetEventSlim();
        never.Wait(time);
    }

    private static MediaEngine Engine(int from, int to) => new(
        new MediaEngineOptions { PortMin = from, PortMax = to, Threads = 1 },
        new SystemEntropy(),
        TimeProvider.System,
        NullLogger<MediaEngine>.Instance);

    private static MediaParameters Parameters(MediaSession peer, AudioFormat format) => new()
    {
        Remote = new IPEndPoint(IPAddress.Loopback, peer.LocalPort),
        Format = format,
        TelephoneEventPayloadType = 101,
    };
}

/// <summary>Steps an engine on absolute deadlines like the pacer does, and counts its own thread's CPU.</summary>
internal sealed partial class StepLoop(MediaEngine engine)
{
    private readonly List<double> _late = [];
    private readonly Lock _lock = new();
    private Thread? _thread;
    private volatile bool _stop;
    private TimeSpan _cpu;
    private TimeSpan _cpuAtReset;
    private int _steps;

    public void Start()
    {
        _thread = new Thread(Run) { IsBackground = true, Priority = ThreadPriority.Highest };
        _thread.Start();
    }

    public void Stop()
    {
        _stop = true;
        _thread!.Join();
    }

    public void Reset()
    {
        lock (_lock)
        {
            _late.Clear();
            _late.EnsureCapacity(100_000);
            _steps = 0;
            _cpuAtReset = _cpu;
        }
    }

    public (TimeSpan Cpu, int Steps, (double P50, double P99, double Max) Lateness) Read()
    {
        lock (_lock)
        {
            var sorted = _late.Order().ToArray();
            return (_cpu - _cpuAtReset, _steps, (sorted[sorted.Length / 2], sorted[sorted.Length * 99 / 100], sorted[^1]));
        }
    }

    private unsafe void Run()
    {
        var priority = 10;
        _ = LinuxSystemCalls.SetScheduler(0, LinuxSystemCalls.ScheduleRoundRobin, &priority);
        using var sleep = ThreadSleep.For(TimeProvider.System);
        var origin = Stopwatch.GetTimestamp();
        var deadline = TimeSpan.Zero;
        while (!_stop)
        {
            deadline += MediaShard.Period;
            sleep.Sleep(deadline - Stopwatch.GetElapsedTime(origin));
            var begin = Stopwatch.GetElapsedTime(origin);
            engine.Tick(begin);
            LinuxSystemCalls.TimeSpec cpu;
            _ = ReadClock(ThreadCpuClock, &cpu);
            lock (_lock)
            {
                _cpu = TimeSpan.FromSeconds(cpu.Seconds) + TimeSpan.FromTicks(cpu.Nanoseconds / 100);
                _late.Add((begin - deadline).TotalMilliseconds);
                _steps++;
            }
        }
    }

    private const int ThreadCpuClock = 3;

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    private static unsafe partial int ReadClock(int clock, LinuxSystemCalls.TimeSpec* time);
}

internal sealed class SystemEntropy : IEntropy
{
    public void Fill(Span<byte> bytes) => System.Security.Cryptography.RandomNumberGenerator.Fill(bytes);
}

/// <summary>Endless audio that costs next to nothing to make.</summary>
internal sealed class RampOpener : IAudioSources
{
    public IAudioSource Open(PlaySource source, int sampleRate, CancellationToken cancellationToken) => new Ramp(sampleRate);

    private sealed class Ramp(int sampleRate) : IAudioSource
    {
        private short _value;

        public int SampleRate => sampleRate;

        public AudioRead Read(Span<short> frame)
        {
            for (var i = 0; i < frame.Length; i++)
            {
                frame[i] = _value += 401;
            }

            return AudioRead.Frame;
        }

        public void Dispose()
        {
        }
    }
}

internal sealed class NoEvents : IMediaSessionEvents
{
    public static NoEvents Instance { get; } = new();

    public void OnDigit(MediaSession session, char digit, DigitSource source)
    {
    }

    public void OnPlaybackFinished(MediaSession session, PlaybackId playback, PlaybackEnd end, string? error)
    {
    }

    public void OnMediaLost(MediaSession session, TimeSpan silence)
    {
    }

    public void OnMediaResumed(MediaSession session)
    {
    }

    public void OnMediaTimeout(MediaSession session, TimeSpan silence)
    {
    }

    public void OnFirstPacket(MediaSession session)
    {
    }

    public void OnClosed(MediaSession session, LegQuality quality)
    {
    }
}
