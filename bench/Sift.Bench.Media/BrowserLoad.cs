using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging.Abstractions;
using Sift.Media.Legs;
using Sift.Media.Rtp;
using Sift.Media.WebRtc;
using Sift.Media.WebRtc.Dtls;
using Sift.Media.WebRtc.Opus;

namespace Sift.Bench.Media;

internal enum BrowserLoadKind { BrowserPcmu, BrowserRelay, BrowserTranscode }

/// <summary>Browser legs, bridged in pairs, carried by the real port and pacing threads; one more thread is all the browsers.</summary>
internal sealed partial class BrowserLoad : ILegEvents, IBrowserSignalling
{
    private readonly ConcurrentDictionary<LegId, BenchBrowser> _browsers = new();
    private int _answered;

    public static void Run(BrowserLoadKind kind, int legs, TimeSpan duration) => new BrowserLoad().Measure(kind, legs, duration);

    public void OnLegEvent(LegEvent legEvent)
    {
        switch (legEvent)
        {
            case LegAnswered:
                Interlocked.Increment(ref _answered);
                break;
            case LegEnded ended:
                Console.WriteLine($"leg {ended.Leg} ended: {ended.Cause} {ended.Detail}");
                break;
        }
    }

    public void Ring(BrowserRing ring)
    {
    }

    public void Answer(LegId leg, string sdp) => _browsers[leg].OnAnswer(sdp);

    public void Candidate(LegId leg, string candidate, string? mid, int index)
    {
    }

    public void RefuseOffer(LegId leg, string reason) => Console.WriteLine(reason);

    public void End(BrowserEnd end)
    {
    }

    private void Measure(BrowserLoadKind kind, int count, TimeSpan duration)
    {
        var engine = new MediaEngine(new MediaEngineOptions { PortMin = 20000, PortMax = 20001, Threads = 1 }, new SystemEntropy(), TimeProvider.System, NullLogger<MediaEngine>.Instance);
        var options = new BrowserOptions { BindAddress = IPAddress.Loopback, HandshakesPerMinute = int.MaxValue };
        var legs = new BrowserLegs(options, engine, new RampOpener(), new SystemEntropy(), TimeProvider.System, NullLogger<BrowserLegs>.Instance);
        engine.Start();
        legs.Start(this, this);
        using var identity = DtlsIdentity.Create(TimeProvider.System.GetUtcNow());
        var sockets = DatagramSockets.ForThisSystem(IPAddress.Loopback, 0);
        using var batch = sockets.CreateBatch();
        var browsers = new BenchBrowser[count];
        var port = 21000;
        var begun = Stopwatch.GetTimestamp();
        for (var i = 0; i < count; i++)
        {
            IDatagramSocket? socket;
            while ((socket = sockets.TryBind(port++)) is null)
            {
            }

            var opus = kind == BrowserLoadKind.BrowserRelay || (kind == BrowserLoadKind.BrowserTranscode && i % 2 == 0);
            var browser = browsers[i] = new BenchBrowser(socket, identity, i, opus);
            var leg = Leg(i);
            _browsers[leg] = browser;
            legs.Connect(new BrowserCall(leg, "webrtc:load", "app", "AC", null, null));
            legs.Post(new AnswerLeg(leg));
            legs.Offer(leg, browser.Offer());
            while (!browser.Connect(batch) || Volatile.Read(ref _answered) <= i)
            {
                if (Stopwatch.GetElapsedTime(begun).TotalSeconds > 120)
                {
                    Console.WriteLine($"leg {i} did not come up");
                    return;
                }
            }

            if (i % 2 == 1)
            {
                legs.Post(new BridgeLegs(leg, Leg(i - 1)));
            }
        }

        Console.WriteLine($"{count} legs up, {Stopwatch.GetElapsedTime(begun).TotalMilliseconds / count:0.00} ms each, one after another; collections {GC.CollectionCount(0)}/{GC.CollectionCount(1)}/{GC.CollectionCount(2)}, all threads stopped for {GC.GetTotalPauseDuration().TotalMilliseconds:0} ms, longest step {engine.Statistics().LongestTick.TotalMilliseconds:0} ms");
        Pump(kind, browsers, engine, legs, batch, duration);
        legs.DisposeAsync().AsTask().GetAwaiter().GetResult();
        engine.Dispose();
        foreach (var browser in browsers)
        {
            browser.Dispose();
        }
    }

