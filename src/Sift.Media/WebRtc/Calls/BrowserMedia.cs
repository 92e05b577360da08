using Sift.Media.Legs;
using Sift.Media.Rtp;
using Sift.Media.WebRtc.Transport;

namespace Sift.Media.WebRtc.Calls;

/// <summary>The media session of one browser leg, and what it says turned into leg events on the reactor.</summary>
internal sealed class BrowserMedia : IMediaSessionEvents
{
    /// <summary>The pacing loop answers a close within a tick; a leg does not wait for a stuck one.</summary>
    private static readonly TimeSpan CloseTimeout = TimeSpan.FromSeconds(1);

    private readonly IBrowserHost _host;
    private readonly LegId _leg;
    private readonly Action _timedOut;
    private Action<LegQuality?>? _closed;
    private bool _closing;
    private bool _configured;

    /// <param name="timedOut">Called on the reactor when media stayed away too long.</param>
    public BrowserMedia(IBrowserHost host, LegId leg, Action timedOut)
    {
        _host = host;
        _leg = leg;
        _timedOut = timedOut;
        Socket = new BrowserSocket(host.Port, host.Counters);
        Session = host.Engine.Open(this, Socket, host.Port.Port);
        host.Engine.Name(leg, Session);
    }

    public BrowserSocket Socket { get; }

    public MediaSession Session { get; }

    /// <summary>The far end does not want to hear us or is muted by hold: silence is no loss then.</summary>
    public bool IsHeld { get; set; }

    public void Configure(MediaParameters parameters)
    {
        _configured = true;
        Session.Configure(parameters);
    }

    public void Play(PlayOnLeg play) =>
        Session.Play(new Playback(play.Playback, play.Sources, _host.Sources, play.Loop, play.StopOnDigit));

    /// <summary>Closes the session and then tells its figures; null when it never ran.</summary>
    public void Close(Action<LegQuality?> closed)
    {
        _closing = true;
        if (!_configured)
        {
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
        if (!_closing && !IsHeld)
        {
            _host.Emit(new LegMediaLost(_leg, silence));
        }
    });

    public void OnMediaResumed(MediaSession session) => Say(new LegMediaResumed(_leg));

    public void OnMediaTimeout(MediaSession session, TimeSpan silence) => _host.Post(() =>
    {
        if (!_closing && !IsHeld)
        {
            _timedOut();
        }
    });

    public void OnFirstPacket(MediaSession session)
    {
    }

    public void OnClosed(MediaSession session, LegQuality quality) => _host.Post(() => Closed(quality));

    private void Say(LegEvent legEvent) => _host.Post(() =>
    {
        // Nothing may follow the LegEnded that the close leads to.
        if (!_closing)
        {
            _host.Emit(legEvent);
        }
    });

    private void Closed(LegQuality? quality)
    {
        var closed = _closed;
        _closed = null;
        closed?.Invoke(quality);
    }
}
