using Sift.Media.Legs;
using Sift.Media.WebRtc.Dtls;
using Sift.Protocols.Srtp;

namespace Sift.Media.Tests.WebRtc;

public sealed class BrowserMediaTests
{
    // Rounding of the sums; nothing can hold more than all of the power.
    private const double Whole = 1.02;

    [Theory]
    [InlineData("PCMU")]
    [InlineData("PCMA")]
    [InlineData("opus")]
    public void Tones_pass_both_ways(string codec)
    {
        using var bench = new BrowserBench();
        var alice = bench.Peer(5001, codec);
        var bob = bench.Peer(5002, codec);
        var first = bench.Connected(alice);
        var second = bench.Connected(bob);
        alice.ToneHertz = 1000;
        bob.ToneHertz = 440;

        bench.Legs.Post(new BridgeLegs(first, second));
        bench.Run(100);

        Assert.Equal(codec, alice.Codec);
        Assert.Equal(SrtpProfile.AeadAes128Gcm, alice.Profile);
        Assert.InRange(alice.Share(440, alice.HeardRate), 0.95, Whole);
        Assert.InRange(bob.Share(1000, bob.HeardRate), 0.95, Whole);

        // 8000 / 32767 / sqrt 2.
        Assert.InRange(alice.Level(alice.HeardRate), 0.15, 0.20);
        Assert.InRange(bob.Level(bob.HeardRate), 0.15, 0.20);
        Assert.Equal(0, alice.Refused + bob.Refused);
    }

    [Fact]
    public void Equal_codecs_are_relayed_byte_for_byte()
    {
        using var bench = new BrowserBench();
        var alice = bench.Peer(5001, "opus");
        var bob = bench.Peer(5002, "opus");
        bench.Legs.Post(new BridgeLegs(bench.Connected(alice), bench.Connected(bob)));
        bench.Run(5);
        bob.ForgetHeard();

        alice.SendRtp(111, [0x08, 1, 2, 3, 4, 5], 4_000_500_000);
        bench.Run(1);

        Assert.Contains(bob.Packets, static p => p.Payload.SequenceEqual(new byte[] { 8, 1, 2, 3, 4, 5 }));
    }

    [Theory]
    [InlineData(8000)]
    [InlineData(16000)]
    [InlineData(48000)]
    public void Opus_is_transcoded_for_a_telephone(int codecRate)
    {
        using var bench = new BrowserBench(options => options.OpusSampleRate = codecRate);
        var alice = bench.Peer(5001, "opus");
        alice.ToneHertz = 1000;
        var leg = bench.Connected(alice);
        var (session, phone, _) = bench.Media.Call(6000);
        phone.ToneHertz = 440;
        bench.Media.Engine.Name(new LegId("phone"), session);
        bench.Run(2);
        bench.Legs.Post(new BridgeLegs(leg, new LegId("phone")));

        bench.Run(150);

        var heard = phone.HeardPcm();
        Assert.InRange(Rtp.Spectrum.Share(heard.AsSpan(8000, 3200), 1000), 0.95, Whole);
        Assert.InRange(alice.Share(440, alice.HeardRate), 0.95, Whole);
        Assert.InRange(alice.Level(alice.HeardRate), 0.15, 0.20);
    }

    [Fact]
    public void Opus_is_coded_at_the_rate_of_a_narrower_partner_and_at_its_own_again_afterwards()
    {
        using var bench = new BrowserBench(options => options.OpusSampleRate = 16000);
        var leg = bench.Connected(bench.Peer(5001, "opus"));
        var (session, _, _) = bench.Media.Call(6000);
        bench.Media.Engine.Name(new LegId("phone"), session);
        var tap = new RateTap();
        bench.Media.Engine.Find(leg)!.Tap(tap);
        bench.Run(2);
        Assert.Equal(16000, tap.Rate);

        bench.Legs.Post(new BridgeLegs(leg, new LegId("phone")));
        bench.Run(2);
        Assert.Equal(8000, tap.Rate);

        bench.Legs.Post(new UnbridgeLeg(leg));
        bench.Run(2);
        Assert.Equal(16000, tap.Rate);
    }

    private sealed class RateTap : Media.Rtp.IAudioTap
    {
        public int Rate { get; private set; }

        public void OnFrame(ReadOnlySpan<short> received, ReadOnlySpan<short> sent, int sampleRate)
        {
            Assert.Equal(sampleRate / 50, received.Length);
            Assert.Equal(sampleRate / 50, sent.Length);
            Rate = sampleRate;
        }
    }

    [Fact]
    public void A_prompt_is_heard()
    {
        using var bench = new BrowserBench();
        var alice = bench.Peer(5001, "opus");
        var leg = bench.Connected(alice);
        alice.ForgetHeard();

        bench.Legs.Post(new PlayOnLeg(leg, new PlaybackId("p"), [new SpeechSource("1000"), new SpeechSource("1000"), new SpeechSource("1000")]));
        bench.Run(40);

        Assert.InRange(alice.Share(1000, 9600), 0.9, Whole);
        Assert.Contains(bench.Events.Of(leg), static e => e is PlaybackFinished { End: PlaybackEnd.Completed });
    }

