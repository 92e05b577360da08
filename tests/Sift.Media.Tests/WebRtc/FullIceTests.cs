using System.Net;
using Sift.Media.Legs;
using Sift.Media.Rtp;
using Sift.Media.Tests.Rtp;
using Sift.Media.WebRtc;
using Sift.Media.WebRtc.Dtls;
using Sift.Protocols.Rtp;
using Sift.Protocols.Stun;

namespace Sift.Media.Tests.WebRtc;

/// <summary>Legs of a server that stands behind a NAT.</summary>
public sealed class FullIceTests
{
    private const int StunPort = 3999;
    private static readonly IPEndPoint Outside = new(IPAddress.Parse("203.0.113.1"), 40_000);

    [Fact]
    public void A_call_comes_up_once_both_have_checked_and_sound_passes()
    {
        using var bench = Bench();
        var alice = bench.Peer(5001);
        var leg = bench.Connected(alice);
        var bob = bench.Peer(5002);
        bench.Legs.Post(new BridgeLegs(leg, bench.Connected(bob)));
        alice.ToneHertz = 1000;
        bob.ToneHertz = 440;

        bench.Run(100);

        Assert.InRange(alice.ChecksAnswered, 1, 4);
        Assert.InRange(bob.Share(1000, 8000), 0.95, 1.02);
        Assert.InRange(alice.Share(440, 8000), 0.95, 1.02);
        Assert.DoesNotContain("ice-lite", bench.Signalling.LastAnswer(leg));
    }

    [Fact]
    public void A_browser_that_is_reached_only_by_its_candidate_is_checked_there()
    {
        using var bench = Bench();
        var alice = bench.Peer(5001);
        var leg = Answered(bench, alice);
        Assert.True(bench.Legs.AddCandidate(leg, "candidate:1 1 udp 2130706431 127.0.0.1 5001 typ host generation 0 ufrag user5001"));
        Assert.True(bench.Legs.AddCandidate(leg, "candidate:2 1 udp 2130706431 127.0.0.1 5999 typ host generation 0 ufrag somebody"));
        var other = bench.Network.Bind(5999)!;

        bench.Run(10);

        Assert.Equal(1, alice.ChecksAnswered);
        Assert.Empty(other.Arrived);
    }

    [Fact]
    public void Candidates_that_come_while_the_call_is_undecided_are_kept()
    {
        using var bench = Bench();
        var alice = bench.Peer(5001);
        var leg = new LegId("leg");
        bench.Legs.Connect(new BrowserCall(leg, "webrtc:alice", "app", "AC1", "AP1", null));
        bench.Legs.Offer(leg, alice.Offer());
        bench.Legs.AddCandidate(leg, "candidate:1 1 udp 2130706431 127.0.0.1 5001 typ host ufrag user5001");
        bench.Run(10);
        Assert.Equal(0, alice.ChecksAnswered);

        bench.Legs.Post(new AnswerLeg(leg));
        bench.Run(3);

        Assert.Equal(1, alice.ChecksAnswered);
    }

    [Fact]
    public void A_hello_that_overtakes_the_answer_to_our_check_is_not_lost_nor_answered_before_it()
    {
        using var bench = Bench();
        var alice = bench.Peer(5001);
        alice.AnswersChecks = false;
        var leg = Answered(bench, alice);

        alice.Check(useCandidate: true);
        alice.StartHandshake();
        bench.Run(10);
        Assert.Equal(DtlsState.Handshaking, alice.Handshake);
        Assert.Equal(0, bench.Statistics.Handshakes);

        // Our check is sent again after 500 ms, and this time it is answered. The hello is not said again.
        alice.AnswersChecks = true;
        bench.Run(30);
        Assert.Contains(bench.Events.Of(leg), static e => e is LegAnswered);
        Assert.Equal(1, bench.Statistics.Handshakes);
    }

    [Fact]
    public void A_browser_that_checks_but_does_not_answer_is_sent_no_media()
    {
        using var bench = Bench();
        var alice = bench.Peer(5001);
        alice.AnswersChecks = false;
        var leg = Answered(bench, alice);
        for (var i = 0; i < 15; i++)
        {
            alice.Check(useCandidate: true);
            bench.Run(51);
        }

        Assert.Equal(LegEndCause.Unreachable, bench.Events.Ended(leg).Cause);
        Assert.Contains("between the server and the browser", bench.Events.Ended(leg).Detail);
    }

