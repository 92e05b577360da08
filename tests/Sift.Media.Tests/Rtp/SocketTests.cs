using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Sift.Media.Legs;
using Sift.Media.Rtp;
using Sift.Protocols.Rtp;

namespace Sift.Media.Tests.Rtp;

/// <summary>The two real socket implementations on 127.0.0.1, in process: loopback delivers before send returns, so nothing waits.</summary>
public sealed class SocketTests
{
    public static TheoryData<string> Kinds => OperatingSystem.IsLinux() ? new() { "linux", "portable" } : new() { "portable" };

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Datagrams_arrive_with_source_and_length(string kind)
    {
        var sockets = Create(kind);
        using var batch = sockets.CreateBatch();
        using var a = Bind(sockets, 40000, out var portA);
        using var b = Bind(sockets, portA + 1, out var portB);
        Assert.Equal(0, b.Receive(batch));
        for (var i = 1; i <= 20; i++)
        {
            Assert.True(a.Send(new byte[i], MemoryNetwork.Address(portB)));
        }

        Assert.Equal(DatagramBatch.Size, b.Receive(batch));
        Assert.Equal(Enumerable.Range(1, 16), batch.Lengths);
        Assert.All(batch.Sources, s => Assert.Equal(MemoryNetwork.Address(portA), s));
        Assert.Equal(4, b.Receive(batch));
        Assert.Equal(20, batch[3].Length);
        if (kind == "linux")
        {
            Assert.All(batch.Stamps.Take(4), s => Assert.InRange(s, 1_600_000_000_000_000_000, long.MaxValue));
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_shared_port_is_chosen_by_the_system_and_sends_to_anyone(string kind)
    {
        var sockets = Create(kind);
        using var batch = sockets.CreateBatch();
        using var shared = sockets.TryBindShared(0)!;
        using var a = Bind(sockets, 40100, out var portA);
        using var b = Bind(sockets, portA + 1, out var portB);
        Assert.InRange(shared.Port, 1024, 65535);

        Assert.True(a.Send([1, 2, 3], MemoryNetwork.Address(shared.Port)));
        shared.Wait(TimeSpan.FromSeconds(10));
        Assert.Equal(1, shared.Receive(batch));
        Assert.Equal(MemoryNetwork.Address(portA), batch.Sources[0]);

        Assert.True(shared.Send([4], MemoryNetwork.Address(portA)));
        Assert.True(shared.Send([5, 6], MemoryNetwork.Address(portB)));
        Assert.Equal(1, a.Receive(batch));
        Assert.Equal([4], batch[0].ToArray());
        Assert.Equal(1, b.Receive(batch));
        Assert.Equal([5, 6], batch[0].ToArray());
        Assert.Equal(MemoryNetwork.Address(shared.Port), batch.Sources[0]);
        Assert.Null(sockets.TryBindShared(shared.Port));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Waking_ends_the_wait_for_a_shared_port(string kind)
    {
        using var shared = Create(kind).TryBindShared(0)!;
        shared.Wake();
        var begun = TimeProvider.System.GetTimestamp();

        shared.Wait(TimeSpan.FromSeconds(60));

        Assert.InRange(TimeProvider.System.GetElapsedTime(begun).TotalSeconds, 0, 30);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_taken_port_is_refused_and_a_closed_one_is_free(string kind)
    {
        var sockets = Create(kind);
        var first = Bind(sockets, 41000, out var port);
        Assert.Null(sockets.TryBind(port));
        first.Dispose();
        first.Dispose();
        Assert.False(first.Send([1], MemoryNetwork.Address(port)));
        using var again = sockets.TryBind(port);
        Assert.NotNull(again);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_pair_is_used_again_as_if_it_were_new(string kind)
    {
        var sockets = Create(kind);
        using var batch = sockets.CreateBatch();
        var time = new ManualTime();
        using var allocator = new PortAllocator(new MediaEngineOptions { PortMin = 47000, PortMax = 47999 }, sockets, new SeededEntropy(3), time);
        using var phone = Bind(sockets, 48000, out var phonePort);
        using var other = Bind(sockets, phonePort + 1, out var otherPort);
        var first = allocator.TryTake()!;
        Assert.True(first.Rtp.Send([1], MemoryNetwork.Address(phonePort)));
        first.Release();
        for (var i = 0; i < 20; i++)
        {
            Assert.True(phone.Send([2], MemoryNetwork.Address(first.Port)));
        }

        time.Now += new MediaEngineOptions().PortReuseDelay;
        var second = allocator.TryTake(first.Port)!;

        Assert.Same(first.Rtp, second.Rtp);
        Assert.Equal(0, second.Rtp.Receive(batch));
        Assert.True(phone.Send([3, 3], MemoryNetwork.Address(second.Port)));
        Assert.Equal(1, second.Rtp.Receive(batch));
        Assert.Equal([3, 3], batch[0].ToArray());

        // The destination of the call before is no longer one.
        Assert.True(second.Rtp.Send([4], MemoryNetwork.Address(otherPort)));
        Assert.Equal(1, other.Receive(batch));
        Assert.Equal(1, phone.Receive(batch));
        Assert.Equal([1], batch[0].ToArray());
        second.Release();
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_thousand_packets_each_way_allocate_nothing(string kind)
    {
        var time = new ManualTime();
        var options = new MediaEngineOptions { PortMin = 42000, PortMax = 42999, Threads = 1 };
        using var engine = new MediaEngine(options, new SeededEntropy(3), time, NullLogger<MediaEngine>.Instance, Create(kind));
        var relayed = Open(engine);
        var partner = Open(engine);
        var playing = Open(engine);
        var coded = Open(engine);
        Configure(relayed.Session, partner.Session, AudioFormat.Pcmu);
        Configure(partner.Session, relayed.Session, AudioFormat.Pcmu);
        Configure(playing.Session, coded.Session, AudioFormat.Pcmu);
        Configure(coded.Session, playing.Session, AudioFormat.Pcmu);
        relayed.Session.Bridge(partner.Session);
        coded.Session.Tap(new CountingTap());
        playing.Session.Play(new Playback(new PlaybackId("p"), [new ToneSource(ToneKind.Milliwatt)], new ToneOpener()));
        Run(200);
        var steps = 200;
        Assert.Equal(0, Sift.TestKit.Allocations.Least(() =>
        {
            Run(1000);
            steps += 1000;
        }));
        playing.Session.Close();
        coded.Session.Close();
        Run(1);

        // Each heard the other through real sockets all the time.
        Assert.InRange(playing.Events.Quality!.PacketsReceived, steps - 5, steps + 1);
        Assert.InRange(coded.Events.Quality!.PacketsReceived, steps - 5, steps + 1);

        void Run(int steps)
        {
            for (var i = 0; i < steps; i++)
            {
                time.Now += MediaShard.Period;
                engine.Tick(time.Now);
            }
        }
    }

    [Fact]
    public void The_pacing_threads_start_step_and_stop()
    {
        var options = new MediaEngineOptions { PortMin = 43000, PortMax = 43999, Threads = 2 };
        var engine = new MediaEngine(options, new SeededEntropy(3), TimeProvider.System, NullLogger<MediaEngine>.Instance);
        using var closed = new ManualResetEventSlim();
        var session = engine.Open(new Signal(closed))!;
        engine.Start();
        session.Configure(MediaBench.Parameters(43999));
        session.Close();
        Assert.True(closed.Wait(TimeSpan.FromSeconds(20)));
        engine.Dispose();
        Assert.True(engine.Statistics().Ticks > 0);
    }

    internal static IDatagramSockets Create(string kind) => kind == "linux"
        ? new LinuxDatagramSockets(IPAddress.Loopback, 46)
        : new PortableDatagramSockets(IPAddress.Loopback, 46);

    internal static IDatagramSocket Bind(IDatagramSockets sockets, int from, out int port)
    {
        for (port = from; port < from + 500; port++)
        {
            if (sockets.TryBind(port) is { } socket)
            {
                return socket;
            }
        }

        throw new InvalidOperationException("No free port");
    }

    private static (MediaSession Session, Recorder Events) Open(MediaEngine engine)
    {
        var events = new Recorder();
        return (engine.Open(events)!, events);
    }

    private static void Configure(MediaSession session, MediaSession peer, AudioFormat format) => session.Configure(new MediaParameters
    {
        Remote = new IPEndPoint(IPAddress.Loopback, peer.LocalPort),
        Format = format,
        TelephoneEventPayloadType = 101,
    });

    private sealed class CountingTap : IAudioTap
    {
        public long Samples { get; private set; }

        public void OnFrame(ReadOnlySpan<short> received, ReadOnlySpan<short> sent, int sampleRate) => Samples += received.Length;
    }

    private sealed class Signal(ManualResetEventSlim closed) : IMediaSessionEvents
    {
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

        public void OnClosed(MediaSession session, LegQuality quality) => closed.Set();
    }
}