    private static void Pump(BrowserLoadKind kind, BenchBrowser[] browsers, MediaEngine engine, BrowserLegs legs, DatagramBatch batch, TimeSpan duration)
    {
        var opus = OpusPackets();
        var pcmu = new byte[160];
        Random.Shared.NextBytes(pcmu);
        var process = Process.GetCurrentProcess();
        var origin = Stopwatch.GetTimestamp();
        var warm = 150;
        var steps = (int)(duration / MediaShard.Period) + warm;
        TimeSpan cpuBefore = default, ownBefore = default;
        long sentBefore = 0, ticksBefore = 0, skippedBefore = 0;
        var lateBefore = new long[engine.Statistics().Lateness.Length];
        for (var step = 0; step < steps; step++)
        {
            if (step == warm)
            {
                process.Refresh();
                cpuBefore = process.TotalProcessorTime;
                ownBefore = OwnCpu();
                var at = engine.Statistics();
                (sentBefore, ticksBefore, skippedBefore) = (at.PacketsSent, at.Ticks, at.TicksSkipped);
                at.Lateness.CopyTo(lateBefore, 0);
            }

            foreach (var browser in browsers)
            {
                browser.Step(browser.IsOpus ? opus[step % opus.Length] : pcmu, batch);
            }

            SleepUntil(origin, MediaShard.Period * (step + 1));
        }

        process.Refresh();
        var own = OwnCpu() - ownBefore;
        var cpu = process.TotalProcessorTime - cpuBefore - own;
        var statistics = engine.Statistics();
        var ticks = statistics.Ticks - ticksBefore;
        var late = statistics.Lateness.Zip(lateBefore, static (a, b) => a - b).ToArray();
        var ran = (steps - warm) * MediaShard.Period;
        var share = cpu / ran;
        var perLeg = share / browsers.Length;
        var received = legs.Statistics;
        Console.WriteLine(
            $"{kind,-16} {browsers.Length} legs ({browsers.Count(static b => b.IsOpus)} Opus), {ran.TotalSeconds:0} s: {share:P1} of a core for port and media threads, "
            + $"{perLeg * 100:0.000} % per leg, {0.8 / perLeg:0} legs at 80 % of a core; sent {statistics.PacketsSent - sentBefore}, "
            + $"ticks {ticks}, skipped {statistics.TicksSkipped - skippedBefore} ({skippedBefore} while the legs came up), late p99 <= {Percentile(late, 0.99).TotalMilliseconds:0.0} ms, "
            + $"dropped {received.MediaDropped}, not authentic {received.NotAuthentic}, browsers heard {browsers.Sum(static b => b.Received)}, load {own / ran:P0} of a core");
    }

    internal static byte[][] OpusPackets()
    {
        using var codec = new OpusCodec(48000);
        var packets = new byte[100][];
        var random = new Random(1);
        var pcm = new short[960];
        var payload = new byte[1275];
        for (var i = 0; i < packets.Length; i++)
        {
            for (var k = 0; k < pcm.Length; k++)
            {
                var at = (i * 960) + k;
                pcm[k] = (short)((6000 * Math.Sin(2 * Math.PI * 200 * at / 48000)) + (2000 * Math.Sin(2 * Math.PI * 1900 * at / 48000)) + random.Next(-800, 800));
            }

            packets[i] = payload[..codec.Encode(pcm, payload)];
        }

        return packets;
    }

    private static TimeSpan Percentile(long[] counts, double share) => LatenessHistogram.Percentile(counts, share);

    private static LegId Leg(int index) => new($"{index:x16}");

    /// <summary>Of the calling thread.</summary>
    internal static unsafe TimeSpan OwnCpu()
    {
        LinuxSystemCalls.TimeSpec cpu;
        _ = ReadClock(ThreadCpuClock, &cpu);
        return TimeSpan.FromSeconds(cpu.Seconds) + TimeSpan.FromTicks(cpu.Nanoseconds / 100);
    }

    internal static void SleepUntil(long origin, TimeSpan deadline) => (_sleep ??= ThreadSleep.For(TimeProvider.System)).Sleep(deadline - Stopwatch.GetElapsedTime(origin));

    [ThreadStatic]
    private static ThreadSleep? _sleep;

    private const int ThreadCpuClock = 3;

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    private static unsafe partial int ReadClock(int clock, LinuxSystemCalls.TimeSpec* time);
}
