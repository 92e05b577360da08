using System.Globalization;
using Sift.Web.Observability;

namespace Sift.Web.ConsolePages;

/// <summary>One time axis for everything that happened on a connection: from its first moment to its last, or to the last thing known.</summary>
internal sealed class TimeAxis
{
    public const double Left = 96;
    public const double Right = 988;

    private static readonly double[] Steps = [0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600, 7200];

    private readonly DateTimeOffset start;
    private readonly double seconds;

    public TimeAxis(Timeline timeline)
    {
        var times = new List<string> { timeline.CreatedAt };
        times.AddRange(timeline.Sip.Select(message => message.At));
        times.AddRange(timeline.Steps.Select(step => step.EndedAt ?? step.At));
        times.AddRange(timeline.Events.Select(happened => happened.At));
        times.AddRange(timeline.Quality.Select(sample => sample.At));
        times.AddRange(timeline.Recordings.Select(recording => recording.At));
        start = Parse(times.Min(StringComparer.Ordinal)!);

        // Callbacks may be tried again for a day; the axis ends with the call and shows what of them falls into it.
        seconds = Math.Max(0.5, (Parse(times.Max(StringComparer.Ordinal)!) - start).TotalSeconds * 1.02);
    }

    /// <summary>Where the axis begins.</summary>
    public string Start => Moment.Of(start);

    /// <summary>How long the axis is.</summary>
    public double Seconds => seconds;

    /// <summary>Where a time is drawn.</summary>
    public double At(string time) => Left + (Math.Clamp((Parse(time) - start).TotalSeconds / seconds, 0, 1) * (Right - Left));

    /// <summary>Where something that lasted ends; at least wide enough to be seen.</summary>
    public double Width(string from, double lasted) => Math.Max(3, Math.Min(Right, At(from) + (lasted / seconds * (Right - Left))) - At(from));

    public double Width(string from, string? to) => Math.Max(3, (to is null ? Right : At(to)) - At(from));

    public bool Holds(string time) => (Parse(time) - start).TotalSeconds is var offset && offset >= -0.001 && offset <= seconds;

    /// <summary>Marks at round times, eight at most.</summary>
    public IEnumerable<(double X, string Text)> Ticks()
    {
        var step = Steps.FirstOrDefault(candidate => seconds / candidate <= 8, Steps[^1]);
        for (var i = 0; i * step <= seconds; i++)
        {
            yield return (Left + (i * step / seconds * (Right - Left)), step < 1 ? $"{(i * step).ToString("0.##", CultureInfo.InvariantCulture)} s" : Written(i * step));
        }
    }

    public static string N(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);

    private static string Written(double time) => time < 60 ? $"{time:0} s" : TimeSpan.FromSeconds(time).ToString(time < 3600 ? @"m\:ss" : @"h\:mm\:ss", CultureInfo.InvariantCulture);

    private static DateTimeOffset Parse(string time) => DateTimeOffset.Parse(time, CultureInfo.InvariantCulture);
}
