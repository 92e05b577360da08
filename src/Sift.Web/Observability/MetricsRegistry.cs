using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;

namespace Sift.Web.Observability;

/// <summary>
/// Collects the instruments of Sift's meters and of the .NET runtime and server, and writes them in Prometheus' text format 0.0.4. No more
/// than that: whoever wants exporters and traces adds OpenTelemetry, which reads the same instruments.
/// </summary>
internal sealed class MetricsRegistry : IDisposable
{
    private const int MostSeriesPerInstrument = 500;

    private static readonly string[] Meters = ["System.Runtime", "Microsoft.AspNetCore.Server.Kestrel"];

    private readonly MeterListener listener = new();
    private readonly ConcurrentDictionary<Instrument, InstrumentSeries> instruments = new();

    public MetricsRegistry()
    {
        listener.InstrumentPublished = (instrument, owner) =>
        {
            if (instrument.Meter.Name.StartsWith("Sift", StringComparison.Ordinal) || Meters.Contains(instrument.Meter.Name, StringComparer.Ordinal))
            {
                var series = new InstrumentSeries(instrument);
                instruments[instrument] = series;
                owner.EnableMeasurementEvents(instrument, series);
            }
        };
        listener.MeasurementsCompleted = (instrument, _) => instruments.TryRemove(instrument, out InstrumentSeries? _);
        listener.SetMeasurementEventCallback<byte>((_, value, tags, state) => Record(value, tags, state));
        listener.SetMeasurementEventCallback<short>((_, value, tags, state) => Record(value, tags, state));
        listener.SetMeasurementEventCallback<int>((_, value, tags, state) => Record(value, tags, state));
        listener.SetMeasurementEventCallback<long>((_, value, tags, state) => Record(value, tags, state));
        listener.SetMeasurementEventCallback<float>((_, value, tags, state) => Record(value, tags, state));
        listener.SetMeasurementEventCallback<double>((_, value, tags, state) => Record(value, tags, state));
        listener.SetMeasurementEventCallback<decimal>((_, value, tags, state) => Record((double)value, tags, state));
        listener.Start();
    }

    /// <summary>Everything as it stands, observable instruments asked now.</summary>
    public string Write()
    {
        listener.RecordObservableInstruments();
        var text = new StringBuilder();
        foreach (var series in instruments.Values.OrderBy(series => series.Name, StringComparer.Ordinal))
        {
            series.WriteTo(text);
        }

        return text.ToString();
    }

    public void Dispose() => listener.Dispose();

    private static void Record(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags, object? state) => ((InstrumentSeries)state!).Record(value, tags);

    private sealed class InstrumentSeries
    {
        private static readonly double[] SmallBounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
        private static readonly double[] LargeBounds = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000];

        private readonly Lock gate = new();
        private readonly Dictionary<string, Cell> cells = new(StringComparer.Ordinal);

        // The same cells by what most measurements have: one or two tags, whose text is then not put together each time.
        private readonly Dictionary<ShortTags, Cell> cellsByTags = [];
        private readonly Instrument instrument;
        private readonly Kind kind;
        private readonly double[] bounds;

        public InstrumentSeries(Instrument instrument)
        {
            this.instrument = instrument;
            var type = instrument.GetType().GetGenericTypeDefinition();
            kind = type == typeof(Counter<>) ? Kind.Sum
                : type == typeof(ObservableCounter<>) ? Kind.Total
                : type == typeof(UpDownCounter<>) ? Kind.UpDown
                : type == typeof(Histogram<>) ? Kind.Histogram
                : Kind.Last;
            bounds = instrument.Unit == "s" ? SmallBounds : LargeBounds;
            Name = NameOf(instrument.Name) + (kind is Kind.Sum or Kind.Total ? "_total" : "");
        }

        private enum Kind { Sum, Total, UpDown, Last, Histogram }

        public string Name { get; }

        public void Record(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            lock (gate)
            {
                if (CellOf(tags) is not { } cell)
                {
                    return;
                }

                if (cell.Buckets is { } buckets)
                {
                    cell.Value += value;
                    var index = Array.BinarySearch(bounds, value);
                    buckets[index < 0 ? ~index : index]++;
                }
                else
                {
                    cell.Value = kind is Kind.Sum or Kind.UpDown ? cell.Value + value : value;
                }
            }
        }