    [Theory]
    [InlineData("PCMU")]
    [InlineData("opus")]
    public void Keys_of_the_browser_are_told_once(string codec)
    {
        using var bench = new BrowserBench();
        var alice = bench.Peer(5001, codec);
        var leg = bench.Connected(alice);

        alice.Press('5');
        bench.Run(10);
        alice.Press('#');
        bench.Run(10);
        bench.Legs.Digits(leg, "1x2");
        bench.Run(2);

        Assert.Equal("5#12", string.Concat(bench.Events.Of(leg).OfType<LegDigit>().Select(static d => d.Digit)));
        Assert.Equal(DigitSource.Client, bench.Events.Of(leg).OfType<LegDigit>().Last().Source);
    }

    [Fact]
    public void Keys_are_sent_on_the_clock_of_the_codec()
    {
        using var bench = new BrowserBench();
        var alice = bench.Peer(5001, "opus");
        var leg = bench.Connected(alice);
        alice.ForgetHeard();

        bench.Legs.Post(new SendDigits(leg, "7"));
        bench.Run(15);

        var keys = alice.Packets.Where(static p => p.Header.PayloadType == 110).ToArray();
        Assert.All(keys, static k => Assert.Equal(7, k.Payload[0]));
        Assert.Equal(120 * 48, (keys[^1].Payload[2] << 8) | keys[^1].Payload[3]);
    }

    [Fact]
    public void Reports_go_out_as_srtcp_and_close_with_a_bye()
    {
        using var bench = new BrowserBench();
        var alice = bench.Peer(5001);
        var leg = bench.Connected(alice);
        bench.Run(500);
        var before = alice.ControlPackets.Count;

        bench.Legs.Post(new HangUpLeg(leg, "done"));
        bench.Run(3);

        Assert.InRange(before, 1, 4);
        Assert.Equal(200, alice.ControlPackets[0][1]);
        Assert.Equal(203, alice.ControlPackets[^1][^7]);
        Assert.Equal(DtlsState.Closed, alice.Handshake);
        var ended = bench.Events.Ended(leg);
        Assert.Equal(LegEndCause.LocalHangUp, ended.Cause);
        Assert.InRange(ended.Quality!.PacketsReceived, 490, 510);
        Assert.Equal(0, ended.Quality.PacketsLost);
    }

    [Fact]
    public void A_lost_opus_packet_leaves_no_gap()
    {
        using var bench = new BrowserBench(options => options.OpusSampleRate = 16000);
        var alice = bench.Peer(5001, "opus");
        alice.ToneHertz = 400;
        var leg = bench.Connected(alice);
        var (session, phone, _) = bench.Media.Call(6000);
        bench.Media.Engine.Name(new LegId("phone"), session);
        bench.Run(2);
        bench.Legs.Post(new BridgeLegs(leg, new LegId("phone")));
        bench.Run(60);
        phone.Heard.Clear();

        bench.Network.Losing = 5001;
        bench.Run(1);
        bench.Network.Losing = null;
        bench.Run(20);

        // No frame is silent, and the tone is still what is heard.
        var heard = phone.HeardPcm();
        Assert.All(heard.Chunk(160), static frame => Assert.InRange(frame.Max(), 2500, 12000));
        Assert.InRange(Rtp.Spectrum.Share(heard.AsSpan(0, 3200), 400), 0.85, Whole);
    }

    [Fact]
    public void Nothing_is_allocated_per_packet()
    {
        using var bench = new BrowserBench();
        var alice = bench.Peer(5001, "opus");
        var leg = bench.Connected(alice);
        bench.Run(50);
        alice.Talking = false;
        var datagrams = new List<byte[]>();
        for (var i = 0; i < 300; i++)
        {
            alice.SendRtp(111, [0x08, 1, 2, 3], (uint)(4_100_000_000 + (960 * i)));
            datagrams.Add(alice.LastSent);
        }

        var port = bench.Network.Socket(BrowserBench.Port);
        port.Arrived.Clear();
        bench.Network.Sink = true;
        var from = Rtp.MemoryNetwork.Address(5001);
        for (var i = 0; i < 100; i++)
        {
            Pass(i);
        }

        var next = 100;
        Assert.Equal(0, Sift.TestKit.Allocations.Least(() =>
        {
            for (var end = next + 40; next < end; next++)
            {
                Pass(next);
            }
        }));
        Assert.Equal(0, bench.Statistics.NotAuthentic + bench.Statistics.UnknownSource);

        void Pass(int i)
        {
            port.Arrived.Enqueue((from, datagrams[i]));
            bench.Media.Time.Now += TimeSpan.FromMilliseconds(20);
            bench.Legs.Step();
            bench.Media.Engine.Tick(bench.Media.Time.Now);
        }
    }
}
