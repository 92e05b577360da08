using Microsoft.Extensions.Logging.Abstractions;
using Sift.Media.Rtp;
using Sift.Protocols.Rtp;

namespace Sift.Media.Tests.Rtp;

public sealed class ReadinessTests : IDisposable
{
    // More than a media thread has room for at first.
    private const int Many = 200;

    private readonly MediaBench _bench = new();

    public ReadinessTests() => _bench.Network.TellsReadiness = true;

    public void Dispose() => _bench.Dispose();

    [Fact]
    public void A_session_receives_only_when_its_socket_has_something()
    {
        var (talking, _, events) = _bench.Call(30000);
        var (quiet, phone, _) = _bench.Call(30010);
        phone.Talking = false;

        _bench.Run(20);

        Assert.Equal(20, Looks(talking.LocalPort));
        Assert.Equal(0, Looks(quiet.LocalPort));
        Assert.Equal(0, Looks(talking.LocalPort + 1));
        Assert.Equal(20, talking.Quality.PacketsReceived);
        Assert.Equal(["first"], events.Events);
    }

    [Fact]
    public void A_report_is_read_once_in_the_step_after_it_came()
    {
        var (session, phone, _) = _bench.Call(30000);
        _bench.Run(5);

        phone.Control.Send([0x80, 201, 0, 1, 0, 0, 0, 1], MemoryNetwork.Address(session.LocalPort + 1));
        _bench.Run(5);

        Assert.Equal(1, Looks(session.LocalPort + 1));
        Assert.Empty(_bench.Network.Socket(session.LocalPort + 1).Arrived);
    }

    [Fact]
    public void Sockets_of_a_session_that_ended_are_not_asked_about_any_more()
    {
        var (session, _, _) = _bench.Call(30000);
        _bench.Run(1);
        Assert.Equal(2, _bench.Network.Readiness.Sum(static r => r.Count));

        session.Close();
        _bench.Run(1);

        Assert.Equal(0, _bench.Network.Readiness.Sum(static r => r.Count));
    }

    [Fact]
    public void What_waited_for_the_session_to_begin_is_heard_in_its_first_step()
    {
        var session = _bench.Engine.Open(new Recorder())!;
        var phone = new FarEnd(_bench.Network, 30000, session.LocalPort);
        phone.Talk();
        _bench.Run(3);

        session.Configure(MediaBench.Parameters(30000));
        _bench.Run(1);

        Assert.Equal(1, session.Quality.PacketsReceived);
    }

    [Fact]
    public void Sessions_that_move_to_another_thread_lose_nothing()
    {
        using var bench = new MediaBench(static o => o.Threads = 2);
        bench.Network.TellsReadiness = true;
        var (one, _, _) = bench.Call(30000);
        var (other, _, _) = bench.Call(30010);
        bench.Run(5);
        Assert.NotSame(one.Shard, other.Shard);

        one.Bridge(other);
        bench.Run(5);
        Assert.Same(one.Shard, other.Shard);
        bench.Phones.ForEach(static phone => phone.Talking = false);
        bench.Run(1);

        Assert.Equal(10, one.Quality.PacketsReceived);
        Assert.Equal(10, other.Quality.PacketsReceived);
    }

    [Theory]
    [MemberData(nameof(SocketTests.Kinds), MemberType = typeof(SocketTests))]
    public void Datagrams_for_every_second_of_many_real_sockets_arrive_in_one_step(string kind)
    {
        var time = new ManualTime();
        var options = new MediaEngineOptions { PortMin = 44000, PortMax = 44999, Threads = 1 };
        var sockets = SocketTests.Create(kind);
        using var engine = new MediaEngine(options, new SeededEntropy(3), time, NullLogger<MediaEngine>.Instance, sockets);
        using var sender = SocketTests.Bind(sockets, 46000, out _);
        var sessions = Enumerable.Range(0, Many).Select(_ => engine.Open(new Recorder())!).ToArray();
        foreach (var session in sessions)
        {
            session.Configure(MediaBench.Parameters(9));
        }

        Step();
        for (var i = 0; i < Many; i += 2)
        {
            var packet = new byte[12 + 160];
            RtpHeader.Write(packet, 0, true, 1, 160, 7);
            Assert.True(sender.Send(packet, MemoryNetwork.Address(sessions[i].LocalPort)));
        }

        Step();

        Assert.Equal(sessions.Select(static (_, i) => i % 2 == 0 ? 1L : 0), sessions.Select(static s => s.Quality.PacketsReceived));

        void Step()
        {
            time.Now += MediaShard.Period;
            engine.Tick(time.Now);
        }
    }

    [Theory]
    [MemberData(nameof(SocketTests.Kinds), MemberType = typeof(SocketTests))]
    public void The_kernel_names_just_the_sockets_that_have_something_and_others_are_all_worth_a_look(string kind)
    {
        var sockets = SocketTests.Create(kind);
        using var ports = new PortAllocator(new MediaEngineOptions { PortMin = 45000, PortMax = 45999 }, sockets, new SeededEntropy(3), TimeProvider.System);
        var bound = Enumerable.Range(0, Many).Select(_ => ports.TryTake()!).ToArray();
        var last = bound[^1];
        Assert.True(bound[0].Rtp.Send([1], MemoryNetwork.Address(last.Port)));
        Assert.True(bound[0].Rtp.Send([1], MemoryNetwork.Address(bound[1].Port)));
        bound[1].Rtp.Dispose();
        using var readiness = sockets.CreateReadiness();
        var places = Array.ConvertAll(bound, p => readiness.Enter(p.Rtp));
        var foreign = readiness.Enter(SilentSocket.Instance);

        for (var step = 0; step < 2; step++)
        {
            readiness.Ask();

            // That one is closed, and nobody knows.
            Assert.Equal(kind == "linux" ? [1, Many - 1] : Enumerable.Range(0, Many), Enumerable.Range(0, Many).Where(i => readiness.IsReady(places[i])));
            Assert.True(readiness.IsReady(foreign));
        }

        readiness.Leave(places[0], bound[0].Rtp);
        var again = readiness.Enter(bound[0].Rtp);
        readiness.Ask();
        Assert.Equal(kind != "linux", readiness.IsReady(again));

        foreach (var pair in bound)
        {
            pair.Release();
        }
    }

    private int Looks(int port) => _bench.Network.Socket(port).Looks;
}
