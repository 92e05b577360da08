using System.Net;
using Microsoft.Extensions.Logging;
using Sift.Media.Audio;
using Sift.Media.Legs;
using Sift.Media.Rtp;
using Sift.Media.Sip.Resolution;
using Sift.Media.Sip.Sandbox;
using Sift.Media.Sip.Calls;
using Sift.Media.Sip.Tracing;
using Sift.Media.Sip.Transports;
using Sift.Media.Sip.Trunks;
using Sift.Protocols;
using Sift.Protocols.Sip.UserAgent;

namespace Sift.Media.Sip;

/// <summary>
/// The SIP side of the leg port: listens, registers, and carries legs to phones and carriers. Construct, <see cref="Start"/>, dispose.
/// </summary>
public sealed class SipLegs : ILegs, IAsyncDisposable
{
    /// <summary>How long calls that are up may take to say goodbye when the server stops.</summary>
    private static readonly TimeSpan FarewellTime = TimeSpan.FromMilliseconds(300);

    private readonly SipOptions _options;
    private readonly MediaEngine _engine;
    private readonly IAudioSources _sources;
    private readonly IEntropy _entropy;
    private readonly TimeProvider _time;
    private readonly ILogger<SipLegs> _logger;
    private readonly CancellationTokenSource _stopping = new();
    private readonly SipReactor _reactor;
    private readonly ISipTrace? _trace;
    private readonly IRegistrationStore? _registrations;
    private SipTransports? _transports;
    private SipHost? _host;

    /// <param name="engine">Started by its owner; carries the audio of all legs.</param>
    /// <param name="sources">Opens what legs play.</param>
    /// <param name="trace">Sees the messages of calls; null for nobody.</param>
    /// <param name="registrations">Keeps those of sandbox phones beyond this process; null to forget them.</param>
    public SipLegs(SipOptions options, MediaEngine engine, IAudioSources sources, IEntropy entropy, TimeProvider time, ILogger<SipLegs> logger, ISipTrace? trace = null, IRegistrationStore? registrations = null)
    {
        _registrations = registrations;
        _trace = trace;
        _options = options;
        _engine = engine;
        _sources = sources;
        _entropy = entropy;
        _time = time;
        _logger = logger;
        _reactor = new SipReactor(time, logger) { Trace = trace };
    }

    /// <summary>The UDP and TCP address listened on; null before <see cref="Start"/>.</summary>
    public IPEndPoint? LocalEndPoint => _transports?.Local;

    /// <summary>The carriers and how they are, for the console. Empty before <see cref="Start"/>.</summary>
    public IReadOnlyList<TrunkState> Trunks => _host is { } host ? [.. host.Trunks.All.Select(static trunk => trunk.State)] : [];

    /// <summary>The encodings that telephones are offered, best first.</summary>
    public static IReadOnlyList<string> Encodings { get; } = [.. LegAudio.Supported.Select(static codec => codec.Encoding)];

    /// <summary>By which rule a call from that address is taken, and which trunk it is then of; null when no address rule matches.</summary>
    public (string Trunk, string Rule)? RuleFor(IPAddress source)
        => _host?.Trunks.OwnerOf(source) is { } trunk ? (trunk.Options.Name, trunk.RuleFor(source)!) : null;

    /// <summary>Messages refused since the start, by reason.</summary>
    public IReadOnlyDictionary<string, long> Refusals => _host?.Refusals.Counts ?? new Dictionary<string, long>();

    /// <summary>True when the sandbox carrier is on.</summary>
    public bool SandboxEnabled => _options.Sandbox.Enabled ?? _options.Trunks.Count == 0;

    /// <summary>What the events of legs lead to and the threads of the SIP side may do themselves. Set before <see cref="Start"/>; null for nothing.</summary>
    public IFollowUpWork? FollowUp
    {
        get => _reactor.FollowUp;
        set => _reactor.FollowUp = value;
    }

    /// <summary>Opens the listeners and begins to take calls.</summary>
    /// <param name="events">Hears every event of every leg, in order per leg, from one thread.</param>
    /// <param name="kept">Registrations of sandbox phones that the last process left.</param>
    /// <exception cref="System.Net.Sockets.SocketException">The address or port cannot be had.</exception>
    public void Start(ILegEvents events, IReadOnlyList<StoredRegistration>? kept = null)
    {
        if (_host is not null)
        {
            throw new InvalidOperationException("The SIP side is started already.");
        }

        _transports = new SipTransports(_options, _reactor, _time, _logger);
        var agentOptions = new SipUserAgentOptions
        {
            Product = _options.UserAgent,
            SessionExpires = _options.SessionInterval > TimeSpan.Zero ? _options.SessionInterval : null,
        };
        _host = new SipHost(
            _options,
            _reactor,
            _transports,
            agentOptions,
            [.. _options.Trunks],
            new SystemDns(_options.DnsServers),
            _engine,
            _sources,
            events,
            _entropy,
            _time,
            _logger,
            _stopping.Token,
            _trace,
            _registrations);
        _reactor.Attach(_host);
        _reactor.Post(() => _host.Start(kept ?? []));
        _reactor.Start();
        _transports.Start();
    }

    /// <inheritdoc/>
    public void Post(LegCommand command)
    {
        var host = _host ?? throw new InvalidOperationException("The SIP side is not started.");
        _reactor.Do(() => host.Handle(command));
    }

    /// <inheritdoc/>
    public async ValueTask<LegSnapshot?> SnapshotAsync(LegId leg, CancellationToken cancellationToken)
    {
        var host = _host ?? throw new InvalidOperationException("The SIP side is not started.");
        var taken = new TaskCompletionSource<Task<LegSnapshot?>>(TaskCreationOptions.RunContinuationsAsynchronously);
        _reactor.Post(() => taken.SetResult(host.SnapshotAsync(leg, cancellationToken)));
        return await taken.Task.Unwrap().WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask<bool> RestoreAsync(LegSnapshot snapshot, CancellationToken cancellationToken)
    {
        var host = _host ?? throw new InvalidOperationException("The SIP side is not started.");
        var restored = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        _reactor.Post(() => restored.SetResult(host.Restore(snapshot)));
        return await restored.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Refuses new calls with 503 from now on; calls that are up go on.</summary>
    public void Drain()
    {
        if (_host is { } host)
        {
            _reactor.Post(() => host.Agent.Draining = true);
        }
    }

    /// <summary>Takes new calls again after <see cref="Drain"/>.</summary>
    public void Resume()
    {
        if (_host is { } host)
        {
            _reactor.Post(() => host.Agent.Draining = false);
        }
    }

    /// <summary>Unregisters from carriers and closes all sockets. Calls that are up are left as they are: a snapshot may go on with them.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_host is { } host)
        {
            _reactor.Post(host.Stop);
            if (host.Trunks.All.Any(static trunk => trunk.State.Registered == true))
            {
                await Task.Delay(FarewellTime, _time, CancellationToken.None).ConfigureAwait(false);
            }
        }

        await _stopping.CancelAsync().ConfigureAwait(false);
        if (_transports is { } transports)
        {
            await transports.DisposeAsync().ConfigureAwait(false);
        }

        _reactor.Dispose();
        _stopping.Dispose();
    }
}
