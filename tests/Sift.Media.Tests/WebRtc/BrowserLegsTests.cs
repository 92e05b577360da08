using Sift.Media.Legs;
using Sift.Media.WebRtc;
using Sift.Protocols.Sdp;

namespace Sift.Media.Tests.WebRtc;

public sealed class BrowserLegsTests
{
    private static readonly LegId Leg = new("0123456789abcdef");

    [Fact]
    public void A_client_that_calls_is_announced_and_answered_when_call_control_says_so()
    {
        using var bench = new BrowserBench();
        var alice = bench.Peer(5001);

        bench.Legs.Connect(new BrowserCall(Leg, "webrtc:alice", "app", "AC1", "AP1", """{"a":1}"""));
        bench.Legs.Offer(Leg, alice.Offer());
        bench.Run(5);

        var incoming = Assert.IsType<LegIncoming>(Assert.Single(bench.Events.All));
        Assert.Equal(("webrtc:alice", "webrtc", "AC1", "AP1", """{"a":1}"""), (incoming.From, incoming.Origin, incoming.AccountId, incoming.ApplicationId, incoming.ClientData));
        Assert.Empty(bench.Signalling.Answers);

        bench.Legs.Post(new RingLeg(Leg));
        bench.Legs.Post(new AnswerLeg(Leg));
        bench.Legs.Post(new AnswerLeg(Leg));
        bench.Run(1);
        alice.OnAnswer(bench.Signalling.LastAnswer(Leg));
        Assert.DoesNotContain(bench.Events.All, static e => e is LegAnswered);
        alice.Check();
        bench.Run(3);

        Assert.Single(bench.Events.All.OfType<LegAnswered>());
        Assert.True(bench.Legs.Hosts(Leg));
    }

    [Fact]
    public void What_cannot_be_played_yet_is_told_to_whoever_waits_for_its_end()
    {
        using var bench = new BrowserBench();
        bench.Legs.Connect(new BrowserCall(Leg, "webrtc:alice", "app", "AC1", "AP1", null));

        bench.Legs.Post(new PlayOnLeg(Leg, new PlaybackId("hello"), [new SilenceSource(TimeSpan.FromSeconds(1))]));
        bench.Run(1);

        var finished = Assert.Single(bench.Events.All.OfType<PlaybackFinished>());
        Assert.Equal((new PlaybackId("hello"), PlaybackEnd.Failed, "the leg has no media yet"), (finished.Playback, finished.End, finished.Error));
    }

    [Fact]
    public void The_answer_says_what_browsers_ask_for()
    {
        using var bench = new BrowserBench(options => options.PublicAddresses.Add(System.Net.IPAddress.Parse("198.51.100.4")));
        var alice = bench.Peer(5001, "opus", "PCMU");
        bench.Connected(alice);

        var answer = alice.Answer!;
        var audio = Assert.Single(answer.Media);
        Assert.True(answer.IsIceLite);
        Assert.Equal(["0"], answer.BundledMids);
        Assert.Equal("UDP/TLS/RTP/SAVPF", audio.Protocol);
        Assert.Equal(["111", "110"], audio.Formats);
        Assert.Equal("minptime=10;useinbandfec=1", audio.FormatParametersOf(111));
        Assert.Equal(DtlsSetup.Passive, audio.Setup);
        Assert.True(audio.RtcpMux);
        Assert.True(audio.IceUfrag!.Length >= 4);
        Assert.True(audio.IcePwd!.Length >= 22);
        Assert.Equal(["1 1 udp 2130706431 198.51.100.4 3478 typ host"], audio.Candidates);
        Assert.Single(audio.Ssrcs);
        Assert.NotNull(audio.Msid);
    }

    [Fact]
    public void G711_is_chosen_where_it_is_wanted()
    {
        using var preferring = new BrowserBench(options => options.PreferG711 = true);
        var alice = preferring.Peer(5001, "opus", "PCMU");
        preferring.Connected(alice);
        Assert.Equal("PCMU", alice.Codec);

        using var dialling = new BrowserBench();
        var bob = dialling.Peer(5001, "opus", "PCMU", "PCMA");
        dialling.Legs.Post(new DialLeg(Leg, "webrtc:bob", "+1555", TimeSpan.FromSeconds(20), ["PCMA", "PCMU"]));
        dialling.Legs.Accept(Leg);
        dialling.Legs.Offer(Leg, bob.Offer());
        dialling.Run(1);
        bob.OnAnswer(dialling.Signalling.LastAnswer(Leg));
        Assert.Equal("PCMA", bob.Codec);
    }

