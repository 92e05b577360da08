using System.Net;
using Microsoft.Extensions.Logging;
using Sift.Media.Audio;
using Sift.Media.Legs;
using Sift.Media.Rtp;
using Sift.Media.WebRtc.Calls;
using Sift.Media.WebRtc.Dtls;
using Sift.Media.WebRtc.Opus;
using Sift.Media.WebRtc.Transport;
using Sift.Protocols;
using Sift.Protocols.Ice;

namespace Sift.Media.WebRtc;

/// <summary>
/// The browser side of the leg port: WebRTC audio over one UDP port. Signalling is the caller's: what clients say comes in through the
/// methods here, what they are to be told leaves through <see cref="IBrowserSignalling"/>. Construct, <see cref="Start"/>, dispose. Every
/// method may be called from any thread, returns at once, and does nothing for a leg that is gone.
/// </summary>
public sealed partial class BrowserLegs : ILegs, IAsyncDisposable
{
    private const string Scheme = "webrtc:";

    private readonly BrowserOptions _options;
    private readonly MediaEngine _engine;
    private readonly IAudioSources _sources;
    private readonly IEntropy _entropy;
    private readonly TimeProvider _time;
    private readonly ILogger<BrowserLegs> _logger;
    private readonly IDatagramSockets _sockets;
    private readonly bool _listensToStreams;
    private BrowserReactor? _reactor;
    private BrowserHost? _host;
    private ILegEvents? _events;
    private IBrowserSignalling? _signalling;

    /// <param name="engine">Started by its owner; carries the audio of all legs, telephones included, so that they can be bridged.</param>
    /// <param name="sources">Opens what legs play.</param>
    public BrowserLegs(BrowserOptions options, MediaEngine engine, IAudioSources sources, IEntropy entropy, TimeProvider time, ILogger<BrowserLegs> logger)
        : this(options, engine, sources, entropy, time, logger, DatagramSockets.ForThisSystem(options.BindAddress, engine.Options.DifferentiatedServices))
    {
        _listensToStreams = options.Tcp;
    }

    internal BrowserLegs(
        BrowserOptions options,
        MediaEngine engine,
        IAudioSources sources,
        IEntropy entropy,
        TimeProvider time,
        ILogger<BrowserLegs> logger,
        IDatagramSockets sockets)
    {
        _options = options;
        _engine = engine;
        _sources = sources;
        _entropy = entropy;
        _time = time;
        _logger = logger;
        _sockets = sockets;
    }

    /// <summary>Why there are no browser calls on this host, for people; null when there are. Known after <see cref="Start"/>.</summary>
    public string? Unavailable { get; private set; }

    /// <summary>True when answers may choose Opus. Known after <see cref="Start"/>.</summary>
    public bool OpusAvailable => _host?.OpusAvailable ?? false;

    /// <summary>The address and UDP port bound; null before <see cref="Start"/> and when browser calls are unavailable.</summary>
    public IPEndPoint? LocalEndPoint { get; private set; }

    /// <summary>STUN and TURN servers to hand to clients.</summary>
    public IReadOnlyList<IceServer> IceServers => [.. _options.IceServers];

    /// <summary>Figures since the start.</summary>
    public BrowserPortStatistics Statistics => _host?.Counters.Snapshot(_host.LegCount) ?? new BrowserPortStatistics();

