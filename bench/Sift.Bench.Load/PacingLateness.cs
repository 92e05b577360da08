using System.Globalization;
using System.Text.RegularExpressions;

namespace Sift.Bench.Load;

/// <summary>How late the steps of the pacing threads began, from the histogram <c>sift_media_steps</c> of the server's metrics.</summary>
internal sealed partial class PacingLateness
{
    private readonly SortedDictionary<double, long> _steps;

    private PacingLateness(SortedDictionary<double, long> steps) => _steps = steps;

    public static PacingLateness Read(string metrics)
    {
        var steps = new SortedDictionary<double, long>();
        foreach (Match line in Line().Matches(metrics))
        {
            var bound = double.TryParse(line.Groups["late"].Value, NumberStyles.Float, CultureInfo.InvariantCulture, out var known) ? known : double.PositiveInfinity;
            steps[bound] = (long)double.Parse(line.Groups["count"].Value, CultureInfo.InvariantCulture);
        }

        return new(steps);
    }

    /// <summary>The bound in milliseconds that 99 % of the steps since then kept to; NaN when there were none.</summary>
    public double P99Since(PacingLateness before)
    {
        var since = _steps.ToDictionary(static pair => pair.Key, pair => pair.Value - before._steps.GetValueOrDefault(pair.Key));
        var wanted = since.Values.Sum() * 0.99;
        long seen = 0;
        foreach (var (bound, count) in since.OrderBy(static pair => pair.Key))
        {
            seen += count;
            if (seen > 0 && seen >= wanted)
            {
                return bound;
            }
        }

        return double.NaN;
    }

    [GeneratedRegex(@"^sift_media_steps(?:_total)?\{[^}\n]*\blate=""(?<late>[^""]+)""[^}\n]*\}\s+(?<count>\S+)", RegexOptions.Multiline)]
    private static partial Regex Line();
}