        /// <summary>Null when there are too many series already.</summary>
        private Cell? CellOf(ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            var isShort = tags.Length <= 2;
            var known = isShort ? new ShortTags(tags) : default;
            if (isShort && cellsByTags.TryGetValue(known, out var cell))
            {
                return cell;
            }

            var labels = Labels(tags);
            if (!cells.TryGetValue(labels, out cell))
            {
                if (cells.Count >= MostSeriesPerInstrument)
                {
                    return null;
                }

                cells.Add(labels, cell = new Cell(kind == Kind.Histogram ? new long[bounds.Length + 1] : null));
            }

            if (isShort && cellsByTags.Count < MostSeriesPerInstrument)
            {
                cellsByTags.Add(known, cell);
            }

            return cell;
        }

        public void WriteTo(StringBuilder text)
        {
            lock (gate)
            {
                if (cells.Count == 0)
                {
                    return;
                }

                if (instrument.Description is { Length: > 0 } description)
                {
                    text.Append($"# HELP {Name} {description.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal)}\n");
                }

                text.Append($"# TYPE {Name} {(kind is Kind.Sum or Kind.Total ? "counter" : kind == Kind.Histogram ? "histogram" : "gauge")}\n");
                foreach (var (labels, cell) in cells)
                {
                    if (cell.Buckets is { } buckets)
                    {
                        WriteHistogram(text, labels, cell.Value, buckets);
                    }
                    else
                    {
                        text.Append(CultureInfo.InvariantCulture, $"{Name}{(labels.Length > 0 ? $"{{{labels}}}" : "")} {cell.Value:R}\n");
                    }
                }
            }
        }

        private void WriteHistogram(StringBuilder text, string labels, double sum, long[] buckets)
        {
            var count = 0L;
            for (var i = 0; i < buckets.Length; i++)
            {
                count += buckets[i];
                var bound = i < bounds.Length ? bounds[i].ToString("R", CultureInfo.InvariantCulture) : "+Inf";
                text.Append(CultureInfo.InvariantCulture, $"{Name}_bucket{{{(labels.Length > 0 ? labels + "," : "")}le=\"{bound}\"}} {count}\n");
            }

            var suffix = labels.Length > 0 ? $"{{{labels}}}" : "";
            text.Append(CultureInfo.InvariantCulture, $"{Name}_sum{suffix} {sum:R}\n{Name}_count{suffix} {count}\n");
        }

        private static string Labels(ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            if (tags.IsEmpty)
            {
                return "";
            }

            var labels = new StringBuilder();
            foreach (var (name, value) in tags)
            {
                var escaped = Convert.ToString(value, CultureInfo.InvariantCulture)?
                    .Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
                labels.Append($"{(labels.Length > 0 ? "," : "")}{NameOf(name)}=\"{escaped}\"");
            }

            return labels.ToString();
        }

        private static string NameOf(string name) => string.Concat(name.Select(c => char.IsAsciiLetterOrDigit(c) ? c : '_'));

        private readonly record struct ShortTags(string? FirstName, object? First, string? SecondName, object? Second)
        {
            public ShortTags(ReadOnlySpan<KeyValuePair<string, object?>> tags)
                : this(tags.Length > 0 ? tags[0].Key : null, tags.Length > 0 ? tags[0].Value : null, tags.Length > 1 ? tags[1].Key : null, tags.Length > 1 ? tags[1].Value : null)
            {
            }
        }

        private sealed class Cell(long[]? buckets)
        {
            public double Value { get; set; }

            public long[]? Buckets { get; } = buckets;
        }
    }
}

internal static class MetricsEndpoint
{
    public static void MapSiftMetrics(this IEndpointRouteBuilder routes)
        => routes.MapGet("/metrics", (MetricsRegistry registry) => Results.Text(registry.Write(), "text/plain; version=0.0.4; charset=utf-8"))
            .AllowAnonymous()
            .ExcludeFromDescription();
}
