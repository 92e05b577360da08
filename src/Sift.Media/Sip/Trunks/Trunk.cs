using System.Net;
using Microsoft.Extensions.Logging;
using Sift.Media.Sip.Resolution;
using Sift.Media.Sip.Transports;
using Sift.Protocols.Sip.Messages;
using Sift.Protocols.Sip.Transactions;
using Sift.Protocols.Sip.UserAgent;

namespace Sift.Media.Sip.Trunks;

/// <summary>One carrier at run time: where it is, whether it answers, whether we are registered there.</summary>
internal sealed partial class Trunk
{
    private static readonly TimeSpan ShortestResolve = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan LongestResolve = TimeSpan.FromMinutes(5);

    /// <summary>How long a server that failed comes after the others (RFC 3263 4.3).</summary>
    private static readonly TimeSpan Penalty = TimeSpan.FromSeconds(30);

    private readonly ISipDriver _driver;
    private readonly SipServerLocator _locator;
    private readonly SipDomain _domain;
    private readonly ILogger _logger;
    private readonly CancellationToken _stopping;
    private readonly IPNetwork[] _sources;
    private readonly TrunkRegistration? _registration;
    private readonly Dictionary<SipServer, TimeSpan> _failedUntil = [];
    private IReadOnlyList<SipServer> _servers = [];
    private bool _started;
    private bool? _answers;
    private int? _lastStatus;
    private DateTimeOffset? _lastAnswerAt;
    private string? _detail;
    private volatile TrunkState _state;

    public Trunk(TrunkOptions options, ISipDriver driver, SipServerLocator locator, ILogger logger, CancellationToken stopping)
    {
        Options = options;
        _driver = driver;
        _locator = locator;
        _logger = logger;
        _stopping = stopping;
        SipTransport? transport = null;
        if (SipTransportNames.TryParse(options.Transport, out var named))
        {
            transport = named;
        }
        else if (!options.Transport.Equals("auto", StringComparison.OrdinalIgnoreCase))
        {
            throw new ArgumentException($"Trunk {options.Name}: transport '{options.Transport}' is not udp, tcp, tls or auto.");
        }

        _domain = new SipDomain(options.Host, options.Port > 0 ? options.Port : null, transport);
        _sources = [.. options.SourceAddresses.Select(text => AddressBlock.TryParse(text, out var block)
            ? block
            : throw new ArgumentException($"Trunk {options.Name}: '{text}' is neither an address nor a CIDR block."))];
        Prefixes = [.. options.Prefixes.Select(static prefix => prefix.StartsWith('+') ? prefix : "+" + prefix)];
        _registration = options.Register ? new TrunkRegistration(this, driver, logger) : null;
        _state = new TrunkState(options.Name, true, options.Register ? false : null, null, null, null, null);
    }

    public TrunkOptions Options { get; }

    public IReadOnlyList<string> Prefixes { get; }

    public TrunkState State => _state;

    public SipCredentials? Credentials =>
        Options.Username.Length > 0 ? new SipCredentials(Options.Username, Options.Password) : null;

    /// <summary>The carrier's domain as it appears in URIs.</summary>
    public string UriHost => Options.Host.Contains(':') ? $"[{Options.Host}]" : Options.Host;

    public bool IsAvailable => _servers.Count > 0 && _answers != false;

    public void Start()
    {
        if (_started)
        {
            return;
        }

        _started = true;
        Publish();
        Resolve();
    }

    /// <summary>A flow to the carrier; false while its name is unknown or no socket fits.</summary>
    public bool TryFlow(out SipFlow flow)
    {
        foreach (var first in Flows())
        {
            flow = first;
            return true;
        }

        flow = default;
        return false;
    }

    /// <summary>Flows to the carrier's servers in the order to try: those that failed a moment ago come last (RFC 3263 4.3).</summary>
    public IEnumerable<SipFlow> Flows()
    {
        foreach (var server in _servers.OrderBy(IsPenalised))
        {
            if (_driver.Transports.TryFlowTo(server.Transport, server.Address, Options.Host, out var flow))
            {
                yield return flow;
            }
        }
    }

    /// <summary>True when that address is one the carrier calls from.</summary>
    public bool Owns(IPAddress source) => Owns(source, out _);

    /// <summary>By which rule the trunk owns that address, for people; null when it does not.</summary>
    public string? RuleFor(IPAddress source)
        => !Owns(source, out var block) ? null : block is { } listed ? $"{listed} in SourceAddresses of {Options.Name}" : $"the address of {Options.Name}'s host {Options.Host}";

    private bool Owns(IPAddress source, out IPNetwork? listed)
    {
        var plain = source.IsIPv4MappedToIPv6 ? source.MapToIPv4() : source;
        foreach (var block in _sources)
        {
            if (block.Contains(plain))
            {
                listed = block;
                return true;
            }
        }

        listed = null;
        return _servers.Any(server => server.Address.Address.Equals(plain));
    }

    /// <summary>The length of the prefix that serves this number; -1 when the trunk does not serve it.</summary>
    public int Match(string number)
    {
        if (Prefixes.Count == 0)
        {
            return 0;
        }

        var best = -1;
        foreach (var prefix in Prefixes)
        {
            if (prefix.Length > best && number.StartsWith(prefix, StringComparison.Ordinal))
            {
                best = prefix.Length;
            }
        }

        return best;
    }

