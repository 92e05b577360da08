using Microsoft.Extensions.Logging;
using Sift.Media.Audio;
using Sift.Media.Legs;
using Sift.Media.Rtp;
using Sift.Media.Sip.Calls;
using Sift.Media.Sip.Calls.Outbound;
using Sift.Media.Sip.Resolution;
using Sift.Media.Sip.Sandbox;
using Sift.Media.Sip.Tracing;
using Sift.Media.Sip.Transports;
using Sift.Media.Sip.Trunks;
using Sift.Protocols;
using Sift.Protocols.Sip.Messages;
using Sift.Protocols.Sip.Transactions;
using Sift.Protocols.Sip.UserAgent;

namespace Sift.Media.Sip;

/// <summary>
/// What one reactor runs: the SIP core, the legs on it, the registrar and the trunks. All state here is touched by the reactor only.
/// </summary>
internal sealed partial class SipHost : ISipReactorHost, ILegHost, ISipUserAgentOutput
{
    private static readonly TimeSpan SweepInterval = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan QualityInterval = TimeSpan.FromSeconds(5);

    private readonly SipReactor _reactor;
    private readonly TimeProvider _time;
    private readonly ILegEvents _events;
    private readonly ILogger _logger;
    private readonly SipRefusals _refusals;
    private readonly ReactorTimers _timers = new();
    private readonly Dictionary<SipCallId, ISipCallOwner> _owners = [];
    private readonly Dictionary<LegId, IHostedLeg> _legs = [];
    private readonly Dictionary<SipOutboundRequestId, Action<SipResponse?>> _requests = [];
    private readonly LocationTable? _locations;
    private readonly SandboxRegistrar? _registrar;
    private readonly KeptRegistrations? _kept;
    private readonly IncomingGate _gate;
    private readonly ISipTrace? _trace;
    private readonly DialPlanner _planner;
    private readonly SipRouting _routing;
    private ISipCallOwner? _inviting;
    private Action<SipResponse?>? _requesting;

    public SipHost(
        SipOptions options,
        SipReactor reactor,
        ISipTransports transports,
        SipUserAgentOptions agentOptions,
        IReadOnlyList<TrunkOptions> trunks,
        IDnsRecords dns,
        MediaEngine engine,
        IAudioSources sources,
        ILegEvents events,
        IEntropy entropy,
        TimeProvider time,
        ILogger logger,
        CancellationToken stopping,
        ISipTrace? trace = null,
        IRegistrationStore? registrations = null)
    {
        _trace = trace;
        Options = options;
        Transports = transports;
        Engine = engine;
        Sources = sources;
        Entropy = entropy;
        _reactor = reactor;
        _events = events;
        _time = time;
        _logger = logger;
        _refusals = new SipRefusals(logger, time);
        var locator = new SipServerLocator(dns, entropy);
        _routing = new SipRouting(transports, new NextHops(locator, this, stopping));
        Agent = new SipUserAgent(agentOptions, _routing, entropy);
        Trunks = new TrunkTable([.. trunks.Select(trunk => new Trunk(trunk, this, locator, logger, stopping))]);
        var digest = new DigestGate(options.Realm, entropy, time);
        if (options.Sandbox.Enabled ?? trunks.Count == 0)
        {
            var access = new SandboxAccess(options.Sandbox.Password, digest);
            _locations = new LocationTable(options.Sandbox.MaxContacts);
            _registrar = new SandboxRegistrar(options.Sandbox, access, _locations);
            _kept = registrations is null ? null : new KeptRegistrations(_locations, registrations, this);
            _gate = new IncomingGate(options, Trunks, digest, access);
        }
        else
        {
            _gate = new IncomingGate(options, Trunks, digest, null);
        }

        _planner = new DialPlanner(this, Trunks, _locations);
    }

    public SipOptions Options { get; }

    public SipUserAgent Agent { get; }

    public ISipUserAgentOutput Output => this;

