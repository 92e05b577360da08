using Sift.Protocols.Rtp;

namespace Sift.Protocols.Tests.Rtp;

public sealed class JitterBufferTests
{
    private static readonly TimeSpan Packet = TimeSpan.FromMilliseconds(20);
    private readonly JitterBuffer _buffer = new();
    private readonly byte[] _out = new byte[JitterBuffer.DefaultPayloadSize];

    [Fact]
    public void Waits_for_its_first_delay_then_plays_in_order()
    {
        Put(10, 0);
        Assert.Equal(JitterTake.Idle, Take(0).Take);
        Put(12, 20);
        Put(11, 25);
        Assert.Equal(JitterTake.Packet, Take(40).Take);
        Assert.Equal((JitterTake.Packet, (byte)11), Take(60));
        Assert.Equal((JitterTake.Packet, (byte)12), Take(80));
    }

    [Fact]
    public void Conceals_a_lost_packet_and_drops_it_when_it_comes_late()
    {
        Put(1, 0);
        Put(3, 40);
        Assert.Equal((JitterTake.Packet, (byte)1), Take(40));
        Assert.Equal(JitterTake.Lost, Take(60).Take);
        Assert.Equal(JitterPut.Late, Put(2, 70));
        Assert.Equal((JitterTake.Packet, (byte)3), Take(80));
        Assert.Equal(1, _buffer.LateDropped);
    }

    [Fact]
    public void Shows_the_packet_behind_a_lost_one_without_taking_it()
    {
        Put(1, 0);
        Put(3, 40);
        Assert.Equal(JitterTake.Packet, Take(60).Take);
        Assert.False(_buffer.TryPeek(out _));

        Assert.Equal(JitterTake.Lost, Take(80).Take);

        Assert.True(_buffer.TryPeek(out var next));
        Assert.Equal(3, next[0]);
        Assert.Equal((JitterTake.Packet, (byte)3), Take(100));
    }

    [Fact]
    public void Refuses_duplicates_and_oversized_payloads()
    {
        Put(1, 0);
        Assert.Equal(JitterPut.Duplicate, Put(1, 1));
        Assert.Equal(JitterPut.TooLarge, _buffer.Put(Header(2, 320), new byte[481], TimeSpan.Zero, Packet, 8000));
    }

    [Fact]
    public void Fetches_memory_for_the_packets_that_wait_and_then_no_more()
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        var quiet = new JitterBuffer(payloadSize: 1275);
        var made = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.InRange(made, 1, 2_000);
        Assert.Equal(TimeSpan.Zero, quiet.Depth);

