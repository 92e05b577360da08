using Sift.Media.Legs;

namespace Sift.Media.Rtp;

/// <summary>Something asked of a session, carried out on its media thread.</summary>
internal abstract class SessionCommand : InboxItem<SessionCommand>
{
    /// <summary>Whether it makes the pacer take the session up.</summary>
    public virtual bool Starts => false;

    public abstract void Execute(SessionStream stream, TimeSpan now);

    /// <summary>Called instead of <see cref="Execute"/> when the session is closed.</summary>
    public virtual void Drop()
    {
    }
}

internal sealed class ConfigureSession(MediaParameters parameters) : SessionCommand
{
    public override bool Starts => true;

    public override void Execute(SessionStream stream, TimeSpan now) => stream.Configure(parameters, now);
}

internal sealed class RestoreSession(MediaSnapshot snapshot, MediaParameters parameters) : SessionCommand
{
    public override bool Starts => true;

    public override void Execute(SessionStream stream, TimeSpan now) => stream.Restore(snapshot, parameters, now);
}

internal sealed class StartPlayback(Playback playback) : SessionCommand
{
    public override void Execute(SessionStream stream, TimeSpan now) => stream.Player.Start(playback);
}

internal sealed class EndPlayback(PlaybackId playback) : SessionCommand
{
    public override void Execute(SessionStream stream, TimeSpan now) => stream.Player.Stop(playback);
}

internal sealed class QueueDigits(string digits) : SessionCommand
{
    public override void Execute(SessionStream stream, TimeSpan now) => stream.SendDigits(digits);
}

internal sealed class HeardDigit(char digit, DigitSource source) : SessionCommand
{
    public override void Execute(SessionStream stream, TimeSpan now) => stream.HearDigit(digit, source, now);
}

internal sealed class JoinBridge(MediaBridge bridge) : SessionCommand
{
    /// <summary>The shard on which both ends meet.</summary>
    public MediaShard Meeting => bridge.Shard;

    public override void Execute(SessionStream stream, TimeSpan now) => bridge.Arrive(stream);

    public override void Drop() => bridge.Cancel();
}

internal sealed class LeaveBridge : SessionCommand
{
    public override void Execute(SessionStream stream, TimeSpan now) => stream.LeaveBridge();
}

internal sealed class SetTap(IAudioTap? tap) : SessionCommand
{
    public override void Execute(SessionStream stream, TimeSpan now) => stream.SetTap(tap);

    public override void Drop() => tap?.OnEnd();
}

internal sealed class TakeSnapshot : SessionCommand
{
    public TaskCompletionSource<MediaSnapshot?> Result { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public override void Execute(SessionStream stream, TimeSpan now) => Result.TrySetResult(stream.Snapshot(now));

    public override void Drop() => Result.TrySetResult(null);
}

internal sealed class CloseSession : SessionCommand
{
    public override bool Starts => true;

    public override void Execute(SessionStream stream, TimeSpan now) => stream.Close(now);
}
