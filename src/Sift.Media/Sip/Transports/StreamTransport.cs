using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging;

namespace Sift.Media.Sip.Transports;

/// <summary>TCP, or TLS over TCP: accepts and makes connections, and finds the one that already leads to a peer (RFC 3261 18).</summary>
internal sealed partial class StreamTransport : IAsyncDisposable
{
    private static readonly TimeSpan HandshakeTimeout = TimeSpan.FromSeconds(10);

    private readonly SipTransportKind _kind;
    private readonly SipOptions _options;
    private readonly ISipInput _input;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly X509Certificate2? _certificate;
    private readonly Socket _listener;
    private readonly ConcurrentDictionary<StreamConnection, Task> _connections = new();
    private readonly ConcurrentDictionary<IPEndPoint, StreamConnection> _byRemote = new();
    private readonly ConcurrentDictionary<IPAddress, int> _perAddress = new();
    private readonly CancellationTokenSource _stop = new();
    private Task _accepting = Task.CompletedTask;
    private Task _sweeping = Task.CompletedTask;

    public StreamTransport(
        SipTransportKind kind,
        IPEndPoint bind,
        SipOptions options,
        X509Certificate2? certificate,
        ISipInput input,
        TimeProvider time,
        ILogger logger)
    {
        _kind = kind;
        _options = options;
        _certificate = certificate;
        _input = input;
        _time = time;
        _logger = logger;
        _listener = new Socket(bind.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            _listener.Bind(bind);
            _listener.Listen(512);
        }
        catch
        {
            _listener.Dispose();
            throw;
        }

        Local = (IPEndPoint)_listener.LocalEndPoint!;
    }

    public IPEndPoint Local { get; }

    public int ConnectionCount => _connections.Count;

    public void Start()
    {
        _accepting = AcceptAsync();
        _sweeping = SweepAsync();
    }

    /// <summary>The open connection to that address, or a new one; bytes sent before it is up are queued.</summary>
    /// <param name="peerName">The name to verify the peer's certificate against.</param>
    public SipFlow FlowTo(IPEndPoint remote, string? peerName)
    {
        if (_byRemote.TryGetValue(remote, out var existing) && !existing.IsClosed)
        {
            return existing;
        }

        var connection = new StreamConnection(_kind, remote, _input, _time) { PeerName = peerName };
        Register(connection);
        Run(connection, cancellationToken => ConnectAsync(remote, peerName ?? remote.Address.ToString(), cancellationToken));
        return connection;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        _listener.Dispose();
        foreach (var connection in _connections.Keys)
        {
            connection.Close("shutting down");
        }

        await Task.WhenAll([_accepting, _sweeping, .. _connections.Values]).ConfigureAwait(false);
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            Socket socket;
            try
            {
                socket = await _listener.AcceptAsync(_stop.Token).ConfigureAwait(false);
            }
            catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
            catch (SocketException e)
            {
                // Out of descriptors or an aborted handshake: keep listening.
                Log.AcceptFailed(_logger, e.SocketErrorCode);
                continue;
            }

            var remote = (IPEndPoint)socket.RemoteEndPoint!;
            if (_connections.Count >= _options.MaxConnections
                || _perAddress.GetValueOrDefault(remote.Address) >= _options.MaxConnectionsPerAddress)
            {
                Log.TooManyConnections(_logger, remote.Address);
                socket.Dispose();
                continue;
            }

            socket.NoDelay = true;
            var connection = new StreamConnection(_kind, remote, _input, _time);
            Register(connection);
            Run(connection, cancellationToken => ServerStreamAsync(socket, cancellationToken));
        }
    }

    private void Register(StreamConnection connection)
    {
        _byRemote[connection.Remote] = connection;
        _perAddress.AddOrUpdate(connection.Remote.Address, 1, static (_, count) => count + 1);
        connection.Closed += Forget;
    }

    private void Run(StreamConnection connection, Func<CancellationToken, ValueTask<Stream>> open)
    {
        _connections[connection] = Task.CompletedTask;
        var running = connection.RunAsync(open);
        _connections.TryUpdate(connection, running, Task.CompletedTask);
    }

    private void Forget(StreamConnection connection)
    {
        _byRemote.TryRemove(new(connection.Remote, connection));
        _connections.TryRemove(connection, out _);
        if (_perAddress.AddOrUpdate(connection.Remote.Address, 0, static (_, count) => count - 1) <= 0)
        {
            _perAddress.TryRemove(new(connection.Remote.Address, 0));
        }
    }

    private async ValueTask<Stream> ConnectAsync(IPEndPoint remote, string peerName, CancellationToken cancellationToken)
    {
        var socket = new Socket(remote.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            using var limit = Limit(cancellationToken);
            await socket.ConnectAsync(remote, limit.Token).ConfigureAwait(false);
            var network = new NetworkStream(socket, ownsSocket: true);
            if (_kind is not SipTransportKind.Tls)
            {
                return network;
            }

            var tls = new SslStream(network);
            await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = peerName }, limit.Token).ConfigureAwait(false);
            return tls;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private async ValueTask<Stream> ServerStreamAsync(Socket socket, CancellationToken cancellationToken)
    {
        var network = new NetworkStream(socket, ownsSocket: true);
        if (_certificate is null)
        {
            return network;
        }

        var tls = new SslStream(network);
        try
        {
            using var limit = Limit(cancellationToken);
            await tls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = _certificate }, limit.Token)
                .ConfigureAwait(false);
            return tls;
        }
        catch
        {
            await tls.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private CancellationTokenSource Limit(CancellationToken cancellationToken)
    {
        var timeout = new CancellationTokenSource(HandshakeTimeout, _time);
        var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        linked.Token.Register(static state => ((CancellationTokenSource)state!).Dispose(), timeout);
        return linked;
    }

    private async Task SweepAsync()
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(30), _time);
        try
        {
            while (await timer.WaitForNextTickAsync(_stop.Token).ConfigureAwait(false))
            {
                foreach (var connection in _connections.Keys)
                {
                    if (connection.IdleFor > _options.ConnectionIdleTimeout)
                    {
                        connection.Close("idle");
                    }
                }
            }
        }
        catch (OperationCanceledException)
        {
            return;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(EventId = 2111, Level = LogLevel.Warning, Message = "SIP accept failed: {Error}")]
        public static partial void AcceptFailed(ILogger logger, SocketError error);

        [LoggerMessage(EventId = 2112, Level = LogLevel.Warning, Message = "SIP connection from {Address} refused: too many connections")]
        public static partial void TooManyConnections(ILogger logger, IPAddress address);
    }
}