    [Fact]
    public void A_dialled_client_rings_and_takes_the_call()
    {
        using var bench = new BrowserBench();
        var bob = bench.Peer(5001);

        bench.Legs.Post(new DialLeg(Leg, "webrtc:bob", "+15554443333", TimeSpan.FromSeconds(20), []) { AccountId = "AC1" });
        bench.Run(1);
        Assert.Equal(new BrowserRing(Leg, "bob", "AC1", "+15554443333", TimeSpan.FromSeconds(20)), Assert.Single(bench.Signalling.Rings));
        bench.Legs.Ringing(Leg);
        bench.Legs.Ringing(Leg);
        bench.Run(1);
        Assert.Equal(new LegRinging(Leg, false), Assert.Single(bench.Events.All));
        bench.Legs.Accept(Leg);
        bench.Legs.Offer(Leg, bob.Offer());
        bench.Run(1);
        bob.OnAnswer(bench.Signalling.LastAnswer(Leg));
        bob.Check(useCandidate: true);
        bench.Run(3);

        Assert.IsType<LegAnswered>(bench.Events.All[^1]);
    }

    [Theory]
    [InlineData(LegEndCause.Declined)]
    [InlineData(LegEndCause.Busy)]
    [InlineData(LegEndCause.NotFound)]
    public void A_refusal_is_the_end_with_its_cause(LegEndCause cause)
    {
        using var bench = new BrowserBench();
        bench.Legs.Post(new DialLeg(Leg, "webrtc:bob", null, TimeSpan.FromSeconds(20), []));

        bench.Legs.Refuse(Leg, cause, "said no");
        bench.Run(1);

        Assert.Equal(new LegEnded(Leg, cause, null, "said no"), bench.Events.Ended(Leg));
        Assert.Equal(new BrowserEnd(Leg, WasUp: false, ByClient: true, cause, "said no"), Assert.Single(bench.Signalling.Ends));
        Assert.False(bench.Legs.Hosts(Leg));
    }

    [Fact]
    public void Ringing_ends_after_its_time()
    {
        using var bench = new BrowserBench();
        bench.Legs.Post(new DialLeg(Leg, "webrtc:bob", null, TimeSpan.FromSeconds(20), []));

        bench.Run(999);
        Assert.Empty(bench.Events.All);
        bench.Run(2);

        Assert.Equal(LegEndCause.NoAnswer, bench.Events.Ended(Leg).Cause);
        Assert.False(Assert.Single(bench.Signalling.Ends).WasUp);
    }

    [Fact]
    public void A_call_that_is_given_up_is_cancelled_at_the_client()
    {
        using var bench = new BrowserBench();
        bench.Legs.Post(new DialLeg(Leg, "webrtc:bob", null, TimeSpan.FromSeconds(20), []));
        bench.Legs.Post(new HangUpLeg(Leg, "caller gave up"));
        bench.Legs.Accept(Leg);
        bench.Run(1);

        Assert.Equal(LegEndCause.LocalHangUp, bench.Events.Ended(Leg).Cause);
        Assert.Equal(new BrowserEnd(Leg, false, false, LegEndCause.LocalHangUp, "caller gave up"), Assert.Single(bench.Signalling.Ends));
    }

    [Fact]
    public void A_client_without_microphone_is_given_up_with_a_reason()
    {
        using var bench = new BrowserBench();
        bench.Legs.Connect(new BrowserCall(Leg, "webrtc:alice", "app", "AC1", null, null));
        bench.Legs.Post(new AnswerLeg(Leg));

        bench.Run(1499);
        Assert.IsType<LegIncoming>(Assert.Single(bench.Events.All));
        bench.Run(2);

        var ended = bench.Events.Ended(Leg);
        Assert.Equal(LegEndCause.Error, ended.Cause);
        Assert.Contains("microphone", ended.Detail);
    }

    [Fact]
    public void An_undecided_call_is_refused_after_its_time()
    {
        using var bench = new BrowserBench();
        bench.Legs.Connect(new BrowserCall(Leg, "webrtc:alice", "app", "AC1", null, null));

        bench.Run(1501);

        Assert.Equal(LegEndCause.NoAnswer, bench.Events.Ended(Leg).Cause);
    }

