using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Sift.Media.Rtp;
using Sift.Media.Sip;
using Sift.Protocols;
using Sift.Protocols.Ice;
using Sift.Protocols.Rtp;

namespace Sift.Media.WebRtc.Transport;

/// <summary>Finds out from the configured STUN servers how the shared port looks from outside. On the reactor, but for the look-up of names.</summary>
internal sealed partial class StunServers : IGathererOutput
{
    private const int DefaultPort = 3478;
    private const string Scheme = "stun:";

    private static readonly TimeSpan LookUpAgain = TimeSpan.FromSeconds(30);

    private readonly IReadOnlyList<string> _servers;
    private readonly ISharedSocket _port;
    private readonly BrowserReactor _reactor;
    private readonly bool _withIPv6;
    private readonly Action<IReadOnlyList<TransportAddress>> _changed;
    private readonly ILogger _logger;
    private readonly ReflexiveGatherer _gatherer;
    private ReactorTimer? _timer;
    private int _lookedUp;

    /// <param name="tag">Of the transaction ids; no leg may have the same.</param>
    /// <param name="changed">Hears the addresses seen from outside whenever they change.</param>
    public StunServers(BrowserOptions options, ISharedSocket port, BrowserReactor reactor, uint tag, IEntropy entropy, Action<IReadOnlyList<TransportAddress>> changed, ILogger logger)
    {
        _servers = [.. options.IceServers.SelectMany(static s => s.Urls).Where(static u => u.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))];
        _port = port;
        _reactor = reactor;
        _withIPv6 = options.BindAddress.AddressFamily == AddressFamily.InterNetworkV6;
        _changed = changed;
        _logger = logger;
        _gatherer = new ReflexiveGatherer(tag, entropy);
    }

    /// <summary>False while a server may yet tell of an address.</summary>
    public bool IsSettled => _lookedUp == _servers.Count && _gatherer.IsSettled;

    /// <summary>Begins to ask. Servers given by address are asked at once, those given by name when they are found.</summary>
    public void Start()
    {
        foreach (var server in _servers)
        {
            if (!TryParse(server, out var host, out var port))
            {
                LogUnreadable(server);
                _lookedUp++;
            }
            else if (IPAddress.TryParse(host, out var address))
            {
                _lookedUp++;
                Ask([address], port);
            }
            else
            {
                _ = LookUpAsync(host, port, isFirst: true);
            }
        }
    }

    public IceRefusal OnDatagram(ReadOnlySpan<byte> datagram, TransportAddress from)
    {
        var self = this;
        var refusal = _gatherer.OnDatagram(datagram, from, _reactor.Now, ref self);
        Arm();
        return refusal;
    }

    public void SendStun(scoped ReadOnlySpan<byte> message, TransportAddress to) => _port.Send(message, to);

    public void OnReflexiveChanged()
    {
        LogReflexive(_gatherer.Addresses.Count == 0 ? "unknown" : string.Join(", ", _gatherer.Addresses));
        _changed(_gatherer.Addresses);
    }

    /// <summary>RFC 7064: <c>stun:host[:port]</c>, the host a name, an IPv4 address or an IPv6 address in brackets.</summary>
    private static bool TryParse(string url, out string host, out int port)
    {
        host = url[Scheme.Length..];
        port = DefaultPort;
        var end = host.StartsWith('[') ? host.IndexOf(']', StringComparison.Ordinal) + 1 : host.LastIndexOf(':') is > 0 and var colon ? colon : host.Length;
        var rest = host[end..];
        host = host[..end].Trim('[', ']');
        return host.Length > 0
            && (rest.Length == 0 || (rest[0] == ':' && int.TryParse(rest[1..], NumberStyles.None, CultureInfo.InvariantCulture, out port) && port is > 0 and <= ushort.MaxValue));
    }

    private async Task LookUpAsync(string host, int port, bool isFirst)
    {
        IPAddress[] found;
        try
        {
            found = await Dns.GetHostAddressesAsync(host).ConfigureAwait(false);
        }
        catch (SocketException e)
        {
            LogNotFound(host, e.Message);
            found = [];
        }

        _reactor.Post(() =>
        {
            _lookedUp += isFirst ? 1 : 0;
            Ask(found, port);
            if (found.Length == 0)
            {
                _reactor.After(LookUpAgain, () => _ = LookUpAsync(host, port, isFirst: false));
            }
        });
    }

    private void Ask(IReadOnlyList<IPAddress> addresses, int port)
    {
        // One address of each family is enough of a server.
        foreach (var family in addresses.GroupBy(static a => a.AddressFamily))
        {
            if (family.Key == AddressFamily.InterNetwork || _withIPv6)
            {
                _gatherer.Add(TransportAddress.From(new IPEndPoint(family.First(), port)), _reactor.Now);
            }
        }

        Arm();
    }

    private void Arm()
    {
        _timer?.Cancel();
        _timer = _gatherer.Deadline is { } due ? _reactor.After(due > _reactor.Now ? due - _reactor.Now : TimeSpan.Zero, OnTimer) : null;
    }

    private void OnTimer()
    {
        var self = this;
        _gatherer.OnTimer(_reactor.Now, ref self);
        Arm();
    }

    [LoggerMessage(EventId = 3208, Level = LogLevel.Information, Message = "The browser port as STUN servers see it: {Addresses}")]
    private partial void LogReflexive(string addresses);

    [LoggerMessage(EventId = 3209, Level = LogLevel.Warning, Message = "STUN server {Host} was not found: {Reason}")]
    private partial void LogNotFound(string host, string reason);

    [LoggerMessage(EventId = 3210, Level = LogLevel.Warning, Message = "{Server} is no STUN server of the form stun:host:port and is not asked")]
    private partial void LogUnreadable(string server);
}