        // A burst of nine, twice: the second time there is room for it.
        for (var burst = 0; burst < 2; burst++)
        {
            var first = (ushort)(100 * burst);
            before = GC.GetAllocatedBytesForCurrentThread();
            for (ushort i = 0; i < 9; i++)
            {
                Put((ushort)(first + i), 1000 * burst);
            }

            var fetched = GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.Equal(burst == 1, fetched < JitterBuffer.DefaultPayloadSize);
            for (ushort i = 0; i < 9; i++)
            {
                Assert.Equal((JitterTake.Packet, (byte)(first + i)), Take((1000 * burst) + 200 + (20 * i)));
            }
        }
    }

    [Fact]
    public void Starts_again_on_another_source_and_on_a_jump_of_numbers()
    {
        Put(1, 0);
        Put(2, 20);
        Take(40);
        _buffer.Put(new RtpHeader(0, false, 500, 9000, 99, 12, 1), [7], At(60), Packet, 8000);
        Assert.Equal(JitterTake.Idle, Take(60).Take);
        Assert.Equal((JitterTake.Packet, (byte)7), Take(120));
        _buffer.Put(new RtpHeader(0, false, 30000, 90000, 99, 12, 1), [8], At(140), Packet, 8000);
        Assert.Equal((JitterTake.Packet, (byte)8), Take(200));
    }

    [Fact]
    public void A_pause_ends_in_idleness_and_a_talk_spurt_begins_cleanly()
    {
        Put(1, 0);
        Take(40);
        var results = Enumerable.Range(0, 8).Select(i => Take(60 + (i * 20)).Take).ToArray();
        Assert.Equal(5, results.Count(r => r == JitterTake.Lost));
        Assert.Equal(JitterTake.Idle, results[^1]);
        Put(2, 5000);
        Put(3, 5020);
        Assert.Equal((JitterTake.Packet, (byte)2), Take(5060));
        Assert.Equal((JitterTake.Packet, (byte)3), Take(5080));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Whatever_the_network_does_packets_leave_in_order_once_and_within_the_longest_delay(int seed)
    {
        var random = new Random(seed);
        var arrivals = new PriorityQueue<ushort, double>();
        const int Count = 4000;
        var start = (ushort)random.Next(65536);
        for (var i = 0; i < Count; i++)
        {
            if (random.Next(100) < 3)
            {
                continue;
            }

            var delay = 30 + (random.NextDouble() * 60) + (random.Next(200) == 0 ? 100 : 0);
            arrivals.Enqueue((ushort)(start + i), (i * 20) + delay);
            if (random.Next(50) == 0)
            {
                arrivals.Enqueue((ushort)(start + i), (i * 20) + delay + 5);
            }
        }

        var played = new List<int>();
        var silent = 0;
        for (double now = 0; now < Count * 20; now += 20)
        {
            while (arrivals.TryPeek(out var sequence, out var at) && at <= now)
            {
                arrivals.Dequeue();
                var index = (ushort)(sequence - start);
                _buffer.Put(
                    new RtpHeader(0, false, sequence, (uint)(index * 160), 5, 12, 2),
                    [(byte)(index >> 8), (byte)index],
                    TimeSpan.FromMilliseconds(at),
                    Packet,
                    8000);
                Assert.True(_buffer.Depth <= JitterBuffer.MaxDelay + Packet + Packet);
            }

            switch (_buffer.Take(TimeSpan.FromMilliseconds(now), _out, out _))
            {
                case JitterTake.Packet:
                    played.Add((_out[0] << 8) | _out[1]);
                    break;
                default:
                    silent++;
                    break;
            }
        }

        Assert.Equal(played.Order().Distinct(), played);

        // 3 % are lost on the way; the buffer may spoil only few more.
        Assert.True(played.Count > Count * 0.92, $"played {played.Count}");
        Assert.True(silent < Count * 0.10, $"silent {silent}");
    }

    [Fact]
    public void The_delay_grows_under_jitter_and_comes_down_afterwards()
    {
        var random = new Random(9);
        for (var i = 0; i < 500; i++)
        {
            Put((ushort)i, (i * 20) + random.Next(100));
            Take(i * 20);
        }

        var rough = _buffer.Target;
        Assert.True(rough > TimeSpan.FromMilliseconds(70), $"{rough}");
        for (var i = 500; i < 3000; i++)
        {
            Put((ushort)i, i * 20);
            Take(i * 20);
        }

        Assert.True(_buffer.Target < TimeSpan.FromMilliseconds(45), $"{_buffer.Target}");
        Assert.True(_buffer.Depth <= TimeSpan.FromMilliseconds(60), $"{_buffer.Depth}");
        Assert.True(_buffer.Shortened > 0);
    }

    [Fact]
    public void Allocates_nothing_while_it_runs()
    {
        var payload = new byte[160];
        Run(0, 200);
        var next = 200;
        Assert.Equal(0, Sift.TestKit.Allocations.Least(() =>
        {
            Run(next, next + 1000);
            next += 1000;
        }));

        void Run(int from, int to)
        {
            for (var i = from; i < to; i++)
            {
                _buffer.Put(Header((ushort)i, (uint)(i * 160)), payload, At(i * 20), Packet, 8000);
                _buffer.Take(At(i * 20), _out, out _);
            }
        }
    }

    private JitterPut Put(ushort sequence, double at) =>
        _buffer.Put(Header(sequence, sequence * 160u), [(byte)sequence], At(at), Packet, 8000);

    private (JitterTake Take, byte First) Take(double at)
    {
        var result = _buffer.Take(At(at), _out, out _);
        return (result, _out[0]);
    }

    private static RtpHeader Header(ushort sequence, uint timestamp) => new(0, false, sequence, timestamp, 1, 12, 1);

    private static TimeSpan At(double milliseconds) => TimeSpan.FromMilliseconds(milliseconds);
}
