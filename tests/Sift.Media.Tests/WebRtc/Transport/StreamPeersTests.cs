using System.Net;
using System.Net.Sockets;
using Sift.Media.Rtp;
using Sift.Media.WebRtc.Transport;
using Sift.Protocols.Rtp;

namespace Sift.Media.Tests.WebRtc.Transport;

/// <summary>Over loopback: every wait is for the event itself.</summary>
public sealed class StreamPeersTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly SemaphoreSlim _woken = new(0);
    private readonly DatagramBatch _batch = new();
    private readonly StreamPeers _peers;
    private readonly int _port;

    public StreamPeersTests()
    {
        StreamPeers? peers = null;
        for (_port = 43000; peers is null; _port++)
        {
            peers = StreamPeers.TryListen(IPAddress.Loopback, _port, TimeProvider.System, () => _woken.Release());
        }

        _port--;
        _peers = peers;
    }

    [Fact]
    public async Task Datagrams_pass_both_ways_on_one_stream()
    {
        using var browser = Connect();
        await browser.SendAsync(new byte[] { 0, 3, 128, 2, 3, 0, 1, 9 });
        var arrived = new List<(TransportAddress From, byte[] Data)>();
        while (arrived.Count < 2)
        {
            Assert.True(await _woken.WaitAsync(Patience));
            Take(arrived);
        }

        Assert.Equal([128, 2, 3], arrived[0].Data);
        Assert.Equal([9], arrived[1].Data);
        Assert.Equal(browser.LocalEndPoint, arrived[0].From.ToEndPoint());
        Assert.NotEqual(0u, arrived[0].From.Stream);
        Assert.NotEqual(TransportAddress.From((IPEndPoint)browser.LocalEndPoint!), arrived[0].From);

        Assert.True(_peers.Send([7, 8], arrived[0].From));
        var answer = new byte[4];
        for (var read = 0; read < 4;)
        {
            read += await browser.ReceiveAsync(answer.AsMemory(read));
        }

        Assert.Equal([0, 2, 7, 8], answer);
    }

    [Fact]
    public async Task A_browser_that_sends_nonsense_is_cut_off()
    {
        using var browser = Connect();

        await browser.SendAsync("GET / HTTP/1.1\r\n"u8.ToArray());

        Assert.Equal(0, await browser.ReceiveAsync(new byte[10]));
    }

    [Fact]
    public async Task A_browser_that_does_not_read_loses_frames_and_holds_nobody_up()
    {
        using var browser = Connect();
        await browser.SendAsync(new byte[] { 0, 1, 1 });
        Assert.True(await _woken.WaitAsync(Patience));
        var arrived = new List<(TransportAddress From, byte[] Data)>();
        Take(arrived);
        var frame = new byte[1400];
        var sent = 0;
        while (sent < 100_000 && _peers.Send(frame, arrived[0].From))
        {
            sent++;
        }

        Assert.InRange(sent, 10, 99_999);
    }

    [Fact]
    public async Task One_address_has_a_share_of_the_streams()
    {
        var browsers = new List<Socket>();
        try
        {
            for (var i = 0; i < 32; i++)
            {
                browsers.Add(Connect());
                await browsers[i].SendAsync(new byte[] { 0, 1, 1 });
                Assert.True(await _woken.WaitAsync(Patience));
            }

            browsers.Add(Connect());
            Assert.Equal(0, await browsers[^1].ReceiveAsync(new byte[10]));
        }
        finally
        {
            browsers.ForEach(static browser => browser.Dispose());
        }
    }

    [Fact]
    public void A_stream_that_is_gone_is_not_sent_to() =>
        Assert.False(_peers.Send([1], TransportAddress.From(new IPEndPoint(IPAddress.Loopback, 5)) with { Stream = 77 }));

    public void Dispose()
    {
        _peers.Dispose();
        _batch.Dispose();
        _woken.Dispose();
    }

    private Socket Connect()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Connect(IPAddress.Loopback, _port);
        return socket;
    }

    private void Take(List<(TransportAddress From, byte[] Data)> arrived)
    {
        var count = _peers.Receive(_batch);
        for (var i = 0; i < count; i++)
        {
            arrived.Add((_batch.Sources[i], _batch[i].ToArray()));
        }
    }
}