    [Fact]
    public void Lost_consent_ends_the_call_though_the_browser_goes_on_checking()
    {
        using var bench = Bench();
        var alice = bench.Peer(5001);
        var leg = bench.Connected(alice);
        bench.Run(1500);
        Assert.InRange(alice.ChecksAnswered, 5, 10);

        alice.AnswersChecks = false;
        for (var i = 0; i < 24; i++)
        {
            alice.Check();
            bench.Run(50);
        }

        Assert.DoesNotContain(bench.Events.Of(leg), static e => e is LegEnded);
        bench.Run(302);
        Assert.Equal(LegEndCause.MediaTimeout, bench.Events.Ended(leg).Cause);
    }

    [Fact]
    public void An_ice_restart_moves_the_call_to_another_network_and_keeps_the_keys()
    {
        using var bench = Bench();
        var alice = bench.Peer(5001);
        var leg = bench.Connected(alice);
        bench.Run(10);

        alice.MoveTo(5100);
        alice.RestartIce("again");
        bench.Legs.Offer(leg, alice.Offer());
        bench.Run(1);
        alice.OnAnswer(bench.Signalling.LastAnswer(leg));
        alice.Check(useCandidate: true);
        alice.ForgetHeard();
        bench.Run(10);

        Assert.Equal(1, bench.Statistics.Handshakes);
        Assert.InRange(alice.Packets.Count, 7, 10);
        Assert.Equal(0, alice.Refused);
    }

    [Fact]
    public void The_address_that_a_STUN_server_sees_stands_in_the_answer()
    {
        using var bench = Bench(withStun: true);
        var stun = bench.Network.Bind(StunPort)!;
        bench.Run(1);
        AnswerAsStunServer(stun);
        bench.Run(1);
        var alice = bench.Peer(5001);

        var leg = bench.Connected(alice);

        var audio = alice.Answer!.Media[0];
        Assert.Contains("2 1 udp 1694498815 203.0.113.1 40000 typ srflx raddr 127.0.0.1 rport 3478", audio.Candidates);
        Assert.Contains("a=end-of-candidates", bench.Signalling.LastAnswer(leg));
        Assert.Empty(bench.Signalling.Candidates);
    }

    [Fact]
    public void An_address_that_is_learnt_after_the_answer_follows_by_signalling()
    {
        using var bench = Bench(withStun: true);
        var stun = bench.Network.Bind(StunPort)!;
        var alice = bench.Peer(5001);
        var leg = bench.Connected(alice);
        Assert.DoesNotContain("end-of-candidates", bench.Signalling.LastAnswer(leg));

        AnswerAsStunServer(stun);
        bench.Run(1);

        Assert.Equal((leg, "candidate:2 1 udp 1694498815 203.0.113.1 40000 typ srflx raddr 127.0.0.1 rport 3478", "0", 0), Assert.Single(bench.Signalling.Candidates));
    }

    [Fact]
    public void The_lite_role_asks_no_STUN_server()
    {
        using var bench = Bench(withStun: true, IceMode.Lite);
        var stun = bench.Network.Bind(StunPort)!;

        bench.Connected(bench.Peer(5001));

        Assert.Empty(stun.Arrived);
    }

    private static BrowserBench Bench(bool withStun = false, IceMode mode = IceMode.Full) => new(options =>
    {
        options.Ice = mode;
        if (withStun)
        {
            options.IceServers.Add(new IceServer { Urls = { $"stun:127.0.0.1:{StunPort}", "turn:192.0.2.1:3478" } });
        }
    });

    private static void AnswerAsStunServer(MemorySocket server)
    {
        Assert.True(server.Arrived.TryDequeue(out var asked));
        Assert.True(StunMessage.TryParse(asked.Data, out var request));
        Assert.Equal(StunMessageType.BindingRequest, request.Type);
        var buffer = new byte[548];
        var writer = new StunWriter(buffer, StunMessageType.BindingSuccess, request.TransactionId);
        writer.AddXorMappedAddress(Outside);
        server.Send(buffer.AsSpan(0, writer.Seal([])), asked.From);
    }

    private static LegId Answered(BrowserBench bench, BrowserPeer peer)
    {
        var leg = new LegId("leg");
        bench.Legs.Connect(new BrowserCall(leg, "webrtc:alice", "app", "AC1", "AP1", null));
        bench.Legs.Post(new AnswerLeg(leg));
        bench.Legs.Offer(leg, peer.Offer());
        bench.Run(1);
        peer.OnAnswer(bench.Signalling.LastAnswer(leg));
        return leg;
    }
}
