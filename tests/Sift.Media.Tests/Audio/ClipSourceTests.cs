using Sift.Media.Audio;

namespace Sift.Media.Tests.Audio;

public sealed class ClipSourceTests
{
    private readonly short[] _frame = new short[160];

    [Fact]
    public void Starves_until_a_whole_frame_is_there()
    {
        var clip = new PcmClip(8000);
        using var source = new ClipSource(8000, 1, tolerant: true);

        Assert.Equal(AudioRead.Starved, source.Read(_frame));
        source.Set(0, clip);
        clip.Append(new short[159]);
        Assert.Equal(AudioRead.Starved, source.Read(_frame));
        clip.Append(new short[1]);
        Assert.Equal(AudioRead.Frame, source.Read(_frame));
    }

    [Fact]
    public void Joins_clips_without_a_gap_and_pads_the_end()
    {
        using var source = new ClipSource(8000, 2, tolerant: true);
        source.Set(0, Clip([.. Enumerable.Repeat((short)1, 200)]));
        source.Set(1, Clip([.. Enumerable.Repeat((short)2, 200)]));

        source.Read(_frame);
        Assert.Equal(AudioRead.Frame, source.Read(_frame));
        Assert.Equal(1, _frame[39]);
        Assert.Equal(2, _frame[40]);
        Assert.Equal(AudioRead.Frame, source.Read(_frame));
        Assert.Equal(2, _frame[79]);
        Assert.Equal(0, _frame[80]);
        Assert.Equal(AudioRead.End, source.Read(_frame));
    }

    [Fact]
    public void A_failed_sentence_is_passed_over_but_a_failed_file_is_not()
    {
        foreach (var tolerant in (bool[])[true, false])
        {
            using var source = new ClipSource(8000, 2, tolerant);
            var failed = new PcmClip(8000);
            failed.Fail("gone");
            source.Set(0, failed);
            source.Set(1, Clip(new short[160]));

            Assert.Equal(AudioRead.Frame, source.Read(_frame));
            Assert.Equal(tolerant ? AudioRead.End : AudioRead.Failed, source.Read(_frame));
            Assert.Equal("gone", source.Error);
        }
    }

    [Fact]
    public void A_reader_on_another_thread_sees_every_sample_once_and_in_order()
    {
        const int total = 400_000;
        var clip = new PcmClip(8000);
        using var source = new ClipSource(8000, 1, tolerant: true);
        source.Set(0, clip);
        var writer = new Thread(() =>
        {
            for (var i = 0; i < total; i += 100)
            {
                clip.Append([.. Enumerable.Range(i, 100).Select(n => (short)n)]);
            }

            clip.Complete();
        });
        writer.Start();

        var next = 0;
        AudioRead read;
        while ((read = source.Read(_frame)) is AudioRead.Frame or AudioRead.Starved)
        {
            for (var i = 0; read == AudioRead.Frame && i < _frame.Length && next < total; i++)
            {
                Assert.Equal((short)next++, _frame[i]);
            }
        }

        writer.Join();
        Assert.Equal(total, next);
    }

    [Fact]
    public void Reading_allocates_nothing()
    {
        using var source = new ClipSource(8000, 1, tolerant: true);
        source.Set(0, Clip(new short[160 * 1100]));
        source.Read(_frame);

        Assert.Equal(0, Sift.TestKit.Allocations.Least(() =>
        {
            for (var i = 0; i < 200; i++)
            {
                source.Read(_frame);
            }
        }));
    }

    [Fact]
    public void The_least_recently_used_clip_makes_room_and_a_filling_one_is_shared()
    {
        var cache = new PcmLru(maxBytes: 1000);
        var filling = cache.GetOrAdd("a", 8000, out var created);
        Assert.True(created);
        Assert.Same(filling, cache.GetOrAdd("a", 8000, out created));
        Assert.False(created);
        foreach (var key in (string[])["b", "c", "d"])
        {
            var clip = cache.GetOrAdd(key, 8000, out _);
            clip.Append(new short[200]);
            clip.Complete();
            cache.Settle(key, clip);
            Assert.NotNull(cache.Find("b"));
        }

        Assert.Null(cache.Find("c"));
        Assert.NotNull(cache.Find("d"));
        Assert.Same(filling, cache.Find("a"));
    }

    private static PcmClip Clip(short[] samples)
    {
        var clip = new PcmClip(8000);
        clip.Append(samples);
        clip.Complete();
        return clip;
    }
}