    public ISipTransports Transports { get; }

    public IEntropy Entropy { get; }

    public MediaEngine Engine { get; }

    public IAudioSources Sources { get; }

    public TrunkTable Trunks { get; }

    public SipRefusals Refusals => _refusals;

    public int LegCount => _legs.Count;

    public TimeSpan Now { get; private set; }

    public DateTimeOffset WallClock => _time.GetUtcNow();

    public TimeSpan? Deadline => Earlier(Agent.Deadline, _timers.Deadline);

    public void Start(IReadOnlyList<StoredRegistration> kept)
    {
        Now = _reactor.Now;
        _kept?.TakeUp(kept);
        _kept?.Listen();
        foreach (var trunk in Trunks.All)
        {
            trunk.Start();
        }

        Sweep();
        if (_trace is { } trace)
        {
            After(QualityInterval, () => SampleQuality(trace));
        }
    }

    public void OnInput(in SipInput input, TimeSpan now)
    {
        Now = now;
        switch (input.Kind)
        {
            case SipInputKind.Message:
                OnMessage((SipMessage)input.Payload!, input.Flow);
                break;
            case SipInputKind.Unparsable:
                Agent.OnUnparsable((SipMessage?)input.Payload, input.Error, input.Flow, now, this);
                break;
            case SipInputKind.FlowClosed:
                _locations?.ForgetFlow(input.Flow);
                Agent.OnTransportError(input.Flow, now, this);
                break;
            case SipInputKind.Work:
                ((Action)input.Payload!)();
                break;
        }
    }

    public void OnTimer(TimeSpan now)
    {
        Now = now;
        _timers.Run(now);
        if (Agent.Deadline <= now)
        {
            Agent.OnTimer(now, this);
        }
    }

    public ReactorTimer After(TimeSpan delay, Action due) => _timers.Add(Now + delay, due);

    public void Post(Action work) => _reactor.Post(work);

    public void Emit(LegEvent legEvent) => _events.OnLegEvent(legEvent);

    public void Own(SipCallId call, ISipCallOwner owner) => _owners[call] = owner;

    public void Forget(IHostedLeg leg) => _legs.Remove(leg.Id);

    public SipCallId Invite(SipInvitation invitation, ISipCallOwner owner)
    {
        _inviting = owner;
        try
        {
            var call = Agent.Invite(invitation, Now, this);
            if (_inviting is not null)
            {
                _owners[call] = owner;
            }

            return call;
        }
        finally
        {
            _inviting = null;
        }
    }

    public void Request(SipRequest request, in SipFlow flow, SipCredentials? credentials, Action<SipResponse?> answered)
    {
        _requesting = answered;
        var id = Agent.Request(request, flow, credentials, Now, this);
        if (_requesting is not null)
        {
            _requesting = null;
            _requests[id] = answered;
        }
    }

    /// <summary>On the reactor.</summary>
    public IHostedLeg? Find(LegId leg) => _legs.GetValueOrDefault(leg);

    /// <summary>Carries a command out. On the reactor.</summary>
    public void Handle(LegCommand command)
    {
        if (command is DialLeg dial)
        {
            Dial(dial);
            return;
        }

        if (!_legs.TryGetValue(command.Leg, out var leg) || leg.IsOver)
        {
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
                leg.HangUp(LegEndCause.LocalHangUp, hangUp.Reason);
                break;
            default:
                if (!SessionCommands.TryCarryOut(command, leg.Media?.Session, Engine, Sources, Emit))
                {
                    Log.CommandDropped(_logger, command.GetType().Name, command.Leg);
                }

                break;
        }
    }

    /// <summary>On the reactor; null when there is no such leg.</summary>
    public Task<LegSnapshot?> SnapshotAsync(LegId leg, CancellationToken cancellationToken) =>
        _legs.TryGetValue(leg, out var found) ? found.SnapshotAsync(cancellationToken) : Task.FromResult<LegSnapshot?>(null);

