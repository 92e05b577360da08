using Sift.Media.WebRtc.Transport;

namespace Sift.Media.Tests.WebRtc.Transport;

public sealed class DatagramRingTests
{
    private readonly DatagramRing _ring = new();
    private readonly byte[] _room = new byte[1536];

    [Fact]
    public void Datagrams_come_out_as_they_went_in_however_often_it_wraps()
    {
        var random = new Random(5);
        var waiting = new Queue<(byte[] Data, long Stamp)>();
        for (var i = 0; i < 20_000; i++)
        {
            var datagram = new byte[random.Next(0, 1400)];
            random.NextBytes(datagram);
            if (random.Next(2) == 0 && _ring.TryAdd(datagram, i))
            {
                waiting.Enqueue((datagram, i));
            }
            else if (waiting.TryDequeue(out var expected))
            {
                Assert.True(_ring.TryTake(_room, out var length, out var stamp));
                Assert.Equal(expected.Stamp, stamp);
                Assert.True(expected.Data.AsSpan().SequenceEqual(_room.AsSpan(0, length)));
            }
        }

        Assert.Equal(waiting.Count == 0, _ring.IsEmpty);
    }

    [Fact]
    public void A_full_ring_refuses_and_takes_again_when_there_is_room()
    {
        var added = 0;
        while (_ring.TryAdd(new byte[172], added))
        {
            added++;
        }

        // Well over a second of audio would be stale; less than a tenth would lose bursts.
        Assert.InRange(added, 50, 100);
        Assert.True(_ring.TryTake(_room, out _, out _));
        Assert.True(_ring.TryAdd(new byte[172], 1));
        _ring.Clear();
        Assert.False(_ring.TryTake(_room, out _, out _));
    }

    [Fact]
    public async Task One_writer_and_one_reader_need_no_lock()
    {
        const int count = 200_000;
        var writer = Task.Run(() =>
        {
            var datagram = new byte[64];
            for (var i = 0; i < count;)
            {
                BitConverter.TryWriteBytes(datagram, i);
                if (_ring.TryAdd(datagram.AsSpan(0, 4 + (i % 60)), i))
                {
                    i++;
                }
            }
        });
        for (var i = 0; i < count;)
        {
            if (_ring.TryTake(_room, out var length, out var stamp))
            {
                Assert.Equal((i, (long)i, 4 + (i % 60)), (BitConverter.ToInt32(_room), stamp, length));
                i++;
            }
        }

        await writer;
    }
}
