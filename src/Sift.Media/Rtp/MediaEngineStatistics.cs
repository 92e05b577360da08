namespace Sift.Media.Rtp;

/// <summary>Figures of the media engine at one moment.</summary>
public sealed class MediaEngineStatistics
{
    /// <summary>Sessions that the pacing threads serve.</summary>
    public int Sessions { get; internal set; }

    /// <summary>Port pairs bound now.</summary>
    public int PortsInUse { get; internal set; }

    /// <summary>Port pairs that can be had, now or after their rest.</summary>
    public int PortsFree { get; internal set; }

    /// <summary>RTP packets received since start, in sessions open and closed.</summary>
    public long PacketsReceived { get; internal set; }

    /// <summary>RTP packets sent since start.</summary>
    public long PacketsSent { get; internal set; }

    /// <summary>Datagrams refused: no RTP, unknown payload type, wrong source.</summary>
    public long PacketsRefused { get; internal set; }

    /// <summary>20 ms steps taken, all threads.</summary>
    public long Ticks { get; internal set; }

    /// <summary>Steps skipped because a thread was more than a step behind.</summary>
    public long TicksSkipped { get; internal set; }

    /// <summary>Longest time one step took, since start.</summary>
    public TimeSpan LongestTick { get; internal set; }

    /// <summary>Steps by how late they began; bucket i counts those up to <see cref="LatenessBounds"/>[i], the last one the rest.</summary>
    public long[] Lateness { get; } = new long[LatenessHistogram.BucketCount];

    /// <summary>Upper bounds of <see cref="Lateness"/>.</summary>
    public static IReadOnlyList<TimeSpan> LatenessBounds => LatenessHistogram.Bounds;

    /// <summary>The upper bound of the bucket that holds the given share (0 to 1) of all steps.</summary>
    public TimeSpan LatenessPercentile(double share) => LatenessHistogram.Percentile(Lateness, share);
}
