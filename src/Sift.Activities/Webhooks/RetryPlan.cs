namespace Sift.Activities.Webhooks;

/// <summary>When a delivery that failed is tried again.</summary>
internal static class RetryPlan
{
    /// <summary>Waits before each attempt at an event; eight attempts over about 28 hours.</summary>
    private static readonly TimeSpan[] EventWaits =
    [
        TimeSpan.Zero, TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(30), TimeSpan.FromHours(2), TimeSpan.FromHours(5), TimeSpan.FromHours(10), TimeSpan.FromHours(10),
    ];

    /// <summary>The longest wait within a call: a receiver that comes back should be noticed soon.</summary>
    private static readonly TimeSpan LongestInCallWait = TimeSpan.FromSeconds(15);

    /// <summary>How long an event may be put off because its host is left alone; from then on that counts as an attempt.</summary>
    public static TimeSpan Span { get; } = TimeSpan.FromTicks(EventWaits.Sum(static wait => wait.Ticks));

    /// <summary>The wait after that many attempts at an event; null when there are none left.</summary>
    public static TimeSpan? AfterEventAttempts(int attempts) => attempts < EventWaits.Length ? EventWaits[attempts] : null;

    /// <summary>When the next in-call attempt is due, as time since the first: 1, 3, 7, 15 s, then every 15 s.</summary>
    public static TimeSpan InCallOffset(int attempts)
    {
        var offset = TimeSpan.Zero;
        var wait = TimeSpan.FromSeconds(1);
        for (var i = 0; i < attempts; i++)
        {
            offset += wait;
            wait = wait * 2 < LongestInCallWait ? wait * 2 : LongestInCallWait;
        }

        return offset;
    }
}
