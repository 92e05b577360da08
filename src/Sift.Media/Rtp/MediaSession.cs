using System.Net;
using Sift.Media.Legs;

namespace Sift.Media.Rtp;

/// <summary>
/// The media of one SIP leg, as its signalling sees it: every method posts a command to the media thread that owns the session
/// and returns at once. Commands of a session are carried out in order, within one tick (20 ms) or, up to a playback that begins, at once; for a
/// closed session they are dropped.
/// </summary>
internal sealed class MediaSession
{
    private readonly CommandInbox<SessionCommand> _inbox = new();
    private readonly MediaEngine _engine;
    private string? _codec;
    private int _entered;
    private int _closed;
    private MediaShard _shard;

    internal MediaSession(MediaEngine engine, MediaShard shard, MediaPorts ports, IMediaSessionEvents events)
    {
        _engine = engine;
        _shard = shard;
        Stream = new SessionStream(this, ports, events, engine);
        LocalPort = ports.Port;
        LocalAddress = engine.Options.BindAddress;
    }

    /// <summary>The address the RTP port is bound to.</summary>
    public IPAddress LocalAddress { get; }

    /// <summary>The RTP port, even; RTCP is the next one.</summary>
    public int LocalPort { get; }

    /// <summary>RFC 3551 encoding name of what it sends; null before <see cref="Configure"/>.</summary>
    public string? Codec => Volatile.Read(ref _codec);

    /// <summary>Loudness of the last frame received in dBov (0 loudest, -127 silence); needs <see cref="MediaParameters.MeterLevels"/>.</summary>
    public float InputLevel => Stream.Meter.Input;

    /// <summary>Loudness of the last frame sent in dBov.</summary>
    public float OutputLevel => Stream.Meter.Output;

    /// <summary>Figures since the session began, as they are now.</summary>
    public LegQuality Quality => Stream.Quality();

    /// <summary>Starts the session (first call) or changes it (answer to a re-INVITE, early media that turns into a call, hold).</summary>
    public void Configure(MediaParameters parameters)
    {
        Volatile.Write(ref _codec, parameters.Format.Name);
        Post(new ConfigureSession(parameters));
    }

    /// <summary>Starts a playback; one that runs is stopped first. Before <see cref="Configure"/> it waits.</summary>
    public void Play(Playback playback)
    {
        Post(new StartPlayback(playback));
        if (Volatile.Read(ref _entered) == 1 && Volatile.Read(ref _closed) == 0)
        {
            Volatile.Read(ref _shard).Hasten(this);
        }
    }

    /// <summary>Stops that playback if it still runs.</summary>
    public void StopPlayback(PlaybackId playback) => Post(new EndPlayback(playback));

    /// <summary>Sends keys (0-9, *, #, A-D; a comma pauses half a second) after those still being sent; audio is muted meanwhile.</summary>
    public void SendDigits(string digits) => Post(new QueueDigits(digits));

    /// <summary>Reports a key that came by signalling (SIP INFO), so that barge-in, order and "once per press" hold for it too.</summary>
    public void ReportDigit(char digit, DigitSource source) => Post(new HeardDigit(digit, source));

    /// <summary>
    /// Joins the audio of two sessions in both directions, parting each from an earlier partner. Packets are relayed untouched when the
    /// encodings are equal, else decoded and encoded. Playback on a session takes precedence over what its partner says.
    /// </summary>
    public void Bridge(MediaSession other)
    {
        // Both must run on one thread to hand packets over without locks; each moves there by itself and the last to arrive links them.
        var bridge = new MediaBridge(this, other, Volatile.Read(ref _shard));
        Post(new JoinBridge(bridge));
        other.Post(new JoinBridge(bridge));
    }

    /// <summary>Parts the session from whatever it is bridged with.</summary>
    public void Unbridge() => Post(new LeaveBridge());

    /// <summary>Lets <paramref name="tap"/> hear both directions; null ends that.</summary>
    public void Tap(IAudioTap? tap) => Post(new SetTap(tap));

    /// <summary>The state to continue from in another process; null when the session was never configured or is closed.</summary>
    public ValueTask<MediaSnapshot?> SnapshotAsync(CancellationToken cancellationToken)
    {
        var command = new TakeSnapshot();
        Post(command);
        if (Volatile.Read(ref _closed) == 1 || Volatile.Read(ref _entered) == 0)
        {
            command.Drop();
        }

        return new ValueTask<MediaSnapshot?>(command.Result.Task.WaitAsync(cancellationToken));
    }

    /// <summary>Ends the session: RTCP BYE, ports freed, <see cref="IMediaSessionEvents.OnClosed"/> with the figures. Harmless when repeated.</summary>
    public void Close() => Post(new CloseSession());

    /// <summary>The leg whose media this is; null when nobody named it.</summary>
    internal LegId? Leg { get; set; }

    internal SessionStream Stream { get; }

    internal MediaEngine Engine => _engine;

    internal MediaShard Shard => _shard;

    internal bool HasCommands => !_inbox.IsEmpty;

    internal SessionCommand? TakeCommands() => _inbox.TakeAll();

    /// <summary>Called by the shard that takes the session over.</summary>
    internal void MovedTo(MediaShard shard) => Volatile.Write(ref _shard, shard);

    internal void MarkClosed()
    {
        Volatile.Write(ref _closed, 1);
        _engine.Forget(this);
    }

    internal void Post(SessionCommand command)
    {
        if (Volatile.Read(ref _closed) == 1)
        {
            command.Drop();
            return;
        }

        _inbox.Add(command);

        // A session costs the pacer nothing until it is used: ports wait in their socket buffers while a call rings.
        if (command.Starts && Interlocked.Exchange(ref _entered, 1) == 0)
        {
            Volatile.Read(ref _shard).Enter(this);
        }
    }
}
