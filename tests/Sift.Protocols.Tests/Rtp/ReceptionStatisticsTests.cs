using Sift.Protocols.Rtp;

namespace Sift.Protocols.Tests.Rtp;

public sealed class ReceptionStatisticsTests
{
    private readonly ReceptionStatistics _statistics = new();

    [Fact]
    public void Counts_loss_across_a_sequence_wrap()
    {
        for (var i = 0; i < 100; i++)
        {
            if (i % 10 != 5)
            {
                Assert.True(Packet((ushort)(65500 + i), (uint)(i * 160), i * 20));
            }
        }

        Assert.Equal(90, _statistics.Received);
        Assert.Equal(10, _statistics.Lost);
        Assert.Equal(65599u, _statistics.ExtendedHighestSequence);
        var report = _statistics.TakeReport(0, 0);
        Assert.Equal(10 * 256 / 100, report.FractionLost);
        Assert.Equal(0, _statistics.TakeReport(0, 0).FractionLost);
    }

    [Fact]
    public void Reordered_packets_are_not_lost()
    {
        foreach (var sequence in new ushort[] { 1, 3, 2, 4, 6, 5 })
        {
            Packet(sequence, sequence * 160u, sequence * 20);
        }

        Assert.Equal(0, _statistics.Lost);
    }

    [Fact]
    public void Jitter_follows_the_formula_of_the_appendix()
    {
        Packet(1, 0, 0);
        Packet(2, 160, 30);
        Assert.Equal(80 / 16.0 / 8000, _statistics.Jitter(8000).TotalSeconds, 6);
        Packet(3, 320, 40);
        Assert.Equal((5 + ((80 - 5) / 16.0)) / 8000, _statistics.Jitter(8000).TotalSeconds, 6);
    }

    [Fact]
    public void A_timestamp_wrap_is_no_jitter()
    {
        Packet(1, uint.MaxValue - 79, 0);
        Packet(2, 80, 20);
        Assert.Equal(0u, _statistics.JitterUnits);
    }

    [Fact]
    public void A_wild_number_waits_for_its_successor_and_a_new_source_does_not_count_as_loss()
    {
        Packet(100, 0, 0);
        Assert.False(Packet(30000, 160, 20));
        Assert.True(Packet(101, 320, 40));
        Assert.False(Packet(40000, 480, 60));
        Assert.True(Packet(40001, 640, 80));
        Assert.True(_statistics.OnPacket(new RtpHeader(0, false, 9, 0, 2, 12, 160), TimeSpan.FromMilliseconds(100), 8000));
        Assert.Equal(0, _statistics.Lost);
        Assert.Equal(4, _statistics.Received);
    }

    private bool Packet(ushort sequence, uint timestamp, int milliseconds) =>
        _statistics.OnPacket(new RtpHeader(0, false, sequence, timestamp, 1, 12, 160), TimeSpan.FromMilliseconds(milliseconds), 8000);
}
