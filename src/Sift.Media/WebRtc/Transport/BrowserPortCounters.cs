namespace Sift.Media.WebRtc.Transport;

/// <summary>What is counted at the shared port. Media threads add to some of them, hence the interlocked ones.</summary>
internal sealed class BrowserPortCounters
{
    private long _notAuthentic;
    private long _replayed;
    private long _mediaDropped;

    public long Received { get; set; }

    public long Checks { get; set; }

    public long ChecksRefused { get; set; }

    public long UnknownSource { get; set; }

    public long Unknown { get; set; }

    public long HandshakesLimited { get; set; }

    public long Handshakes { get; set; }

    public long HandshakesFailed { get; set; }

    public void CountNotAuthentic() => Interlocked.Increment(ref _notAuthentic);

    public void CountReplayed() => Interlocked.Increment(ref _replayed);

    public void CountMediaDropped() => Interlocked.Increment(ref _mediaDropped);

    public BrowserPortStatistics Snapshot(int legs) => new()
    {
        Received = Received,
        Checks = Checks,
        ChecksRefused = ChecksRefused,
        UnknownSource = UnknownSource,
        Unknown = Unknown,
        HandshakesLimited = HandshakesLimited,
        Handshakes = Handshakes,
        HandshakesFailed = HandshakesFailed,
        NotAuthentic = Interlocked.Read(ref _notAuthentic),
        Replayed = Interlocked.Read(ref _replayed),
        MediaDropped = Interlocked.Read(ref _mediaDropped),
        Legs = legs,
    };
}