    /// <summary>The number as this carrier writes it.</summary>
    public string Write(string number) => Options.NumberFormat switch
    {
        NumberFormat.Plus => number,
        NumberFormat.Digits => number[1..],
        NumberFormat.DoubleZero => string.Concat("00", number.AsSpan(1)),
    };

    /// <summary>An answer (or none) of one of the carrier's servers.</summary>
    /// <returns>True when that server failed and another is worth trying at once (RFC 3263 4.3).</returns>
    public bool Heard(in SipFlow flow, int? status)
    {
        var server = new SipServer(flow.Transport, flow.Remote);
        if (status is null or 503)
        {
            _failedUntil[server] = _driver.Now + Penalty;
        }
        else
        {
            _failedUntil.Remove(server);
        }

        var another = status is null or 503 && _servers.Any(other => !IsPenalised(other));
        if (another)
        {
            // The carrier as a whole is not gone.
            Log.FailedOver(_logger, Options.Name, flow.Remote, status);
            return true;
        }

        _lastStatus = status;
        if (status is null)
        {
            if (_answers != false)
            {
                Log.Silent(_logger, Options.Name);
            }

            _answers = false;
            _detail = "does not answer";
        }
        else
        {
            if (_answers == false && status != 503)
            {
                Log.Back(_logger, Options.Name, status.Value);
            }

            // Any answer proves that it lives; 503 says that it takes no calls (RFC 3261 21.5.4).
            _answers = status != 503;
            _detail = status == 503 ? "answers 503" : null;
            _lastAnswerAt = _driver.WallClock;
        }

        Publish();
        return false;
    }

    public void Publish() => _state = new TrunkState(
        Options.Name,
        IsAvailable,
        _registration?.IsRegistered,
        _lastStatus,
        _lastAnswerAt,
        _registration?.NextAttemptAt,
        _registration?.Detail ?? _detail);

    public void Stop() => _registration?.Unregister();

    private void OnReachable()
    {
        _registration?.Start();
        if (Options.KeepAliveInterval > TimeSpan.Zero)
        {
            SendOptions();
        }
    }

    private void SendOptions()
    {
        _driver.After(Options.KeepAliveInterval, SendOptions);
        Ping();
    }

    private void Ping()
    {
        if (!TryFlow(out var flow))
        {
            Heard(default, null);
            return;
        }

        var uri = new SipUri { Scheme = "sip", Host = Options.Host, Port = Options.Port > 0 ? Options.Port : null };
        var request = new SipRequest("OPTIONS", uri);
        var local = _driver.Transports.SentBy(flow);
        request.Headers.Add("From", $"<sip:ping@{local}>");
        request.Headers.Add("To", $"<sip:{UriHost}>");
        request.Headers.Add("Accept", "application/sdp");
        _driver.Request(request, flow, Credentials, response =>
        {
            if (Heard(flow, response?.StatusCode))
            {
                Ping();
            }
        });
    }

    private void Resolve()
    {
        var located = _locator.LocateAsync(_domain, _stopping);
        if (located.IsCompletedSuccessfully)
        {
            // A literal address.
            OnResolved(located.Result);
            return;
        }

        _ = AwaitAsync();

        async Task AwaitAsync()
        {
            var servers = await located.ConfigureAwait(false);
            _driver.Post(() => OnResolved(servers));
        }
    }

    private bool IsPenalised(SipServer server) => _failedUntil.TryGetValue(server, out var until) && until > _driver.Now;

    private void OnResolved(SipServers found)
    {
        var first = _servers.Count == 0;
        if (found.InOrder.Count > 0)
        {
            // A name that stops resolving keeps its last servers: a broken resolver must not take the carrier down.
            _servers = found.InOrder;
            foreach (var gone in _failedUntil.Keys.Where(server => !_servers.Contains(server)).ToList())
            {
                _failedUntil.Remove(gone);
            }

            if (first)
            {
                OnReachable();
            }
        }
        else if (first)
        {
            _detail = "the host name does not resolve";
            Log.Unresolved(_logger, Options.Name, Options.Host);
        }

        _driver.After(found.InOrder.Count == 0 || found.ValidFor < ShortestResolve ? ShortestResolve : found.ValidFor < LongestResolve ? found.ValidFor : LongestResolve, Resolve);
        Publish();
    }

    private static partial class Log
    {
        [LoggerMessage(EventId = 2141, Level = LogLevel.Warning, Message = "Trunk {Trunk} does not answer")]
        public static partial void Silent(ILogger logger, string trunk);

        [LoggerMessage(EventId = 2142, Level = LogLevel.Information, Message = "Trunk {Trunk} answers again ({Status})")]
        public static partial void Back(ILogger logger, string trunk, int status);

        [LoggerMessage(EventId = 2143, Level = LogLevel.Warning, Message = "Trunk {Trunk}: {Host} does not resolve")]
        public static partial void Unresolved(ILogger logger, string trunk, string host);

        [LoggerMessage(EventId = 2144, Level = LogLevel.Warning, Message = "Trunk {Trunk}: {Server} failed ({Status}), another server takes over")]
        public static partial void FailedOver(ILogger logger, string trunk, IPEndPoint server, int? status);
    }
}
