using Sift.Media.Audio;
using Sift.Media.Legs;

namespace Sift.Media.Rtp;

/// <summary>Something to play on a session: sources one after another without a gap.</summary>
/// <param name="Sources">Opened one ahead of need, at the session's sample rate, through <paramref name="Opener"/>.</param>
/// <param name="Loop">Starts again at the end, until stopped. A round in which no source gave a frame ends the playback as failed.</param>
/// <param name="StopOnDigit">The first digit ends it with <see cref="PlaybackEnd.Interrupted"/>.</param>
internal sealed record Playback(PlaybackId Id, IReadOnlyList<PlaySource> Sources, IAudioSources Opener, bool Loop = false, bool StopOnDigit = false);
