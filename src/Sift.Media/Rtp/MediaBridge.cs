namespace Sift.Media.Rtp;

/// <summary>
/// Two sessions joined. Each arrives by itself on the media thread where they meet; the second arrival links them. From then on only
/// that thread touches the bridge.
/// </summary>
internal sealed class MediaBridge(MediaSession first, MediaSession second, MediaShard shard)
{
    private SessionStream? _waiting;
    private volatile bool _cancelled;

    public MediaShard Shard => shard;

    /// <summary>Called on <see cref="Shard"/>'s thread.</summary>
    public void Arrive(SessionStream stream)
    {
        stream.LeaveBridge();
        if (_cancelled)
        {
            return;
        }

        if (_waiting is null)
        {
            _waiting = stream;
            stream.WaitIn(this);
            return;
        }

        var other = _waiting;
        _waiting = null;
        other.Link(stream);
        stream.Link(other);
    }

    /// <summary>One end is gone or went elsewhere before the other came.</summary>
    public void Cancel()
    {
        _cancelled = true;
        _waiting = null;
    }

    public override string ToString() => $"{first.LocalPort}-{second.LocalPort}";
}
