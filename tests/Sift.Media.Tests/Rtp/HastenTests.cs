using Sift.Media.Legs;
using Sift.Media.Rtp;

namespace Sift.Media.Tests.Rtp;

public sealed class HastenTests : IDisposable
{
    private static readonly TimeSpan BetweenSteps = TimeSpan.FromMilliseconds(7);

    private readonly MediaBench _bench = new();
    private readonly ToneOpener _opener = new();

    public void Dispose() => _bench.Dispose();

    [Fact]
    public void A_playback_is_heard_before_the_next_step()
    {
        var (session, phone, _, before) = Quiet();

        session.Play(Tone("500"));
        Between(phone);

        Assert.Equal(before + 1, phone.Heard.Count);
        Assert.True(Spectrum.Share(phone.HeardPcm().AsSpan()[^160..], 500) > 0.9);
    }

    [Fact]
    public void The_frame_that_came_early_is_left_out_in_the_silence_after_the_playback_and_the_stream_has_no_break()
    {
        var (session, phone, events, before) = Quiet();

        session.Play(Tone("500"));
        Between(phone);
        _bench.Run(20);

        Assert.Contains("playback p Completed", events.Events);
        Assert.Equal(before + 20, phone.Heard.Count);
        Assert.True(Spectrum.Share(phone.HeardPcm().AsSpan(before * 160, 10 * 160), 500) > 0.99);
        for (var i = 1; i < phone.Heard.Count; i++)
        {
            Assert.Equal(phone.Heard[i - 1].Header.Timestamp + 160, phone.Heard[i].Header.Timestamp);
            Assert.Equal((ushort)(phone.Heard[i - 1].Header.Sequence + 1), phone.Heard[i].Header.Sequence);
        }
    }

    [Fact]
    public void A_playback_that_follows_at_once_stays_early_by_the_one_frame()
    {
        var (session, phone, _, before) = Quiet();

        session.Play(Tone("500"));
        Between(phone);
        _bench.Run(4);
        session.Play(Tone("900"));
        Between(phone);
        _bench.Run(4);

        Assert.Equal(before + 9, phone.Heard.Count);
    }

    [Fact]
    public void What_the_step_did_already_is_not_done_again()
    {
        var (session, phone, _, before) = Quiet();

        session.Play(Tone("500"));
        _bench.Run(1);
        Between(phone);

        Assert.Equal(before + 1, phone.Heard.Count);
    }

    [Fact]
    public void A_session_with_a_partner_or_a_listener_keeps_to_its_steps()
    {
        var (one, first, _) = _bench.Call(30000);
        var (other, _, _) = _bench.Call(30010);
        var (recorded, third, _) = _bench.Call(30020);
        one.Bridge(other);
        recorded.Tap(new Ear());
        _bench.Run(5);
        var (before, beforeThird) = (first.Heard.Count, third.Heard.Count);

        one.Play(Tone("500"));
        recorded.Play(Tone("500"));
        Between(first, third);

        Assert.Equal(before, first.Heard.Count);
        Assert.Equal(beforeThird, third.Heard.Count);
    }

    [Fact]
    public void A_playback_wakes_the_pacing_thread()
    {
        // The engine's clock stands still, so no step is ever due: what is heard came between steps.
        var (session, phone, _) = _bench.Call(30000);
        _bench.Engine.Start();

        session.Play(Tone("500"));

        Assert.True(SpinWait.SpinUntil(
            () =>
            {
                phone.Listen();
                return phone.Heard.Count > 0;
            },
            TimeSpan.FromSeconds(10)));
    }

    [Fact]
    public void A_sleep_of_the_pacing_thread_ends_when_it_is_woken()
    {
        using var sleep = ThreadSleep.For(TimeProvider.System);

        sleep.Wake();
        sleep.Wake();

        Assert.True(sleep.Sleep(TimeSpan.FromMinutes(1)));
        Assert.False(sleep.Sleep(TimeSpan.FromTicks(1)));
    }

    /// <summary>A session that sends silence, and how many packets of it its phone has heard.</summary>
    private (MediaSession Session, FarEnd Phone, Recorder Events, int Heard) Quiet()
    {
        var (session, phone, events) = _bench.Call(30000);
        _bench.Run(5);
        return (session, phone, events, phone.Heard.Count);
    }

    private void Between(params FarEnd[] phones)
    {
        _bench.Engine.RunHastened(_bench.Time.Now + BetweenSteps);
        foreach (var phone in phones)
        {
            phone.Listen();
        }
    }

    private Playback Tone(string hertz) => new(new PlaybackId("p"), [new SpeechSource(hertz)], _opener);

    private sealed class Ear : IAudioTap
    {
        public void OnFrame(ReadOnlySpan<short> input, ReadOnlySpan<short> output, int sampleRate)
        {
        }

        public void OnEnd()
        {
        }
    }
}
