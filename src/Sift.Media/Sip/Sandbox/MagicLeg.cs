using System.Net;
using Sift.Media.Legs;
using Sift.Media.Rtp;
using Sift.Media.Sip.Calls;

namespace Sift.Media.Sip.Sandbox;

/// <summary>
/// A call to a magic number. No SIP is spoken; the callee is a second RTP session of this server, so that media behaves as with a
/// real phone.
/// </summary>
internal sealed class MagicLeg : IHostedLeg
{
    private static readonly TimeSpan RingTime = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan RingDelay = TimeSpan.FromMilliseconds(50);

    private readonly ILegHost _host;
    private readonly MagicCallee _callee;
    private readonly TimeSpan _ringTimeout;
    private ReactorTimer? _timer;
    private LegMedia? _far;
    private bool _ended;

    private MagicLeg(ILegHost host, DialLeg dial, MagicCallee callee)
    {
        _host = host;
        _callee = callee;
        _ringTimeout = dial.RingTimeout;
        Id = dial.Leg;
    }

    public LegId Id { get; }

    public LegMedia? Media { get; private set; }

    public bool IsOver => _ended;

    public static MagicLeg Dial(ILegHost host, DialLeg dial, MagicCallee callee)
    {
        var leg = new MagicLeg(host, dial, callee);
        leg._timer = host.After(RingDelay, leg.Reached);
        return leg;
    }

    public void Ring()
    {
    }

    public void Answer()
    {
    }

    public void Reject(LegEndCause cause) => HangUp(cause, "rejected");

    public void HangUp(LegEndCause cause, string reason) => End(cause, null, reason);

    /// <summary>A virtual callee does not outlive its process.</summary>
    public Task<LegSnapshot?> SnapshotAsync(CancellationToken cancellationToken) => Task.FromResult<LegSnapshot?>(null);

    private void Reached()
    {
        switch (_callee.Behaviour)
        {
            case MagicBehaviour.Busy:
                End(LegEndCause.Busy, 486, "busy (magic number)");
                break;
            case MagicBehaviour.Decline:
                End(LegEndCause.Declined, 603, "declined (magic number)");
                break;
            case MagicBehaviour.NotFound:
                End(LegEndCause.NotFound, 404, "not found (magic number)");
                break;
            case MagicBehaviour.Unreachable:
                End(LegEndCause.Unreachable, 503, "unreachable (magic number)");
                break;
            case MagicBehaviour.NoAnswer:
                _host.Emit(new LegRinging(Id, false));
                _timer = _host.After(_ringTimeout, () => End(LegEndCause.NoAnswer, 487, "no answer in time"));
                break;
            case MagicBehaviour.Echo:
            case MagicBehaviour.Tone:
                _host.Emit(new LegRinging(Id, false));
                Connect();
                break;
            case MagicBehaviour.HangUpAfter:
                _host.Emit(new LegRinging(Id, false));
                _timer = RingTime < _ringTimeout
                    ? _host.After(RingTime, Connect)
                    : _host.After(_ringTimeout, () => End(LegEndCause.NoAnswer, 487, "no answer in time"));
                break;
        }
    }

    private void Connect()
    {
        if (_ended)
        {
            return;
        }

        Media = LegMedia.Open(_host, Id, () => HangUp(LegEndCause.MediaTimeout, "no media"));
        _far = Media is null ? null : LegMedia.Open(_host, Id, static () => { }, silent: true);
        if (Media is null || _far is null)
        {
            End(LegEndCause.Error, null, "no free RTP port");
            return;
        }

        _far.Configure(Towards(Media.Session));
        Media.Configure(Towards(_far.Session));
        StartCallee(_far.Session);
        Media.IsWatched = true;
        _host.Emit(new LegAnswered(Id));
        if (_callee.Behaviour == MagicBehaviour.HangUpAfter)
        {
            _timer = _host.After(_callee.TalkTime, () => End(LegEndCause.RemoteHangUp, null, "the virtual callee hung up"));
        }
    }

    private void StartCallee(MediaSession far)
    {
        var playback = new PlaybackId("callee");
        switch (_callee.Behaviour)
        {
            case MagicBehaviour.Echo:
                var echo = new EchoAudio();
                far.Tap(echo);
                far.Play(new Playback(playback, [new SilenceSource(TimeSpan.MaxValue)], echo));
                break;
            case MagicBehaviour.Tone:
                far.Play(new Playback(playback, [new ToneSource(ToneKind.Milliwatt)], _host.Sources, Loop: true));
                break;
            default:
                far.Play(new Playback(playback, [new SilenceSource(TimeSpan.FromSeconds(1))], _host.Sources, Loop: true));
                break;
        }
    }

    private static MediaParameters Towards(MediaSession other) => new()
    {
        Remote = new IPEndPoint(Reachable(other.LocalAddress), other.LocalPort),
        Format = AudioFormat.Pcmu,
        TelephoneEventPayloadType = 101,
        Latch = LatchPolicy.SignalledOnly,
    };

    private static IPAddress Reachable(IPAddress bound) =>
        bound.Equals(IPAddress.Any) ? IPAddress.Loopback : bound.Equals(IPAddress.IPv6Any) ? IPAddress.IPv6Loopback : bound;

    private void End(LegEndCause cause, int? status, string detail)
    {
        if (_ended)
        {
            return;
        }

        _ended = true;
        _timer?.Cancel();
        _far?.Close(static _ => { });
        if (Media is { } media)
        {
            Media = null;
            media.Close(Say);
        }
        else
        {
            Say(null);
        }

        void Say(LegQuality? quality)
        {
            _host.Emit(new LegEnded(Id, cause, status, detail) { Quality = quality });
            _host.Forget(this);
        }
    }
}
