using System.Collections.Concurrent;
using System.Text;
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
    // A leg has one address, two while it moves; a peer that proves ever more of them loses the oldest.
    private const int MostAddresses = 32;
    private static readonly TimeSpan IdentityLife = TimeSpan.FromDays(7);

    private readonly BrowserReactor _reactor;
    private readonly ILegEvents _events;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly ConcurrentDictionary<LegId, BrowserLeg?> _legs = new();
    private readonly Dictionary<string, BrowserLeg> _byUser = new(StringComparer.Ordinal);
    private readonly Dictionary<string, BrowserLeg>.AlternateLookup<ReadOnlySpan<char>> _byUserText;
    private readonly Dictionary<TransportAddress, BrowserLeg> _bySource = [];
    private readonly Dictionary<BrowserLeg, LegRoutes> _routes = [];
    private readonly List<DtlsIdentity> _identities = [];
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
        _byUserText = _byUser.GetAlternateLookup<ReadOnlySpan<char>>();
        Handshakes = new HandshakeLimiter(options.HandshakesPerMinute);
        OpusAvailable = options.Opus && OpusLibrary.IsAvailable;
        var addresses = HostCandidates.Addresses(options);
        Address = addresses[0].ToString();
        Candidates = HostCandidates.Describe(addresses, port.Port, port is StreamAndDatagramSocket);
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

    public IReadOnlyList<string> Candidates { get; }

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
            case PlayOnLeg play:
                leg.Media?.Play(play);
                break;
            case StopPlayback stop:
                leg.Media?.Session.StopPlayback(stop.Playback);
                break;
            case BridgeLegs bridge when leg.Media is { } media && Engine.Find(bridge.Other) is { } other:
                media.Session.Bridge(other);
                break;
            case UnbridgeLeg:
                leg.Media?.Session.Unbridge();
                break;
            case SendDigits digits:
                leg.Media?.Session.SendDigits(digits.Digits);
                break;
            default:
                LogDropped(command.GetType().Name, command.Leg);
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
                if (_bySource.TryGetValue(source, out var shaking))
                {
                    shaking.Transport.OnDtls(datagram, source);
                }
                else
                {
                    Counters.UnknownSource++;
                }

                break;
            case >= 128 and <= 191:
                if (_bySource.TryGetValue(source, out var talking) && talking.Media is { } media)
                {
                    media.Socket.OnDatagram(datagram, stamp);
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

    public IceCredentials NewCredentials()
    {
        while (true)
        {
            var credentials = IceCredentials.Create(Entropy);
            if (!_byUser.ContainsKey(credentials.Ufrag))
            {
                return credentials;
            }
        }
    }

    public void Route(string user, BrowserLeg leg)
    {
        if (!_byUser.TryAdd(user, leg))
        {
            return;
        }

        // Checks under the credentials before these are still answered; older ones are gone.
        var users = RoutesOf(leg).Users;
        users.Enqueue(user);
        if (users.Count > 2)
        {
            _byUser.Remove(users.Dequeue());
        }
    }

    public void Bind(TransportAddress source, BrowserLeg leg)
    {
        if (_bySource.TryGetValue(source, out var bound))
        {
            if (bound == leg)
            {
                return;
            }

            // Whoever proved the address last has it: a browser reuses a port for its next call.
            RoutesOf(bound).Sources.Remove(source);
        }

        var routes = RoutesOf(leg);
        _bySource[source] = leg;
        routes.Sources.Add(source);
        if (routes.Sources.Count > MostAddresses)
        {
            _bySource.Remove(routes.Sources[0]);
            routes.Sources.RemoveAt(0);
        }
    }

    public void Unbind(BrowserLeg leg)
    {
        if (!_routes.Remove(leg, out var routes))
        {
            return;
        }

        foreach (var user in routes.Users)
        {
            _byUser.Remove(user);
        }

        foreach (var source in routes.Sources)
        {
            _bySource.Remove(source);
        }
    }

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
        if (UserOf(datagram) is not { } leg || leg.Transport.OnStun(datagram, source) != IceRefusal.None)
        {
            Counters.ChecksRefused++;
            return;
        }

        Counters.Checks++;
    }

    /// <summary>The leg named by the part of USERNAME before the colon (RFC 8445 7.2.2): our ufrag.</summary>
    private BrowserLeg? UserOf(ReadOnlySpan<byte> datagram)
    {
        const int longestUser = 64;
        if (!StunMessage.TryParse(datagram, out var message) || !message.TryGet(StunAttribute.Username, out var user))
        {
            return null;
        }

        var colon = user.IndexOf((byte)':');
        if (colon is <= 0 or > longestUser)
        {
            return null;
        }

        Span<char> text = stackalloc char[longestUser];
        var length = Encoding.ASCII.GetChars(user[..colon], text);
        return _byUserText.TryGetValue(text[..length], out var leg) ? leg : null;
    }

    private LegRoutes RoutesOf(BrowserLeg leg)
    {
        if (!_routes.TryGetValue(leg, out var routes))
        {
            _routes[leg] = routes = new LegRoutes();
        }

        return routes;
    }

    private sealed class LegRoutes
    {
        public Queue<string> Users { get; } = new();

        public List<TransportAddress> Sources { get; } = [];
    }

    [LoggerMessage(EventId = 3202, Level = LogLevel.Debug, Message = "{Command} for browser leg {Leg} dropped")]
    private partial void LogDropped(string command, LegId leg);
}
