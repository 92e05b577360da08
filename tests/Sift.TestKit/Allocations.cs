namespace Sift.TestKit;

/// <summary>Counts what a piece of code allocates.</summary>
public static class Allocations
{
    private const int Attempts = 5;

    /// <summary>
    /// The least that a few attempts allocated on this thread, in bytes. A collection that another thread causes closes this thread's allocation buffer
    /// and charges its unused rest to whatever runs just then, so a single measurement may show what never was; code that does allocate shows it every time.
    /// </summary>
    public static long Least(Action work)
    {
        var least = long.MaxValue;
        for (var attempt = 0; attempt < Attempts && least != 0; attempt++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            work();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return least;
    }
}
