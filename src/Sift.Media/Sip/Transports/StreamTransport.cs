using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging;
using Sift.Protocols.Sip.Transactions;

namespace Sift.Media.Sip.Transports;

/// <summary>TCP, or TLS over TCP: accepts and makes connections, and finds the one that already leads to a peer (RFC 3261 18).</summary>
internal sealed partial class StreamTransport : IAsyncDisposable
{
    private static readonly TimeSpan HandshakeTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan AcceptPause = TimeSpan.FromMilliseconds(50);

    private readonly SipTransport _transport;
    private readonly SipOptions _options;
    private readonly ISipInput _input;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly X509Certificate2? _certificate;
    private readonly Socket _listener;
    private readonly ConcurrentDictionary<long, StreamConnection> _connections = new();
    private readonly ConcurrentDictionary<long, Task> _running = new();
    private readonly ConcurrentDictionary<(IPEndPoint Remote, string? PeerName), StreamConnection> _byPeer = new();
    private readonly ConcurrentDictionary<IPAddress, int> _perAddress = new();
    private readonly CancellationTokenSource _stop = new();
    private long _lastConnection;
    private Task _accepting = Task.CompletedTask;
    private Task _sweeping = Task.CompletedTask;

    public StreamTransport(
        SipTransport transport,
        IPEndPoint bind,
        SipOptions options,
        X509Certificate2? certificate,
        ISipInput input,
        TimeProvider time,
        ILogger logger)
    {
        _transport = transport;
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

    /// <summary>
    /// The open connection to that peer, or a new one; bytes sent before it is up are queued. One whose certificate proved another name is
    /// another peer's, though several share an address (RFC 5923 6).
    /// </summary>
    /// <param name="peerName">The name to verify the peer's certificate against; null for its address.</param>
    public SipFlow FlowTo(IPEndPoint remote, string? peerName)
    {
        var proven = _transport == SipTransport.Tls ? peerName : null;
        if (_byPeer.TryGetValue((remote, proven), out var existing) && !existing.IsClosed)
        {
            return existing.Flow;
        }

        var connection = Register(remote, proven);
        Run(connection, cancellationToken => ConnectAsync(remote, peerName ?? remote.Address.ToString(), cancellationToken));
        return connection.Flow;
    }

    /// <returns>False when the connection is gone.</returns>
    public bool Send(long connection, ReadOnlySpan<byte> bytes) =>
        _connections.TryGetValue(connection, out var found) && found.TrySend(bytes);

    /// <summary>Gives the port back of a listener that was never started.</summary>
    public void Close() => _listener.Dispose();

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        _listener.Dispose();
        foreach (var connection in _connections.Values)
        {
            connection.Close("shutting down");
        }

        await Task.WhenAll([_accepting, _sweeping, .. _running.Values]).ConfigureAwait(false);
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
                // An aborted handshake, or out of descriptors, which lasts: keep listening, without spinning.
                Log.AcceptFailed(_logger, e.SocketErrorCode);
                await Task.Delay(AcceptPause, _time, CancellationToken.None).ConfigureAwait(false);
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
            var connection = Register(remote, null);
            Run(connection, cancellationToken => ServerStreamAsync(socket, cancellationToken));
        }
    }

    private StreamConnection Register(IPEndPoint remote, string? peerName)
    {
        var flow = new SipFlow(_transport, Interlocked.Increment(ref _lastConnection), Local, remote);
        var connection = new StreamConnection(flow, _input, _time);
        connection.Closed += closed =>
        {
            _byPeer.TryRemove(new((remote, peerName), closed));
            Forget(closed);
        };
        _connections[flow.Connection] = connection;
        _byPeer[(remote, peerName)] = connection;
        _perAddress.AddOrUpdate(remote.Address, 1, static (_, count) => count + 1);
        return connection;
    }

    private void Run(StreamConnection connection, Func<CancellationToken, ValueTask<Stream>> open)
    {
        var id = connection.Flow.Connection;
        var running = connection.RunAsync(open);
        _running[id] = running;
        // Closed before it was entered: nobody will take it out.
        if (running.IsCompleted || connection.IsClosed)
        {
            _running.TryRemove(id, out _);
        }
    }

    private void Forget(StreamConnection connection)
    {
        var flow = connection.Flow;
        _connections.TryRemove(flow.Connection, out _);
        _running.TryRemove(flow.Connection, out _);
        if (_perAddress.AddOrUpdate(flow.Remote.Address, 0, static (_, count) => count - 1) <= 0)
        {
            _perAddress.TryRemove(new(flow.Remote.Address, 0));
        }
    }

    private async ValueTask<Stream> ConnectAsync(IPEndPoint remote, string peerName, CancellationToken cancellationToken)
    {
        var socket = new Socket(remote.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(remote, cancellationToken).AsTask().WaitAsync(HandshakeTimeout, _time, cancellationToken).ConfigureAwait(false);
            var network = new NetworkStream(socket, ownsSocket: true);
            if (_transport != SipTransport.Tls)
            {
                return network;
            }

            var tls = new SslStream(network);
            await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = peerName }, cancellationToken)
                .WaitAsync(HandshakeTimeout, _time, cancellationToken).ConfigureAwait(false);
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
            await tls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = _certificate }, cancellationToken)
                .WaitAsync(HandshakeTimeout, _time, cancellationToken).ConfigureAwait(false);
            return tls;
        }
        catch
        {
            await tls.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private async Task SweepAsync()
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(30), _time);
        try
        {
            while (await timer.WaitForNextTickAsync(_stop.Token).ConfigureAwait(false))
            {
                foreach (var connection in _connections.Values)
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
