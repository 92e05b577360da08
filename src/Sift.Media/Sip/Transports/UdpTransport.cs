using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Sift.Protocols.Sip.Transactions;

namespace Sift.Media.Sip.Transports;

/// <summary>The UDP listener (RFC 3261 18): one socket, one thread that receives, sends from whoever owns the core.</summary>
internal sealed partial class UdpTransport : IDisposable
{
    private const int MaxDatagram = 65_535;
    private const int MaxRememberedPeers = 8_192;

    private readonly Socket _socket;
    private readonly ISipInput _input;
    private readonly ILogger _logger;
    private readonly Dictionary<SocketAddress, IPEndPoint> _sources = [];
    private readonly Dictionary<IPEndPoint, SocketAddress> _destinations = [];
    private readonly Thread _thread;
    private volatile bool _stopped;
    private long _sendFailures;

    public UdpTransport(IPEndPoint bind, int receiveBufferBytes, ISipInput input, ILogger logger)
    {
        _input = input;
        _logger = logger;
        _socket = new Socket(bind.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            _socket.ReceiveBufferSize = receiveBufferBytes;
            _socket.SendBufferSize = receiveBufferBytes;
            _socket.Bind(bind);
        }
        catch
        {
            _socket.Dispose();
            throw;
        }

        Local = (IPEndPoint)_socket.LocalEndPoint!;
        _thread = new Thread(Receive) { IsBackground = true, Name = "sip-udp" };
    }

    public IPEndPoint Local { get; }

    /// <summary>Datagrams the kernel refused to take.</summary>
    public long SendFailures => Interlocked.Read(ref _sendFailures);

    public void Start() => _thread.Start();

    public SipFlow FlowTo(IPEndPoint remote) => new(SipTransport.Udp, 0, Local, remote);

    /// <summary>Sends one datagram without waiting. Called by one thread at a time.</summary>
    /// <returns>False when the kernel did not take it.</returns>
    public bool Send(IPEndPoint remote, ReadOnlySpan<byte> bytes)
    {
        if (_stopped)
        {
            return false;
        }

        if (!_destinations.TryGetValue(remote, out var address))
        {
            if (_destinations.Count >= MaxRememberedPeers)
            {
                _destinations.Clear();
            }

            address = remote.Serialize();
            _destinations.Add(remote, address);
        }

        try
        {
            _socket.SendTo(bytes, SocketFlags.None, address);
            return true;
        }
        catch (SocketException e)
        {
            Interlocked.Increment(ref _sendFailures);
            Log.SendFailed(_logger, e.SocketErrorCode);
            return false;
        }
        catch (ObjectDisposedException)
        {
            return false;
        }
    }

    public void Dispose()
    {
        _stopped = true;
        _socket.Dispose();
        if (_thread.IsAlive)
        {
            _thread.Join(TimeSpan.FromSeconds(2));
        }
    }

    private void Receive()
    {
        var buffer = GC.AllocateUninitializedArray<byte>(MaxDatagram, pinned: true);
        var from = new SocketAddress(_socket.AddressFamily);
        var isFree = NothingWaits;
        while (!_stopped)
        {
            try
            {
                var length = _socket.ReceiveFrom(buffer, SocketFlags.None, from);
                _input.OnBytes(FlowTo(Source(from)), buffer.AsSpan(0, length));
                _input.OnReceived(isFree);
            }
            catch (SocketException e) when (!_stopped)
            {
                // ICMP errors of earlier sends surface here (ECONNREFUSED); they say nothing about the next datagram.
                Log.ReceiveFailed(_logger, e.SocketErrorCode);
            }
            catch (Exception e) when (_stopped && e is SocketException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    private bool NothingWaits()
    {
        try
        {
            return _socket.Available == 0;
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            return false;
        }
    }

    private IPEndPoint Source(SocketAddress from)
    {
        if (_sources.TryGetValue(from, out var remote))
        {
            return remote;
        }

        if (_sources.Count >= MaxRememberedPeers)
        {
            // Bounded against spoofed sources.
            _sources.Clear();
        }

        var key = new SocketAddress(from.Family, from.Size);
        from.Buffer.Span[..from.Size].CopyTo(key.Buffer.Span);
        remote = (IPEndPoint)Local.Create(key);
        _sources.Add(key, remote);
        return remote;
    }

    private static partial class Log
    {
        [LoggerMessage(EventId = 2101, Level = LogLevel.Debug, Message = "SIP UDP receive failed: {Error}")]
        public static partial void ReceiveFailed(ILogger logger, SocketError error);

        [LoggerMessage(EventId = 2102, Level = LogLevel.Warning, Message = "SIP UDP send failed: {Error}")]
        public static partial void SendFailed(ILogger logger, SocketError error);
    }
}
