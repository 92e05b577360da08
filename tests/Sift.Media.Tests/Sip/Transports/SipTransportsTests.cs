using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Threading.Channels;
using Microsoft.Extensions.Logging.Abstractions;
using Sift.Media.Sip;
using Sift.Media.Sip.Transports;
using Sift.Protocols.Sip.Transactions;

namespace Sift.Media.Tests.Sip.Transports;

/// <summary>The listeners over real loopback sockets. Nothing sleeps: every wait is for something that must arrive.</summary>
public sealed class SipTransportsTests : ISipInput, IAsyncLifetime
{
    private const string Message = "OPTIONS sip:a@b SIP/2.0\r\nContent-Length: 4\r\n\r\nbody";

    private readonly Channel<(SipFlow Flow, string Text)> _messages = Channel.CreateUnbounded<(SipFlow, string)>();
    private readonly Channel<SipFlow> _closed = Channel.CreateUnbounded<SipFlow>();
    private readonly CancellationTokenSource _limit = new(TimeSpan.FromSeconds(20));
    private readonly string _certificate = Path.GetTempFileName();
    private SipTransports? _transports;

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        if (_transports is not null)
        {
            await _transports.DisposeAsync();
        }

        File.Delete(_certificate);
        _limit.Dispose();
    }

    [Fact]
    public async Task A_datagram_is_delivered_and_answered_to_where_it_came_from()
    {
        Start();
        using var phone = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        await phone.SendAsync(Encoding.UTF8.GetBytes(Message), _transports!.Local, _limit.Token);

        var (flow, text) = await _messages.Reader.ReadAsync(_limit.Token);
        Assert.Equal(Message, text);
        Assert.Equal(phone.Client.LocalEndPoint, flow.Remote);
        Assert.Equal(SipTransport.Udp, flow.Transport);
        Assert.True(_transports.Send(flow, "answer"u8));

        Assert.Equal("answer", Encoding.UTF8.GetString((await phone.ReceiveAsync(_limit.Token)).Buffer));
    }

    [Fact]
    public async Task Messages_are_cut_out_of_a_stream_however_it_is_split()
    {
        Start();
        using var phone = await Connect();
        var stream = phone.GetStream();
        var bytes = Encoding.UTF8.GetBytes(Message + Message);
        foreach (var value in bytes)
        {
            await stream.WriteAsync(new[] { value }, _limit.Token);
        }

        var first = await _messages.Reader.ReadAsync(_limit.Token);
        var second = await _messages.Reader.ReadAsync(_limit.Token);
        Assert.Equal((Message, Message), (first.Text, second.Text));
        Assert.Equal(first.Flow, second.Flow);
    }

    [Fact]
    public async Task A_ping_gets_its_pong()
    {
        Start();
        using var phone = await Connect();
        await phone.GetStream().WriteAsync("\r\n\r\n"u8.ToArray(), _limit.Token);

        var pong = new byte[2];
        await phone.GetStream().ReadExactlyAsync(pong, _limit.Token);
        Assert.Equal("\r\n"u8.ToArray(), pong);
    }

    [Fact]
    public async Task A_stream_that_is_not_sip_is_closed_and_reported()
    {
        Start();
        using var phone = await Connect();
        await phone.GetStream().WriteAsync("GET / HTTP/1.1\r\nHost: x\r\n\r\n"u8.ToArray(), _limit.Token);

        var flow = await _closed.Reader.ReadAsync(_limit.Token);
        Assert.Equal(phone.Client.LocalEndPoint, flow.Remote);
        Assert.False(_transports!.Send(flow, "x"u8));
    }

    [Fact]
    public async Task What_goes_to_a_connected_peer_goes_over_its_connection()
    {
        Start();
        using var phone = await Connect();
        await phone.GetStream().WriteAsync(Encoding.UTF8.GetBytes(Message), _limit.Token);
        var (flow, _) = await _messages.Reader.ReadAsync(_limit.Token);

        Assert.True(_transports!.TryFlowTo(SipTransport.Tcp, flow.Remote, null, out var again));

        Assert.Equal(flow, again);
        Assert.Equal(1, _transports.ConnectionCount);
    }

    [Fact]
    public async Task A_new_connection_is_made_and_what_waited_for_it_is_sent()
    {
        Start();
        using var peer = new TcpListener(IPAddress.Loopback, 0);
        peer.Start();

        Assert.True(_transports!.TryFlowTo(SipTransport.Tcp, (IPEndPoint)peer.LocalEndpoint, null, out var flow));
        Assert.True(_transports.Send(flow, "early"u8));

        using var accepted = await peer.AcceptTcpClientAsync(_limit.Token);
        var bytes = new byte[5];
        await accepted.GetStream().ReadExactlyAsync(bytes, _limit.Token);
        Assert.Equal("early"u8.ToArray(), bytes);
    }

    [Fact]
    public async Task A_connection_that_cannot_be_made_is_reported()
    {
        Start();
        using var taken = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        taken.Bind(new IPEndPoint(IPAddress.Loopback, 0));

        Assert.True(_transports!.TryFlowTo(SipTransport.Tcp, (IPEndPoint)taken.LocalEndPoint!, null, out var flow));

        Assert.Equal(flow, await _closed.Reader.ReadAsync(_limit.Token));
    }

    [Fact]
    public async Task One_address_gets_only_so_many_connections()
    {
        Start(options => options.MaxConnectionsPerAddress = 1);
        using var first = await Connect();
        await first.GetStream().WriteAsync("\r\n\r\n"u8.ToArray(), _limit.Token);
        await first.GetStream().ReadExactlyAsync(new byte[2], _limit.Token);

        using var second = await Connect();

        Assert.Equal(0, await ReadOrReset(second));
        Assert.Equal(1, _transports!.ConnectionCount);
    }

    [Fact]
    public async Task A_connection_that_proved_one_name_is_not_used_for_another()
    {
        using var certificate = await StartWithTlsAsync();
        using var peer = new TcpListener(IPAddress.Loopback, 0);
        peer.Start();
        var remote = (IPEndPoint)peer.LocalEndpoint;

        Assert.True(_transports!.TryFlowTo(SipTransport.Tls, remote, "one.example", out var one));
        Assert.True(_transports.TryFlowTo(SipTransport.Tls, remote, "other.example", out var other));
        Assert.True(_transports.TryFlowTo(SipTransport.Tls, remote, "one.example", out var again));

        Assert.NotEqual(one.Connection, other.Connection);
        Assert.Equal(one.Connection, again.Connection);
    }

    [Fact]
    public async Task Tls_is_spoken_with_the_configured_certificate()
    {
        using var certificate = await StartWithTlsAsync();

        using var phone = new TcpClient();
        await phone.ConnectAsync(_transports!.LocalTls!, _limit.Token);
        await using var tls = new SslStream(phone.GetStream(), false, (_, shown, _, _) => shown!.GetCertHashString() == certificate.GetCertHashString());
        await tls.AuthenticateAsClientAsync("sift.test");
        await tls.WriteAsync(Encoding.UTF8.GetBytes(Message), _limit.Token);

        var (flow, text) = await _messages.Reader.ReadAsync(_limit.Token);
        Assert.Equal((SipTransport.Tls, Message), (flow.Transport, text));
    }

    private async Task<X509Certificate2> StartWithTlsAsync()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=sift.test", key, HashAlgorithmName.SHA256);
        var certificate = request.CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(200));
        await File.WriteAllTextAsync(_certificate, certificate.ExportCertificatePem() + "\n" + key.ExportPkcs8PrivateKeyPem(), _limit.Token);
        Start(options =>
        {
            options.CertificatePath = _certificate;
            options.TlsPort = 0;
        });
        return certificate;
    }

    void ISipInput.OnBytes(in SipFlow flow, ReadOnlySpan<byte> bytes) => _messages.Writer.TryWrite((flow, Encoding.UTF8.GetString(bytes)));

    void ISipInput.OnReceived(Func<bool>? isFree)
    {
    }

    void ISipInput.OnFlowClosed(in SipFlow flow, string reason) => _closed.Writer.TryWrite(flow);

    private static async Task<int> ReadOrReset(TcpClient client)
    {
        try
        {
            return await client.GetStream().ReadAsync(new byte[1]);
        }
        catch (IOException)
        {
            return 0;
        }
    }

    private async Task<TcpClient> Connect()
    {
        var client = new TcpClient(AddressFamily.InterNetwork) { NoDelay = true };
        await client.ConnectAsync(_transports!.Local, _limit.Token);
        return client;
    }

    private void Start(Action<SipOptions>? configure = null)
    {
        var options = new SipOptions { Port = 0 };
        configure?.Invoke(options);
        _transports = new SipTransports(options, this, TimeProvider.System, NullLogger.Instance);
        _transports.Start();
    }
}
