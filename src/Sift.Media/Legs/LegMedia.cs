using Sift.Media.Rtp;

namespace Sift.Media.Legs;

/// <summary>
/// The media of one leg: its RTP session, and what the session says turned into leg events on the reactor, so that all events of a
/// leg come from one thread in order.
/// </summary>
internal sealed class LegMedia : IMediaSessionEvents
{
    /// <summary>The pacing loop answers a close within a tick; a leg does not wait for a stuck one.</summary>
    private static readonly TimeSpan CloseTimeout = TimeSpan.FromSeconds(1);

    private readonly ILegMediaHost _host;
    private readonly LegId _leg;
    private readonly Action _timedOut;
    private readonly bool _silent;
    private Action<LegQuality?>? _closed;
    private bool _configured;

    private LegMedia(ILegMediaHost host, LegId leg, Action timedOut, bool silent)
    {
        _host = host;
        _leg = leg;
        _timedOut = timedOut;
        _silent = silent;
    }

    public MediaSession Session { get; private set; } = null!;

    /// <summary>What was agreed last; null before.</summary>
    public MediaParameters? Parameters { get; private set; }

    /// <param name="host">The driver of the leg's signalling.</param>
    /// <param name="leg">Names the session in the engine.</param>
    /// <param name="timedOut">Called on the reactor when media stayed away too long.</param>
    /// <param name="silent">Nothing of this session is told to call control.</param>
    /// <returns>Null when no port is free.</returns>
    public static LegMedia? Open(ILegMediaHost host, LegId leg, Action timedOut, bool silent = false) =>
        new LegMedia(host, leg, timedOut, silent).Over(host.Engine.Open);

    /// <summary>The same on a socket that others share.</summary>
    /// <param name="host">The driver of the leg's signalling.</param>
    /// <param name="leg">Names the session in the engine.</param>
    /// <param name="timedOut">Called on the reactor when media stayed away too long.</param>
    /// <param name="transport">Where the session's packets go.</param>
    /// <param name="port">The local port that SDP names.</param>
    public static LegMedia Open(ILegMediaHost host, LegId leg, Action timedOut, IDatagramSocket transport, int port) =>
        new LegMedia(host, leg, timedOut, silent: false).Over(events => host.Engine.Open(events, transport, port))!;

    /// <returns>Null when the ports cannot be had again.</returns>
    public static LegMedia? Restore(ILegMediaHost host, LegId leg, MediaSnapshot snapshot, Action timedOut) =>
        new LegMedia(host, leg, timedOut, silent: false) { _configured = true, Parameters = snapshot.ToParameters() }
            .Over(events => host.Engine.Restore(snapshot, events));

    /// <summary>Whether silence means loss: not before the call is up, and not while the far end holds us, since phones fall silent then.</summary>
    public bool IsWatched { get; set; }

    public void Configure(MediaParameters parameters)
    {
        _configured = true;
        Parameters = parameters;
        Session.Configure(parameters);
    }

    /// <summary>Closes the session and then tells its figures; null when it never ran.</summary>
    public void Close(Action<LegQuality?> closed)
    {
        if (!_configured)
        {
            _closed = static _ => { };
            Session.Close();
            closed(null);
            return;
        }

        _closed = closed;
        _host.After(CloseTimeout, () => Closed(null));
        Session.Close();
    }

    public void OnDigit(MediaSession session, char digit, DigitSource source) => Say(new LegDigit(_leg, digit, source));

    public void OnPlaybackFinished(MediaSession session, PlaybackId playback, PlaybackEnd end, string? error) =>
        Say(new PlaybackFinished(_leg, playback, end, error));

    public void OnMediaLost(MediaSession session, TimeSpan silence) => _host.Post(() =>
    {
        if (_closed is null && !_silent && IsWatched)
        {
            _host.Emit(new LegMediaLost(_leg, silence));
        }
    });

    public void OnMediaResumed(MediaSession session) => Say(new LegMediaResumed(_leg));

    public void OnMediaTimeout(MediaSession session, TimeSpan silence) => _host.Post(() =>
    {
        if (_closed is null && IsWatched)
        {
            _timedOut();
        }
    });

    public void OnFirstPacket(MediaSession session)
    {
    }

    public void OnClosed(MediaSession session, LegQuality quality) => _host.Post(() => Closed(quality));

    private LegMedia? Over(Func<IMediaSessionEvents, MediaSession?> open)
    {
        if (open(this) is not { } session)
        {
            return null;
        }

        Session = session;
        if (!_silent)
        {
            _host.Engine.Name(_leg, session);
        }

        return this;
    }

    private void Say(LegEvent legEvent) => _host.Post(() =>
    {
        // Nothing may follow the LegEnded that the close leads to.
        if (_closed is null && !_silent)
        {
            _host.Emit(legEvent);
        }
    });

    private void Closed(LegQuality? quality)
    {
        var closed = _closed;
        _closed = static _ => { };
        closed?.Invoke(quality);
    }
}
