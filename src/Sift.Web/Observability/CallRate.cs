namespace Sift.Web.Observability;

/// <summary>How many calls begin per second, over the last ten whole seconds.</summary>
internal sealed class CallRate
{
    public const int Seconds = 10;

    private readonly Lock gate = new();
    private readonly long[] counts = new long[Seconds + 1];
    private long current;

    public void Add(TimeSpan now)
    {
        lock (gate)
        {
            MoveTo((long)now.TotalSeconds);
            counts[current % counts.Length]++;
        }
    }

    public double PerSecond(TimeSpan now)
    {
        lock (gate)
        {
            // The second that is not over yet would make every figure too small.
            MoveTo((long)now.TotalSeconds);
            return (counts.Sum() - counts[current % counts.Length]) / (double)Seconds;
        }
    }

    private void MoveTo(long second)
    {
        for (var passed = Math.Max(current + 1, second - counts.Length + 1); passed <= second; passed++)
        {
            counts[passed % counts.Length] = 0;
        }

        current = Math.Max(current, second);
    }
}
