namespace Sift.Bench.Deliveries;

/// <summary>Waits in milliseconds as a person reads them.</summary>
internal static class Figures
{
    public static string Describe(IEnumerable<double> waits)
    {
        var sorted = waits.Order().ToArray();
        return $"{sorted.Length} deliveries, p50 {Part(sorted, 0.50):F1} ms, p99 {Part(sorted, 0.99):F1} ms, longest {sorted[^1]:F1} ms";
    }

    public static double Percentile(IEnumerable<double> waits, double part) => Part([.. waits.Order()], part);

    public static double Median(IEnumerable<double> values) => Percentile(values, 0.5);

    private static double Part(double[] sorted, double part) => sorted[Math.Min(sorted.Length - 1, (int)(sorted.Length * part))];
}
