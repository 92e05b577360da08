using Sift.Protocols.Rtp;

namespace Sift.Protocols.Tests.Rtp;

public sealed class RtcpTests
{
    [Fact]
    public void A_compound_comes_back_as_written()
    {
        var block = new ReportBlock(7, 64, -3, 0x0001_0005, 40, 0x1234_5678, 65536);
        var report = new SenderReport(1, 0x83AA_7E80_8000_0000, 160, 10, 1600);
        var buffer = new byte[256];
        var writer = new RtcpWriter(buffer);
        writer.SenderReport(report, block);
        writer.SourceDescription(1, "abc"u8);
        writer.Bye(1);
        var reader = new RtcpReader(buffer.AsSpan(0, writer.Length));
        Assert.True(reader.Read());
        Assert.True(SenderReport.TryParse(reader.Body, out var readReport));
        Assert.Equal(report, readReport);
        Assert.True(reader.TryReadBlock(0, out var readBlock));
        Assert.Equal(block, readBlock);
        Assert.False(reader.TryReadBlock(1, out _));
        Assert.True(reader.Read());
        Assert.Equal("abc"u8.ToArray(), reader.CanonicalName().ToArray());
        Assert.True(reader.Read());
        Assert.True(reader.TryReadByeSource(0, out var left));
        Assert.Equal(1u, left);
        Assert.False(reader.Read());
        Assert.Equal(52 + 16 + 8, writer.Length);
    }

    [Fact]
    public void Broken_compounds_end_the_walk_without_a_throw()
    {
        var random = new Random(3);
        var bytes = new byte[80];
        for (var round = 0; round < 50_000; round++)
        {
            random.NextBytes(bytes);
            bytes[0] = (byte)(0x80 | (bytes[0] & 0x3F));
            bytes[1] = (byte)(200 + (round % 4));
            bytes[2] = 0;
            bytes[3] = (byte)(bytes[3] % 24);
            var reader = new RtcpReader(bytes.AsSpan(0, round % 81));
            var packets = 0;
            while (reader.Read())
            {
                packets++;
                SenderReport.TryParse(reader.Body, out _);
                for (var i = 0; i < reader.Count; i++)
                {
                    reader.TryReadBlock(i, out _);
                    reader.TryReadByeSource(i, out _);
                }

                Assert.InRange(reader.CanonicalName().Length, 0, 76);
            }

            Assert.InRange(packets, 0, 20);
        }
    }

    [Fact]
    public void The_round_trip_is_arrival_minus_report_minus_hold_time()
    {
        // RFC 3550 figure 2: A = 0xb710:8000, LSR = 0xb705:2000, DLSR = 0x0005:4000 give 6.125 s.
        var block = new ReportBlock(1, 0, 0, 0, 0, 0xB705_2000, 0x0005_4000);
        Assert.Equal(TimeSpan.FromSeconds(6.125), block.RoundTrip(0x0000_B710_8000_0000));
        Assert.Null((block with { LastSenderReport = 0 }).RoundTrip(0x0000_B710_8000_0000));
        Assert.Null((block with { DelaySinceLastSenderReport = 0x0F00_0000 }).RoundTrip(0x0000_B710_8000_0000));
    }

    [Fact]
    public void Ntp_time_counts_from_1900()
    {
        Assert.Equal(0x83AA_7E80_8000_0000ul, NtpTime.From(DateTimeOffset.UnixEpoch.AddSeconds(0.5)));
    }

    [Fact]
    public void Reports_are_spread_over_half_to_one_and_a_half_intervals()
    {
        var schedule = new RtcpSchedule(new SeededEntropy(5));
        schedule.Start(TimeSpan.Zero);
        Assert.InRange(schedule.Deadline!.Value.TotalSeconds, 1.25, 3.75);
        var seen = new HashSet<double>();
        for (var i = 0; i < 100; i++)
        {
            var now = schedule.Deadline!.Value;
            Assert.False(schedule.IsDue(now - TimeSpan.FromTicks(1)));
            Assert.True(schedule.IsDue(now));
            var gap = (schedule.Deadline!.Value - now).TotalSeconds;
            Assert.InRange(gap, 2.5, 7.5);
            seen.Add(gap);
        }

        Assert.True(seen.Count > 90);
    }

    [Theory]
    [InlineData(0, 0, 0, 4.3, 4.5)]
    [InlineData(0.02, 5, 80, 3.9, 4.35)]
    [InlineData(0.2, 30, 400, 1.0, 2.6)]
    public void The_opinion_score_falls_with_loss_and_delay(double loss, int jitter, int roundTrip, double atLeast, double atMost)
    {
        Assert.InRange(OpinionScore.Estimate(loss, TimeSpan.FromMilliseconds(jitter), TimeSpan.FromMilliseconds(roundTrip)), atLeast, atMost);
    }
}

internal sealed class SeededEntropy(int seed) : IEntropy
{
    private readonly Random _random = new(seed);

    public void Fill(Span<byte> bytes) => _random.NextBytes(bytes);
}
