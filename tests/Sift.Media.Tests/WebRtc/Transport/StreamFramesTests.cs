using System.Buffers.Binary;
using Sift.Media.WebRtc.Transport;

namespace Sift.Media.Tests.WebRtc.Transport;

public sealed class StreamFramesTests
{
    private const int Longest = 200;

    [Fact]
    public void Datagrams_come_out_whole_however_the_stream_is_cut()
    {
        var random = new Random(11);
        var sent = new List<byte[]>();
        var stream = new List<byte>();
        for (var i = 0; i < 500; i++)
        {
            var datagram = new byte[random.Next(0, Longest + 1)];
            random.NextBytes(datagram);
            sent.Add(datagram);
            stream.Add((byte)(datagram.Length >> 8));
            stream.Add((byte)datagram.Length);
            stream.AddRange(datagram);
        }

        var frames = new StreamFrames(Longest);
        var got = new List<byte[]>();
        for (var at = 0; at < stream.Count;)
        {
            var room = frames.Room;
            Assert.False(room.IsEmpty);
            var count = Math.Min(Math.Min(random.Next(1, 600), room.Length), stream.Count - at);
            stream.GetRange(at, count).ToArray().CopyTo(room);
            frames.Added(count);
            at += count;
            while (frames.TryNext(out var datagram, out var tooLong))
            {
                Assert.False(tooLong);
                got.Add(datagram.ToArray());
            }
        }

        Assert.Equal(sent, got);
    }

    [Fact]
    public void A_length_that_nobody_sends_spoils_the_stream()
    {
        var frames = new StreamFrames(Longest);
        BinaryPrimitives.WriteUInt16BigEndian(frames.Room.Span, Longest + 1);
        frames.Added(2);

        Assert.False(frames.TryNext(out _, out var tooLong));

        Assert.True(tooLong);
    }
}
