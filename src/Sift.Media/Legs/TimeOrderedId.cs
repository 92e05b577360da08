using System.Security.Cryptography;

namespace Sift.Media.Legs;

/// <summary>
/// Ids of 16 lower-case hex digits (sift-api 1.3) that grow with time, so that the rows of calls that are up at the same moment lie side by side in the
/// database: 40 bits of milliseconds, 12 bits of this process, 12 bits counted up. They name things and guard nothing.
/// </summary>
public static class TimeOrderedId
{
    private static readonly DateTimeOffset Epoch = new(2024, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly int Process = RandomNumberGenerator.GetInt32(1 << 12);
    private static int _count = RandomNumberGenerator.GetInt32(1 << 12);

    /// <summary>A new id; never the same twice in a process that makes fewer than 4,096 in a millisecond.</summary>
    public static string New(DateTimeOffset now)
    {
        var milliseconds = (ulong)(now - Epoch).TotalMilliseconds & 0xFF_FFFF_FFFF;
        var count = (uint)Interlocked.Increment(ref _count) & 0xFFF;
        return ((milliseconds << 24) | ((ulong)Process << 12) | count).ToString("x16");
    }
}