    /// <summary>On the reactor.</summary>
    public bool Restore(LegSnapshot snapshot)
    {
        if (snapshot.Kind != SipLegState.Kind || _legs.ContainsKey(snapshot.Leg)
            || SipLegState.Parse(snapshot.Signalling) is not { } state
            || MediaSnapshot.Parse(snapshot.Media) is not { } mediaState
            || !System.Net.IPEndPoint.TryParse(state.Remote, out var remote)
            || !Transports.TryFlowTo(state.Transport, remote, null, out var flow))
        {
            return false;
        }

        if (Agent.Restore(state.Dialog, flow, Now) is not { } call)
        {
            return false;
        }

        var leg = SipLeg.Restore(this, snapshot.Leg, call, state, leg => LegMedia.Restore(this, snapshot.Leg, mediaState, leg.OnMediaTimeout));
        if (leg is null)
        {
            // The ports are taken: end the dialog, or the far end would stay in a dead call.
            Agent.HangUp(call, SipFailures.ReasonHeader("could not be restored"), Now, this);
            return false;
        }

        _legs.Add(leg.Id, leg);
        return true;
    }

    /// <summary>On the reactor: ends all calls and registrations.</summary>
    public void Stop()
    {
        Agent.Draining = true;
        foreach (var trunk in Trunks.All)
        {
            trunk.Stop();
        }
    }

    private void OnMessage(SipMessage message, in SipFlow flow)
    {
        if (message is SipRequest request && flow.Transport == SipTransport.Udp && IncomingGate.IsScanner(request))
        {
            // No answer at all: an answer of any kind tells a scanner that a server lives here.
            _refusals.Count("scanner", flow.Remote);
            return;
        }

        var by = flow;
        if (message is SipResponse { StatusCode: >= 300 and < 400 } redirect && Agent.IsExpected(redirect)
            && _routing.PrepareRedirect(redirect, () => Agent.OnMessage(redirect, by, Now, this)))
        {
            // The core follows a redirect at once or not at all, so it hears of it when the names in it are known.
            return;
        }

        Agent.OnMessage(message, flow, Now, this);
    }

    private void Dial(DialLeg dial)
    {
        if (_legs.ContainsKey(dial.Leg))
        {
            return;
        }

        if (_locations is not null && DialledNumber.TryNormalise(dial.Destination, out var number) && MagicNumbers.TryFind(number, out var callee))
        {
            _legs.Add(dial.Leg, MagicLeg.Dial(this, dial, callee));
            return;
        }

        var (plan, refusal) = _planner.Plan(dial);
        if (plan is null)
        {
            Emit(new LegEnded(dial.Leg, refusal!.Cause, refusal.Status, refusal.Detail));
            return;
        }

        var leg = SipLeg.Create(this, dial);
        _legs.Add(dial.Leg, leg);
        leg.Dial(dial, plan);
    }

    private void Sweep()
    {
        _locations?.RemoveExpired(Now);
        After(SweepInterval, Sweep);
    }

    private void SampleQuality(ISipTrace trace)
    {
        foreach (var leg in _legs.Values)
        {
            if (leg.Media is { } media)
            {
                trace.OnQuality(leg.Id, media.Session.Quality);
            }
        }

        After(QualityInterval, () => SampleQuality(trace));
    }

    private static TimeSpan? Earlier(TimeSpan? a, TimeSpan? b) => a is null ? b : b is null ? a : a < b ? a : b;

    private static partial class Log
    {
        [LoggerMessage(EventId = 2171, Level = LogLevel.Debug, Message = "{Command} for leg {Leg} does not fit its state and is dropped")]
        public static partial void CommandDropped(ILogger logger, string command, LegId leg);

        [LoggerMessage(EventId = 2172, Level = LogLevel.Debug, Message = "SIP {Refusal} from {Source}")]
        public static partial void CoreRefused(ILogger logger, SipRefusal refusal, System.Net.IPEndPoint? source);
    }
}
