using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Sift.Media.Audio;
using Sift.Media.Legs;
using Sift.Media.Rtp;
using Sift.Media.Sip;
using Sift.Media.WebRtc.Calls;
using Sift.Media.WebRtc.Dtls;
using Sift.Media.WebRtc.Opus;
using Sift.Media.WebRtc.Transport;
using Sift.Protocols;
using Sift.Protocols.Ice;
using Sift.Protocols.Rtp;
using Sift.Protocols.Stun;

namespace Sift.Media.WebRtc;

/// <summary>The browser legs of this process and which of them a datagram is for. On the reactor's thread, but for <see cref="Hosts"/>.</summary>
internal sealed partial class BrowserHost : IBrowserHost, IDatagramInput
{
    private static readonly TimeSpan IdentityLife = TimeSpan.FromDays(7);

    private readonly BrowserReactor _reactor;
    private readonly ILegEvents _events;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly ConcurrentDictionary<LegId, BrowserLeg?> _legs = new();
    private readonly List<DtlsIdentity> _identities = [];
    private readonly StunServers? _stunServers;
    private TimeSpan _identityMadeAt;

    public BrowserHost(
        BrowserOptions options,
        BrowserReactor reactor,
        ISharedSocket port,
        MediaEngine engine,
        IAudioSources sources,
        ILegEvents events,
        IBrowserSignalling signalling,
        IEntropy entropy,
        TimeProvider time,
        ILogger logger)
    {
        Options = options;
        Port = port;
        Engine = engine;
        Sources = sources;
        Signalling = signalling;
        Entropy = entropy;
        _reactor = reactor;
        _events = events;
        _time = time;
        _logger = logger;
        Handshakes = new HandshakeLimiter(options.HandshakesPerMinute);
        OpusAvailable = options.Opus && OpusLibrary.IsAvailable;
        Routes = new BrowserRoutes(entropy);
        var addresses = LocalCandidates.Addresses(options);
        Address = addresses[0].ToString();
        Candidates = new LocalCandidates(addresses, port.Port, port is StreamAndDatagramSocket);
        if (options.Ice == IceMode.Full)
        {
            _stunServers = new StunServers(options, port, reactor, Routes.GathererTag, entropy, OnReflexive, logger);
        }
    }

    public BrowserOptions Options { get; }

    public MediaEngine Engine { get; }

    public IAudioSources Sources { get; }

    public IBrowserSignalling Signalling { get; }

    public IEntropy Entropy { get; }

    public BrowserPortCounters Counters { get; } = new();

    public HandshakeLimiter Handshakes { get; }

    public ISharedSocket Port { get; }

    public string Address { get; }

    public LocalCandidates Candidates { get; }

    public bool HasAllCandidates => _stunServers?.IsSettled ?? true;

    public BrowserRoutes Routes { get; }

    public bool OpusAvailable { get; }

    public TimeSpan Now => _reactor.Now;

    public int LegCount => _legs.Count;

    /// <summary>Renewed every week. Older ones stay for the legs that began with them.</summary>
    public DtlsIdentity Identity
    {
        get
        {
            if (_identities.Count == 0 || Now - _identityMadeAt >= IdentityLife)
            {
                _identities.Add(DtlsIdentity.Create(_time.GetUtcNow()));
                _identityMadeAt = Now;
            }

            return _identities[^1];
        }
    }

    /// <summary>On the reactor, before everything else.</summary>
    public void Start() => _stunServers?.Start();

    /// <summary>From any thread: true from the moment that the leg's command or call was posted until its end is said.</summary>
    public bool Hosts(LegId leg) => _legs.ContainsKey(leg);

    /// <summary>From any thread, before the leg itself is made on the reactor.</summary>
    public bool TryReserve(LegId leg) => _legs.TryAdd(leg, null);

    public BrowserLeg? Find(LegId leg) => _legs.GetValueOrDefault(leg);

