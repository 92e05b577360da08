namespace Sift.Media.Rtp;

internal enum MediaSilence { None, Warn, TimedOut, Resumed }

/// <summary>Notices that the far end fell silent: warns once, reports the timeout once, and says when packets come again.</summary>
internal sealed class MediaWatch(TimeSpan warnAfter, TimeSpan timeoutAfter)
{
    private TimeSpan? _since;
    private bool _warned;
    private bool _timedOut;
    private bool _returned;

    /// <summary>How long it has been silent.</summary>
    public TimeSpan SilentFor(TimeSpan now) => _since is { } since ? now - since : TimeSpan.Zero;

    /// <summary>Starts or restarts waiting; on hold nothing is expected and the watch rests.</summary>
    public void Expect(bool expected, TimeSpan now)
    {
        if (!expected)
        {
            _since = null;
            _warned = false;
            _timedOut = false;
            return;
        }

        _since ??= now;
    }

    public void OnPacket(TimeSpan now)
    {
        if (_since is null)
        {
            return;
        }

        _since = now;
        _returned |= _warned;
    }

    public MediaSilence Check(TimeSpan now)
    {
        if (_since is not { } since)
        {
            return MediaSilence.None;
        }

        if (_returned)
        {
            _returned = false;
            _warned = false;
            _timedOut = false;
            return MediaSilence.Resumed;
        }

        if (!_warned && now - since >= warnAfter)
        {
            _warned = true;
            return MediaSilence.Warn;
        }

        if (!_timedOut && now - since >= timeoutAfter)
        {
            _timedOut = true;
            return MediaSilence.TimedOut;
        }

        return MediaSilence.None;
    }
}