    /// <summary>True when a destination of <see cref="DialLeg"/> means a browser client: <c>webrtc:name</c>.</summary>
    public static bool IsClient(string destination) => destination.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase);

    /// <summary>
    /// Opens the port and begins. Without OpenSSL, or with the port taken, it starts all the same, says why in <see cref="Unavailable"/>
    /// and the log, and fails every call with that reason.
    /// </summary>
    /// <param name="events">Hears every event of every leg, in order per leg, from one thread.</param>
    /// <param name="signalling">The way to the clients.</param>
    public void Start(ILegEvents events, IBrowserSignalling signalling)
    {
        if (_events is not null)
        {
            throw new InvalidOperationException("The browser side is started already.");
        }

        if (Prepare(events, signalling))
        {
            WarmUp();
            _reactor!.Start();
        }
    }

    /// <summary>As <see cref="Start"/>, without a thread: tests step the reactor.</summary>
    internal bool Prepare(ILegEvents events, IBrowserSignalling signalling)
    {
        _events = events;
        _signalling = signalling;
        if (!OpenSsl.IsAvailable(out var reason))
        {
            Unavailable = reason;
            LogUnavailable(reason!);
            return false;
        }

        if (_sockets.TryBindShared(_options.Port) is not { } socket)
        {
            Unavailable = $"UDP port {_options.Port} on {_options.BindAddress} cannot be had; browser calls need it";
            LogUnavailable(Unavailable);
            return false;
        }

        if (_listensToStreams)
        {
            if (StreamPeers.TryListen(_options.BindAddress, socket.Port, _time, socket.Wake) is { } streams)
            {
                socket = new StreamAndDatagramSocket(socket, streams);
            }
            else
            {
                LogNoTcp(socket.Port);
            }
        }

        _reactor = new BrowserReactor(socket, _sockets.CreateBatch(), _time, _logger);
        _host = new BrowserHost(_options, _reactor, socket, _engine, _sources, events, signalling, _entropy, _time, _logger);
        _reactor.Attach(_host);
        _reactor.Post(_host.Start);
        LocalEndPoint = new IPEndPoint(_options.BindAddress, socket.Port);
        LogStarted(LocalEndPoint, string.Join(", ", _host.Candidates.All.Select(static c => c.Address.ToEndPoint().Address)), OpenSsl.Version(), OpusAvailable ? "Opus" : "no Opus");
        if (_options.Opus && !OpusLibrary.IsAvailable)
        {
            LogNoOpus();
        }

        return true;
    }

    /// <summary>A client calls. <see cref="LegIncoming"/> follows; media comes up when call control answers and the client has offered.</summary>
    public void Connect(BrowserCall call)
    {
        if (Reserve(call.Leg))
        {
            _reactor!.Post(() => _host!.Connect(call));
        }
    }

    /// <summary>A rung client rings: <see cref="LegRinging"/> follows. Repeating it is harmless.</summary>
    public void Ringing(LegId leg) => With(leg, static found => found.ClientRings());

    /// <summary>A rung client took the call (<c>ringanswer true</c>); its offer is awaited from now on.</summary>
    public void Accept(LegId leg) => With(leg, static found => found.ClientAccepts());

    /// <summary>No client will take the call: it declined, is busy, or is not there.</summary>
    /// <param name="cause">Usually Declined, Busy or NotFound.</param>
    public void Refuse(LegId leg, LegEndCause cause, string? detail) => With(leg, found => found.ClientRefuses(cause, detail));

    /// <summary>A client's offer: its first, or one in mid-call (ICE restart, new page, hold). The answer leaves through <see cref="IBrowserSignalling.Answer"/>.</summary>
    public void Offer(LegId leg, string sdp) => With(leg, found => found.Offer(sdp));

    /// <summary>A trickled candidate. With <see cref="IceMode.Lite"/> addresses are learnt from the checks themselves.</summary>
    /// <returns>False when it is no candidate (RFC 8839 5.1).</returns>
    public bool AddCandidate(LegId leg, string candidate)
    {
        if (!IceCandidate.TryParse(candidate, out var parsed))
        {
            return false;
        }

        With(leg, found => found.AddCandidate(parsed));
        return true;
    }

    /// <summary>Keys that a client sent by signalling; others than 0-9, *, #, A-D are left out.</summary>
    public void Digits(LegId leg, string digits) => With(leg, found =>
    {
        foreach (var digit in digits)
        {
            if (Sift.Protocols.Rtp.TelephoneEvent.CodeOf(digit) is not null)
            {
                found.ClientDigit(digit);
            }
        }
    });

    /// <summary>The client ended the call, has no microphone, or may not go on.</summary>
    /// <param name="cause">RemoteHangUp for a hang-up; Error, Forbidden and others as fits.</param>
    public void HangUp(LegId leg, LegEndCause cause, string? detail) => With(leg, found => found.ClientHangsUp(cause, detail));

    /// <summary>From any thread: whether the leg is a browser's, from its beginning until its <see cref="LegEnded"/>.</summary>
    public bool Hosts(LegId leg) => _host?.Hosts(leg) ?? false;

    /// <inheritdoc/>
    public void Post(LegCommand command)
    {
        if (command is DialLeg dial && !Reserve(dial.Leg))
        {
            return;
        }

        if (_host is { } host)
        {
            _reactor!.Post(() => host.Handle(command));
        }
    }

    /// <summary>Always null for now: a browser leg does not outlive its process. Its page offers anew and becomes a new leg.</summary>
    public ValueTask<LegSnapshot?> SnapshotAsync(LegId leg, CancellationToken cancellationToken) => ValueTask.FromResult<LegSnapshot?>(null);

    /// <summary>Always false; see <see cref="SnapshotAsync"/>.</summary>
    public ValueTask<bool> RestoreAsync(LegSnapshot snapshot, CancellationToken cancellationToken) => ValueTask.FromResult(false);

    /// <summary>Closes the port. Legs that are up get no further event.</summary>
    public ValueTask DisposeAsync()
    {
        _reactor?.Dispose();
        _host?.DisposeIdentities();
        return ValueTask.CompletedTask;
    }

    /// <summary>For tests that own the clock.</summary>
    internal void Step() => _reactor!.RunOnce();

    internal static string ClientName(string destination) => IsClient(destination) ? destination[Scheme.Length..] : destination;

    // The first handshake and the first frames would else pay for the compiler and the libraries: 10 ms and more of a caller's time.
    private void WarmUp()
    {
        try
        {
            MediaWarmUp.Run(_time.GetUtcNow(), OpusAvailable ? _options.OpusSampleRate : null);
        }
        catch (InvalidOperationException e)
        {
            LogWarmUpFailed(e);
        }
    }

    private bool Reserve(LegId leg)
    {
        if (_events is null)
        {
            throw new InvalidOperationException("The browser side is not started.");
        }

        if (_host is null)
        {
            _events.OnLegEvent(new LegEnded(leg, LegEndCause.Error, null, Unavailable));
            _signalling!.End(new BrowserEnd(leg, WasUp: false, ByClient: false, LegEndCause.Error, Unavailable));
            return false;
        }

        return _host.TryReserve(leg);
    }

    private void With(LegId leg, Action<BrowserLeg> act)
    {
        if (_host is { } host)
        {
            _reactor!.Post(() =>
            {
                if (host.Find(leg) is { } found)
                {
                    act(found);
                }
            });
        }
    }

    [LoggerMessage(EventId = 3203, Level = LogLevel.Information, Message = "Browser legs on UDP {Local}, announced as {Addresses}; {OpenSsl}; {Opus}")]
    private partial void LogStarted(IPEndPoint local, string addresses, string openSsl, string opus);

    [LoggerMessage(EventId = 3204, Level = LogLevel.Warning, Message = "No browser calls: {Reason}")]
    private partial void LogUnavailable(string reason);

    [LoggerMessage(EventId = 3205, Level = LogLevel.Warning, Message = "libopus.so.0 was not found; browser calls use PCMU and PCMA. On Debian: apt-get install libopus0")]
    private partial void LogNoOpus();

    [LoggerMessage(EventId = 3207, Level = LogLevel.Warning, Message = "TCP port {Port} cannot be had; browsers without UDP will not get through")]
    private partial void LogNoTcp(int port);

    [LoggerMessage(EventId = 3206, Level = LogLevel.Warning, Message = "Warming up browser media failed")]
    private partial void LogWarmUpFailed(Exception exception);
}
