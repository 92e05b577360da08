using Sift.Media.Legs;
using Sift.Media.Rtp;
using Sift.Protocols.Rtp;

namespace Sift.Media.Tests.Rtp;

public sealed class BridgeTests : IDisposable
{
    private readonly MediaBench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Fact]
    public void Tones_cross_a_relayed_bridge_untouched()
    {
        var (a, phoneA, _) = _bench.Call(30000);
        var (b, phoneB, _) = _bench.Call(30010);
        phoneA.ToneHertz = 440;
        phoneB.ToneHertz = 1000;
        a.Bridge(b);
        _bench.Run(100);
        Assert.True(Spectrum.Share(phoneB.HeardPcm().AsSpan(^8000..), 440) > 0.97);
        Assert.True(Spectrum.Share(phoneA.HeardPcm().AsSpan(^8000..), 1000) > 0.97);
        AssertUnbroken(phoneA);
        AssertUnbroken(phoneB);
        Assert.False(a.Stream.Inlet.Decoding);
    }

    [Fact]
    public void Tones_cross_between_mu_law_and_a_law()
    {
        var (a, phoneA, _) = _bench.Call(30000);
        var (b, phoneB, _) = _bench.Call(30010, p => p with { Format = AudioFormat.Pcma });
        phoneA.ToneHertz = 440;
        phoneB.ToneHertz = 1000;
        phoneB.PayloadType = 8;
        a.Bridge(b);
        
        // Long enough for the jitter buffer to have come down to its shortest delay, which skips a packet.
        _bench.Run(200);
        Assert.True(Spectrum.Share(phoneB.HeardPcm().AsSpan(^8000..), 440) > 0.97);
        Assert.True(Spectrum.Share(phoneA.HeardPcm().AsSpan(^8000..), 1000) > 0.97);
        Assert.All(phoneB.Heard, p => Assert.Equal(8, p.Header.PayloadType));
        Assert.True(a.Stream.Inlet.Decoding);
        AssertUnbroken(phoneA);
        AssertUnbroken(phoneB);
    }

    [Theory]
    [InlineData(10)]
    [InlineData(30)]
    [InlineData(40)]
    [InlineData(60)]
    public void Different_packet_lengths_are_cut_and_joined(int ptime)
    {
        var (a, phoneA, _) = _bench.Call(30000);
        var (b, phoneB, _) = _bench.Call(30010, p => p with { SendPtime = ptime });
        phoneA.ToneHertz = 440;
        a.Bridge(b);
        
        // Long enough for the jitter buffer to have come down to its shortest delay, which skips a packet.
        _bench.Run(200);
        Assert.All(phoneB.Heard, p => Assert.Equal(ptime * 8, p.Payload.Length));
        Assert.True(Spectrum.Share(phoneB.HeardPcm().AsSpan(^8000..), 440) > 0.97);
        AssertUnbroken(phoneB);
    }

    [Fact]
    public void Playback_takes_precedence_and_the_partner_comes_back_after_it()
    {
        var (a, phoneA, _) = _bench.Call(30000);
        var (b, phoneB, events) = _bench.Call(30010);
        phoneA.ToneHertz = 440;
        a.Bridge(b);
        _bench.Run(20);
        var opener = new ToneOpener();
        var before = phoneB.Heard.Count;
        b.Play(new Playback(new PlaybackId("p"), [new SpeechSource("1200"), new SpeechSource("1200")], opener));
        _bench.Run(20);
        var during = phoneB.Heard.Skip(before + 1).Take(18).SelectMany(p => Decode(p.Payload)).ToArray();
        Assert.True(Spectrum.Share(during, 1200) > 0.95);
        Assert.True(Spectrum.Share(during, 440) < 0.02);
        _bench.Run(30);
        Assert.True(Spectrum.Share(phoneB.HeardPcm().AsSpan(^3200..), 440) > 0.97);
        Assert.Contains("playback p Completed", events.Events);
        AssertUnbroken(phoneB);
    }

    [Fact]
    public void Keys_are_relayed_with_the_other_sides_payload_type()
    {
        var (a, phoneA, eventsA) = _bench.Call(30000);
        var (b, phoneB, eventsB) = _bench.Call(30010, p => p with { TelephoneEventPayloadType = 97 });
        a.Bridge(b);
        _bench.Run(10);
        phoneA.Press('7');
        _bench.Run(10);
        var keys = phoneB.Heard.Where(p => p.Header.PayloadType == 97).ToArray();
        Assert.Equal(5, keys.Length);
        Assert.All(keys, p => Assert.Equal(7, p.Payload[0]));
        Assert.Single(keys.Select(p => p.Header.Timestamp).Distinct());
        Assert.Equal("7", eventsA.Digits);
        Assert.Equal("", eventsB.Digits);
    }

    [Fact]
    public void Keys_become_tones_where_events_were_not_negotiated()
    {
        var (a, phoneA, _) = _bench.Call(30000);
        var (b, phoneB, _) = _bench.Call(30010, p => p with { TelephoneEventPayloadType = null });
        a.Bridge(b);
        _bench.Run(10);
        phoneA.Press('5');
        _bench.Run(20);
        var pcm = phoneB.HeardPcm();
        var begin = Array.FindIndex(pcm, s => s != 0);
        var end = Array.FindLastIndex(pcm, s => s != 0);
        Assert.InRange(end - begin, 790, 800);
        var loud = pcm.AsSpan(begin, 800);
        Assert.True(Spectrum.Share(loud, 770) > 0.3);
        Assert.True(Spectrum.Share(loud, 1336) > 0.4);
    }

    [Fact]
    public void A_silent_partner_is_filled_with_silence_and_fits_in_when_it_returns()
    {
        var (a, phoneA, _) = _bench.Call(30000);
        var (b, phoneB, _) = _bench.Call(30010);
        phoneA.ToneHertz = 440;
        a.Bridge(b);
        _bench.Run(50);
        phoneA.Talking = false;
        _bench.Run(50);
        phoneA.Talking = true;
        _bench.Run(50);
        Assert.True(phoneB.Heard.Count >= 138, $"{phoneB.Heard.Count}");
        AssertUnbroken(phoneB);
    }

    [Fact]
    public void Parting_one_parts_both()
    {
        var (a, phoneA, _) = _bench.Call(30000);
        var (b, phoneB, _) = _bench.Call(30010);
        phoneA.ToneHertz = 440;
        phoneB.ToneHertz = 1000;
        a.Bridge(b);
        _bench.Run(20);
        b.Unbridge();
        _bench.Run(20);
        Assert.All(phoneA.HeardPcm()[^1600..], s => Assert.Equal(0, s));
        Assert.All(phoneB.HeardPcm()[^1600..], s => Assert.Equal(0, s));
    }

    [Fact]
    public void Sessions_of_different_threads_meet_on_one()
    {
        using var bench = new MediaBench(o => o.Threads = 3);
        var calls = Enumerable.Range(0, 6).Select(i => bench.Call(30000 + (i * 10))).ToArray();
        foreach (var (call, index) in calls.Select((c, i) => (c, i)))
        {
            call.Phone.ToneHertz = 400 + (index * 100);
        }

        bench.Run(5);
        calls[0].Session.Bridge(calls[1].Session);
        calls[2].Session.Bridge(calls[3].Session);
        calls[4].Session.Bridge(calls[5].Session);

        // A second thought while still moving: the last word counts.
        calls[1].Session.Bridge(calls[2].Session);
        bench.Run(100);
        Assert.Same(calls[1].Session.Shard, calls[2].Session.Shard);
        Assert.Same(calls[4].Session.Shard, calls[5].Session.Shard);
        Assert.True(Spectrum.Share(calls[2].Phone.HeardPcm().AsSpan(^8000..), 500) > 0.97);
        Assert.True(Spectrum.Share(calls[1].Phone.HeardPcm().AsSpan(^8000..), 600) > 0.97);
        Assert.True(Spectrum.Share(calls[5].Phone.HeardPcm().AsSpan(^8000..), 800) > 0.97);
        Assert.All(calls[0].Phone.HeardPcm()[^1600..], s => Assert.Equal(0, s));
    }

    [Fact]
    public void A_tap_hears_both_directions_of_a_relay()
    {
        var (a, phoneA, _) = _bench.Call(30000);
        var (b, phoneB, _) = _bench.Call(30010);
        phoneA.ToneHertz = 440;
        phoneB.ToneHertz = 1000;
        var tap = new KeepingTap();
        a.Tap(tap);
        a.Bridge(b);
        _bench.Run(100);
        Assert.True(Spectrum.Share(tap.Received.ToArray().AsSpan(^8000..), 440) > 0.97);
        Assert.True(Spectrum.Share(tap.Sent.ToArray().AsSpan(^8000..), 1000) > 0.97);
        Assert.Equal(tap.Received.Count, tap.Sent.Count);
    }

    private static void AssertUnbroken(FarEnd phone)
    {
        var audio = phone.Heard;
        Assert.Single(audio.Select(p => p.Header.Ssrc).Distinct());
        for (var i = 1; i < audio.Count; i++)
        {
            Assert.Equal((ushort)(audio[i - 1].Header.Sequence + 1), audio[i].Header.Sequence);
            var step = (int)(audio[i].Header.Timestamp - audio[i - 1].Header.Timestamp);
            Assert.True(step > 0, $"packet {i} steps by {step}");
        }
    }

    private static short[] Decode(byte[] payload)
    {
        var pcm = new short[payload.Length];
        G711.DecodeMuLaw(payload, pcm);
        return pcm;
    }

    private sealed class KeepingTap : IAudioTap
    {
        public List<short> Received { get; } = [];

        public List<short> Sent { get; } = [];

        public void OnFrame(ReadOnlySpan<short> received, ReadOnlySpan<short> sent, int sampleRate)
        {
            Received.AddRange(received);
            Sent.AddRange(sent);
        }
    }
}