    [Theory]
    [InlineData("not sdp", "no session description")]
    [InlineData("v=0\r\no=- 1 1 IN IP4 1.1.1.1\r\ns=-\r\nt=0 0\r\nm=audio 9 RTP/AVP 0\r\nc=IN IP4 1.1.1.1\r\n", "DTLS-SRTP")]
    [InlineData("v=0\r\no=- 1 1 IN IP4 1.1.1.1\r\ns=-\r\nt=0 0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 0\r\nc=IN IP4 0.0.0.0\r\na=rtcp-mux\r\n", "fingerprint")]
    [InlineData("v=0\r\no=- 1 1 IN IP4 1.1.1.1\r\ns=-\r\nt=0 0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 9\r\nc=IN IP4 0.0.0.0\r\na=rtcp-mux\r\n", "codec")]
    [InlineData("v=0\r\no=- 1 1 IN IP4 1.1.1.1\r\ns=-\r\nt=0 0\r\na=fingerprint:sha-256 AA:BB\r\na=ice-ufrag:abcd\r\na=ice-pwd:0123456789012345678901\r\nm=audio 9 UDP/TLS/RTP/SAVPF 0\r\nc=IN IP4 0.0.0.0\r\n", "rtcp-mux")]
    public void An_offer_that_cannot_be_used_is_refused_with_a_reason(string sdp, string reason)
    {
        using var bench = new BrowserBench();
        bench.Legs.Connect(new BrowserCall(Leg, "webrtc:alice", "app", "AC1", null, null));
        bench.Legs.Post(new AnswerLeg(Leg));

        bench.Legs.Offer(Leg, sdp);
        bench.Run(3);

        Assert.Contains(reason, Assert.Single(bench.Signalling.Refusals).Reason);
        Assert.Contains(reason, bench.Events.Ended(Leg).Detail);
    }

    [Fact]
    public void A_client_hangs_up()
    {
        using var bench = new BrowserBench();
        var leg = bench.Connected(bench.Peer(5001));

        bench.Legs.HangUp(leg, LegEndCause.RemoteHangUp, "hung up");
        bench.Run(2);

        Assert.Equal(LegEndCause.RemoteHangUp, bench.Events.Ended(leg).Cause);
        Assert.True(Assert.Single(bench.Signalling.Ends) is { WasUp: true, ByClient: true });
        Assert.Equal(0, bench.Statistics.Legs);
    }

    [Fact]
    public void Hold_is_reported_both_ways()
    {
        using var bench = new BrowserBench();
        var alice = bench.Peer(5001);
        var leg = bench.Connected(alice);

        alice.Direction = "sendonly";
        bench.Legs.Offer(leg, alice.Offer());
        bench.Run(1);
        alice.Direction = "sendrecv";
        bench.Legs.Offer(leg, alice.Offer());
        bench.Run(1);

        Assert.Equal([new LegHoldChanged(leg, true), new LegHoldChanged(leg, false)], bench.Events.Of(leg).OfType<LegHoldChanged>());
    }

    [Theory]
    [InlineData("candidate:1 1 udp 2113937151 8f2c.local 51234 typ host generation 0 ufrag EsAw", true)]
    [InlineData("candidate:2 1 tcp 1518280447 192.0.2.1 9 typ host tcptype active", true)]
    [InlineData("candidate:1 1 udp 2113937151 192.0.2.1 70000 typ host", false)]
    [InlineData("candidate:1 1 udp", false)]
    [InlineData("", false)]
    public void Candidates_are_judged_by_their_grammar(string candidate, bool good)
    {
        using var bench = new BrowserBench();
        Assert.Equal(good, bench.Legs.AddCandidate(Leg, candidate));
    }

    [Fact]
    public void A_taken_port_fails_calls_with_that_reason()
    {
        using var first = new BrowserBench();
        var events = new RecordedEvents();
        var signalling = new RecordedSignalling();
        var second = new BrowserLegs(
            first.Options,
            first.Media.Engine,
            new Rtp.ToneOpener(),
            new Rtp.SeededEntropy(3),
            first.Media.Time,
            Microsoft.Extensions.Logging.Abstractions.NullLogger<BrowserLegs>.Instance,
            first.Network);

        Assert.False(second.Prepare(events, signalling));
        second.Post(new DialLeg(Leg, "webrtc:bob", null, TimeSpan.FromSeconds(20), []));

        Assert.Contains("3478", second.Unavailable);
        Assert.Equal(second.Unavailable, events.Ended(Leg).Detail);
        Assert.Single(signalling.Ends);
    }
}
