using Sift.Media.Audio;
using Sift.Media.Rtp;

namespace Sift.Media.Legs;

/// <summary>The commands about what is heard on a leg: the same whoever carries its signalling.</summary>
internal static class SessionCommands
{
    /// <param name="command">Any command for the leg.</param>
    /// <param name="session">Null while the leg has no media.</param>
    /// <param name="engine">Finds the partner of a bridge.</param>
    /// <param name="sources">Opens what is to be played.</param>
    /// <param name="emit">Hears that a playback cannot begin: whoever asked for it waits for its end.</param>
    /// <returns>False when the command is about something else, or its partner is unknown.</returns>
    public static bool TryCarryOut(LegCommand command, MediaSession? session, MediaEngine engine, IAudioSources sources, Action<LegEvent> emit)
    {
        switch (command)
        {
            case PlayOnLeg play when session is null:
                emit(new PlaybackFinished(play.Leg, play.Playback, PlaybackEnd.Failed, "the leg has no media yet"));
                return true;
            case PlayOnLeg play:
                session.Play(new Playback(play.Playback, play.Sources, sources, play.Loop, play.StopOnDigit));
                return true;
            case StopPlayback stop:
                session?.StopPlayback(stop.Playback);
                return true;
            case BridgeLegs bridge when session is not null && engine.Find(bridge.Other) is { } partner:
                session.Bridge(partner);
                return true;
            case UnbridgeLeg:
                session?.Unbridge();
                return true;
            case SendDigits digits:
                session?.SendDigits(digits.Digits);
                return true;
            default:
                return false;
        }
    }
}
