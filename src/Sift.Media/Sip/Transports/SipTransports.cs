using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging;
using Sift.Protocols.Sip.Transactions;

namespace Sift.Media.Sip.Transports;

/// <summary>All listeners of one server: UDP and TCP on one port, TLS on its own when there is a certificate.</summary>
internal sealed partial class SipTransports : ISipTransports, IAsyncDisposable
{
    private const int BindAttempts = 10;

    private readonly SipOptions _options;
    private readonly UdpTransport _udp;
    private readonly StreamTransport _tcp;
    private readonly StreamTransport? _tls;
    private readonly Dictionary<IPAddress, IPAddress> _localAddresses = [];

    public SipTransports(SipOptions options, ISipInput input, TimeProvider time, ILogger logger)
    {
        _options = options;
        var address = IPAddress.Parse(options.Host);
        (_udp, _tcp) = Bind(address, options, input, time, logger);
        if (options.CertificatePath is not null)
        {
            try
            {
                _tls = new StreamTransport(SipTransport.Tls, new IPEndPoint(address, options.TlsPort), options, LoadCertificate(options), input, time, logger);
            }
            catch
            {
                _udp.Dispose();
                _tcp.Close();
                throw;
            }
        }

        Log.Listening(logger, _udp.Local, _tls?.Local);
    }

    /// <summary>The UDP and TCP address.</summary>
    public IPEndPoint Local => _udp.Local;

    /// <summary>The TLS address; null without a certificate.</summary>
    public IPEndPoint? LocalTls => _tls?.Local;

    public int ConnectionCount => _tcp.ConnectionCount + (_tls?.ConnectionCount ?? 0);

    public void Start()
    {
        _udp.Start();
        _tcp.Start();
        _tls?.Start();
    }

    public bool Send(in SipFlow flow, ReadOnlySpan<byte> bytes) => flow.Transport switch
    {
        SipTransport.Udp => _udp.Send(flow.Remote, bytes),
        SipTransport.Tcp => _tcp.Send(flow.Connection, bytes),
        SipTransport.Tls => _tls is not null && _tls.Send(flow.Connection, bytes),
        SipTransport.Ws or SipTransport.Wss => false,
    };

    public bool TryFlowTo(SipTransport transport, IPEndPoint remote, string? peerName, out SipFlow flow)
    {
        flow = default;
        if (remote.AddressFamily != _udp.Local.AddressFamily)
        {
            return false;
        }

        switch (transport)
        {
            case SipTransport.Udp:
                flow = _udp.FlowTo(remote);
                return true;
            case SipTransport.Tcp:
                flow = _tcp.FlowTo(remote, peerName);
                return true;
            case SipTransport.Tls when _tls is not null:
                flow = _tls.FlowTo(remote, peerName);
                return true;
            default:
                return false;
        }
    }

    public SipSentBy SentBy(in SipFlow flow)
    {
        var port = flow.Transport == SipTransport.Tls && _tls is not null ? _tls.Local.Port : _udp.Local.Port;
        return new SipSentBy(_options.PublicAddress ?? LocalAddressTowards(flow.Remote.Address).ToString(), port);
    }

    public async ValueTask DisposeAsync()
    {
        _udp.Dispose();
        await _tcp.DisposeAsync().ConfigureAwait(false);
        if (_tls is not null)
        {
            await _tls.DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <summary>One port number for both; a number the system chose for UDP may be taken for TCP, then another is tried.</summary>
    private static (UdpTransport Udp, StreamTransport Tcp) Bind(IPAddress address, SipOptions options, ISipInput input, TimeProvider time, ILogger logger)
    {
        for (var attempt = 1; ; attempt++)
        {
            var udp = new UdpTransport(new IPEndPoint(address, options.Port), options.ReceiveBufferBytes, input, logger);
            try
            {
                return (udp, new StreamTransport(SipTransport.Tcp, new IPEndPoint(address, udp.Local.Port), options, null, input, time, logger));
            }
            catch (SocketException) when (options.Port == 0 && attempt < BindAttempts)
            {
                udp.Dispose();
            }
            catch
            {
                udp.Dispose();
                throw;
            }
        }
    }

    /// <summary>The address to show: the one bound to, or with a wildcard the one the system would send from.</summary>
    private IPAddress LocalAddressTowards(IPAddress remote)
    {
        var bound = _udp.Local.Address;
        if (!bound.Equals(IPAddress.Any) && !bound.Equals(IPAddress.IPv6Any))
        {
            return bound;
        }

        if (_localAddresses.TryGetValue(remote, out var known))
        {
            return known;
        }

        if (_localAddresses.Count >= 1024)
        {
            _localAddresses.Clear();
        }

        try
        {
            // Connecting a datagram socket sends nothing; it only asks the routing table.
            using var probe = new Socket(remote.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
            probe.Connect(remote, 5060);
            known = ((IPEndPoint)probe.LocalEndPoint!).Address;
        }
        catch (SocketException)
        {
            known = bound.AddressFamily == AddressFamily.InterNetwork ? IPAddress.Loopback : IPAddress.IPv6Loopback;
        }

        _localAddresses[remote] = known;
        return known;
    }

    private static X509Certificate2 LoadCertificate(SipOptions options)
    {
        var path = options.CertificatePath!;
        if (path.EndsWith(".pfx", StringComparison.OrdinalIgnoreCase) || path.EndsWith(".p12", StringComparison.OrdinalIgnoreCase))
        {
            return X509CertificateLoader.LoadPkcs12FromFile(path, options.CertificatePassword);
        }

        return string.IsNullOrEmpty(options.CertificatePassword)
            ? X509Certificate2.CreateFromPemFile(path, options.CertificateKeyPath)
            : X509Certificate2.CreateFromEncryptedPemFile(path, options.CertificatePassword, options.CertificateKeyPath);
    }

    private static partial class Log
    {
        [LoggerMessage(EventId = 2121, Level = LogLevel.Information, Message = "SIP listens on {Local} (UDP, TCP), TLS: {Tls}")]
        public static partial void Listening(ILogger logger, IPEndPoint local, IPEndPoint? tls);
    }
}
