using Sift.Media.Legs;

namespace Sift.Media.Rtp;

/// <summary>
/// What a session tells its owner. Called on the media thread that runs the session, in order, never two at once for a session:
/// post and return, never block.
/// </summary>
internal interface IMediaSessionEvents
{
    /// <summary>A key was pressed at the far end; once per press whatever ways it was signalled.</summary>
    void OnDigit(MediaSession session, char digit, DigitSource source);

    /// <summary>Exactly one per <see cref="MediaSession.Play"/>, unless the session is closed first.</summary>
    void OnPlaybackFinished(MediaSession session, PlaybackId playback, PlaybackEnd end, string? error);

    /// <summary>No packet came for <see cref="MediaEngineOptions.MediaLossWarning"/> while media was expected.</summary>
    void OnMediaLost(MediaSession session, TimeSpan silence);

    /// <summary>Packets arrive again after <see cref="OnMediaLost"/>.</summary>
    void OnMediaResumed(MediaSession session);

    /// <summary>No packet came for <see cref="MediaEngineOptions.MediaLossTimeout"/>; the owner decides whether the leg ends.</summary>
    void OnMediaTimeout(MediaSession session, TimeSpan silence);

    /// <summary>The first packet arrived (early media, or the far end is really there).</summary>
    void OnFirstPacket(MediaSession session);

    /// <summary>The last event of a session, after <see cref="MediaSession.Close"/>: its ports are free again.</summary>
    void OnClosed(MediaSession session, LegQuality quality);
}
