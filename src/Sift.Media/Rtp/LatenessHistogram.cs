namespace Sift.Media.Rtp;

/// <summary>Counts how late ticks began. Written by one thread, read by any: a torn total is harmless in a metric.</summary>
internal sealed class LatenessHistogram
{
    private static readonly TimeSpan[] UpperBounds =
    [
        TimeSpan.FromMilliseconds(0.1), TimeSpan.FromMilliseconds(0.25), TimeSpan.FromMilliseconds(0.5), TimeSpan.FromMilliseconds(1),
        TimeSpan.FromMilliseconds(2), TimeSpan.FromMilliseconds(5), TimeSpan.FromMilliseconds(10), TimeSpan.FromMilliseconds(20),
        TimeSpan.FromMilliseconds(50), TimeSpan.FromMilliseconds(100), TimeSpan.FromMilliseconds(500),
    ];

    private readonly long[] _counts = new long[BucketCount];

    public static IReadOnlyList<TimeSpan> Bounds => UpperBounds;

    public static int BucketCount => UpperBounds.Length + 1;

    public void Add(TimeSpan lateness)
    {
        var bucket = 0;
        while (bucket < UpperBounds.Length && lateness > UpperBounds[bucket])
        {
            bucket++;
        }

        Volatile.Write(ref _counts[bucket], _counts[bucket] + 1);
    }

    public void AddTo(long[] totals)
    {
        for (var i = 0; i < totals.Length; i++)
        {
            totals[i] += Volatile.Read(ref _counts[i]);
        }
    }

    public static TimeSpan Percentile(long[] counts, double share)
    {
        var wanted = (long)Math.Ceiling(counts.Sum() * share);
        long seen = 0;
        for (var i = 0; i < UpperBounds.Length; i++)
        {
            seen += counts[i];
            if (seen >= wanted)
            {
                return UpperBounds[i];
            }
        }

        return TimeSpan.MaxValue;
    }
}