    public void Connect(BrowserCall call)
    {
        _legs[call.Leg] = BrowserLeg.Incoming(this, call);
        Emit(new LegIncoming(call.Leg, call.From, call.To, "webrtc")
        {
            AccountId = call.AccountId,
            ApplicationId = call.ApplicationId,
            ClientData = call.ClientData,
        });
    }

    public void Handle(LegCommand command)
    {
        if (command is DialLeg dial)
        {
            _legs[dial.Leg] = BrowserLeg.Outgoing(this, dial);
            Signalling.Ring(new BrowserRing(dial.Leg, BrowserLegs.ClientName(dial.Destination), dial.AccountId, dial.CallerId, dial.RingTimeout));
            return;
        }

        if (Find(command.Leg) is not { } leg)
        {
            LogDropped(command.GetType().Name, command.Leg);
            return;
        }

        switch (command)
        {
            case RingLeg:
                leg.Ring();
                break;
            case AnswerLeg:
                leg.Answer();
                break;
            case RejectLeg reject:
                leg.Reject(reject.Cause);
                break;
            case HangUpLeg hangUp:
                leg.HangUp(hangUp.Reason);
                break;
            default:
                if (!SessionCommands.TryCarryOut(command, leg.Media?.Session, Engine, Sources, Emit))
                {
                    LogDropped(command.GetType().Name, command.Leg);
                }

                break;
        }
    }

    public void OnDatagram(ReadOnlySpan<byte> datagram, TransportAddress source, long stamp)
    {
        Counters.Received++;
        if (datagram.IsEmpty)
        {
            Counters.Unknown++;
            return;
        }

        // RFC 7983 7: the first byte tells the protocol.
        switch (datagram[0])
        {
            case <= 3:
                OnStun(datagram, source);
                break;
            case >= 20 and <= 63:
                if (Routes.Find(source) is { } shaking)
                {
                    shaking.Transport.OnDtls(datagram, source);
                }
                else
                {
                    Counters.UnknownSource++;
                }

                break;
            case >= 128 and <= 191:
                if (Routes.Find(source)?.Socket is { } socket)
                {
                    socket.OnDatagram(datagram, stamp);
                }
                else
                {
                    Counters.UnknownSource++;
                }

                break;
            default:
                Counters.Unknown++;
                break;
        }
    }

    public ReactorTimer After(TimeSpan delay, Action due) => _reactor.After(delay, due);

    public void Post(Action work) => _reactor.Post(work);

    public void Emit(LegEvent legEvent) => _events.OnLegEvent(legEvent);

    public void Forget(BrowserLeg leg) => _legs.TryRemove(leg.Id, out _);

    /// <summary>After the reactor has ended.</summary>
    public void DisposeIdentities()
    {
        foreach (var identity in _identities)
        {
            identity.Dispose();
        }

        _identities.Clear();
    }

    private void OnStun(ReadOnlySpan<byte> datagram, TransportAddress source)
    {
        if (StunMessage.TryParse(datagram, out var message) && Judge(message, datagram, source) == IceRefusal.None)
        {
            Counters.Checks++;
        }
        else
        {
            Counters.ChecksRefused++;
        }
    }

    private IceRefusal Judge(scoped StunMessage message, ReadOnlySpan<byte> datagram, TransportAddress source)
    {
        if (message.IsResponse && IceAgent.TagOf(message.TransactionId) == Routes.GathererTag)
        {
            return _stunServers?.OnDatagram(datagram, source) ?? IceRefusal.Unexpected;
        }

        return Routes.Find(message)?.Transport.OnStun(datagram, source) ?? IceRefusal.WrongUser;
    }

    private void OnReflexive(IReadOnlyList<TransportAddress> addresses)
    {
        foreach (var candidate in Candidates.SetReflexive(addresses))
        {
            foreach (var (_, leg) in _legs)
            {
                leg?.Announce(candidate);
            }
        }
    }

    [LoggerMessage(EventId = 3202, Level = LogLevel.Debug, Message = "{Command} for browser leg {Leg} dropped")]
    private partial void LogDropped(string command, LegId leg);
}
