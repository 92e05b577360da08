using System.Globalization;
using Sift.Media.Legs;
using Sift.Web.Observability;
using Sift.Web.Tests.Testing;

namespace Sift.Web.Tests.Observability;

[Collection(SiftServerCollection.Name)]
public sealed class MetricsTests(SiftServer server)
{
    /// <summary>What docs/console.md promises to whoever draws dashboards.</summary>
    public static TheoryData<string> Promised { get; } =
    [
        "sift_calls_live", "sift_calls_per_second", "sift_legs_begun_total", "sift_legs_state", "sift_legs_finished_total", "sift_media_packets_received_total", "sift_media_packets_sent_total",
        "sift_media_packets_lost_total", "sift_legs_jitter_bucket", "sift_legs_loss_bucket", "sift_media_pacing_late_p99", "sift_media_pacing_late_p50", "sift_media_ticks_skipped_total",
        "sift_deliveries_waiting", "sift_deliveries_oldest", "sift_storage_commit_duration_bucket", "sift_storage_group_size_bucket", "dotnet_gc_collections_total", "dotnet_gc_pause_time_total",
    ];

    [Theory]
    [MemberData(nameof(Promised))]
    public async Task Every_figure_that_is_promised_is_there(string name)
    {
        Leg(LegEndCause.RemoteHangUp, answered: true);
        Assert.Contains($"\n{name}", "\n" + await server.Anonymous.GetStringAsync("/metrics"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Legs_are_counted_by_state_while_they_last_and_by_failure_when_they_end()
    {
        var (up, busy) = (await ReadAsync("sift_legs_state{state=\"connected\"}"), await ReadAsync("sift_legs_finished_total{status=\"failed\",failure=\"busy\"}"));
        var leg = new LegId(Ids.New());
        ServerMetrics.Begin(leg, "outgoing", TimeSpan.Zero);
        ServerMetrics.Count(new LegAnswered(leg), TimeSpan.Zero);
        Assert.Equal(up + 1, await ReadAsync("sift_legs_state{state=\"connected\"}"));

        ServerMetrics.Count(new LegEnded(leg, LegEndCause.RemoteHangUp, null, null), TimeSpan.Zero);
        Leg(LegEndCause.Busy, answered: false);

        Assert.Equal(up, await ReadAsync("sift_legs_state{state=\"connected\"}"));
        Assert.Equal(busy + 1, await ReadAsync("sift_legs_finished_total{status=\"failed\",failure=\"busy\"}"));
    }

    [Fact]
    public void The_rate_is_that_of_the_last_ten_whole_seconds()
    {
        var rate = new CallRate();
        for (var second = 0; second < 20; second++)
        {
            for (var call = 0; call < (second < 10 ? 50 : 30); call++)
            {
                rate.Add(TimeSpan.FromSeconds(second + (call / 60.0)));
            }
        }

        Assert.Equal(30, rate.PerSecond(TimeSpan.FromSeconds(20)));
        Assert.Equal(15, rate.PerSecond(TimeSpan.FromSeconds(25)));
        Assert.Equal(0, rate.PerSecond(TimeSpan.FromSeconds(31)));
        Assert.Equal(0, rate.PerSecond(TimeSpan.FromHours(1)));
    }

    private static void Leg(LegEndCause cause, bool answered)
    {
        var leg = new LegId(Ids.New());
        ServerMetrics.Count(new LegIncoming(leg, "a", "b", "sandbox"), TimeSpan.Zero);
        if (answered)
        {
            ServerMetrics.Count(new LegAnswered(leg), TimeSpan.Zero);
        }

        ServerMetrics.Count(new LegEnded(leg, cause, null, null) { Quality = new LegQuality(100, 100, 2, TimeSpan.FromMilliseconds(3), null, 4, "PCMU") }, TimeSpan.Zero);
    }

    private async Task<double> ReadAsync(string series)
        => (await server.Anonymous.GetStringAsync("/metrics")).Split('\n').Where(line => line.StartsWith(series + " ", StringComparison.Ordinal))
            .Select(line => double.Parse(line.AsSpan(series.Length + 1), CultureInfo.InvariantCulture)).FirstOrDefault();
}
