using Sift.Media.Legs;
using Sift.Media.Tests.Rtp;
using Sift.Media.WebRtc.Dtls;

namespace Sift.Media.Tests.WebRtc;

public sealed class BrowserTransportTests
{
    [Fact]
    public void A_handshake_from_an_address_that_no_check_proved_is_ignored()
    {
        using var bench = new BrowserBench();
        var alice = bench.Peer(5001);
        var leg = Answered(bench, alice);

        alice.StartHandshake();
        bench.Run(5);

        Assert.Equal(DtlsState.Handshaking, alice.Handshake);
        Assert.InRange(bench.Statistics.UnknownSource, 1, 10);
        Assert.Equal(0, bench.Statistics.Handshakes);

        alice.Check(useCandidate: true);
        alice.RepeatHandshake();
        bench.Run(3);
        Assert.Contains(bench.Events.Of(leg), static e => e is LegAnswered);
        Assert.Equal(1, bench.Statistics.Handshakes);
    }

    [Fact]
    public void A_certificate_other_than_announced_ends_the_call()
    {
        using var bench = new BrowserBench();
        var alice = bench.Peer(5001);
        alice.AnnouncedFingerprint = string.Join(':', Enumerable.Repeat("AA", 32));
        var leg = Answered(bench, alice);

        alice.Check(useCandidate: true);
        bench.Run(5);

        Assert.Contains("fingerprint", bench.Events.Ended(leg).Detail);
        Assert.Equal(1, bench.Statistics.HandshakesFailed);
        Assert.DoesNotContain(bench.Events.Of(leg), static e => e is LegAnswered);
    }

    [Fact]
    public void Without_checks_the_call_ends_and_says_so()
    {
        using var bench = new BrowserBench();
        var leg = Answered(bench, bench.Peer(5001));

        bench.Run(752);

        var ended = bench.Events.Ended(leg);
        Assert.Equal(LegEndCause.Unreachable, ended.Cause);
        Assert.Contains("connectivity check", ended.Detail);
    }

    [Fact]
    public void Handshakes_of_one_address_are_limited()
    {
        using var bench = new BrowserBench(options => options.HandshakesPerMinute = 2);
        for (var i = 0; i < 4; i++)
        {
            var peer = bench.Peer(5001 + i);
            Answered(bench, peer, $"leg{i}");
            peer.Check(useCandidate: true);
            bench.Run(3);
        }

        Assert.Equal(2, bench.Statistics.Handshakes);
        Assert.InRange(bench.Statistics.HandshakesLimited, 2, 100);

        bench.Run(3000);
        var late = bench.Peer(5010);
        Answered(bench, late, "late");
        late.Check(useCandidate: true);
        bench.Run(3);
        Assert.Equal(3, bench.Statistics.Handshakes);
    }

    [Fact]
    public void Replays_and_wrong_tags_are_counted_and_the_call_lives()
    {
        using var bench = new BrowserBench();
        var alice = bench.Peer(5001);
        var leg = bench.Connected(alice);
        alice.ToneHertz = 1000;
        bench.Run(10);

        var packet = alice.LastSent;
        alice.Send(packet);
        var broken = packet.ToArray();
        broken[^1] ^= 1;
        broken[3]++;
        alice.Send(broken);
        bench.Run(1);

        Assert.Equal(1, bench.Statistics.Replayed);
        Assert.Equal(1, bench.Statistics.NotAuthentic);

        var bob = bench.Peer(5002);
        bench.Legs.Post(new BridgeLegs(leg, bench.Connected(bob)));
        bench.Run(100);
        Assert.InRange(bob.Share(1000, 8000), 0.95, 1.02);
    }

    [Fact]
    public void Media_of_a_stranger_is_dropped_even_with_a_known_port_on_another_host()
    {
        using var bench = new BrowserBench();
        var alice = bench.Peer(5001);
        bench.Connected(alice);
        bench.Run(3);
        var stranger = bench.Network.Bind(7000)!;
        var before = bench.Statistics.UnknownSource;

        stranger.Send(alice.LastSent, MemoryNetwork.Address(BrowserBench.Port));
        bench.Run(1);

        Assert.Equal(before + 1, bench.Statistics.UnknownSource);
    }

    [Fact]
    public void Ten_thousand_random_datagrams_do_no_harm()
    {
        using var bench = new BrowserBench();
        var alice = bench.Peer(5001);
        var leg = bench.Connected(alice);
        bench.Run(3);
        var stranger = bench.Network.Bind(7000)!;
        var random = new Random(42);
        byte[] first = [0, 1, 2, 20, 22, 23, 25, 40, 63, 64, 79, 100, 128, 129, 144, 191, 192, 255];
        for (var i = 0; i < 10_000; i++)
        {
            var datagram = new byte[random.Next(0, 1400)];
            random.NextBytes(datagram);
            if (datagram.Length > 0)
            {
                datagram[0] = first[random.Next(first.Length)];
            }

            // What once was right, spoilt, gets further than noise.
            if (i % 3 == 0 && alice.LastSent.Length > 0)
            {
                datagram = alice.LastSent.ToArray();
                datagram[random.Next(datagram.Length)] ^= (byte)(1 << random.Next(8));
            }

            if (i % 2 == 0 && datagram.Length > 0 && datagram[0] is < 20 or > 63)
            {
                alice.Send(datagram);
            }
            else
            {
                stranger.Send(datagram, MemoryNetwork.Address(BrowserBench.Port));
            }

            if (i % 50 == 0)
            {
                bench.Run(1);
            }
        }

        alice.ToneHertz = 1000;
        var bob = bench.Peer(5002);
        bench.Legs.Post(new BridgeLegs(leg, bench.Connected(bob)));
        bench.Run(100);

        Assert.InRange(bench.Statistics.Received, 10_000, 20_000);
        Assert.InRange(bench.Statistics.NotAuthentic, 100, 10_000);
        Assert.DoesNotContain(bench.Events.Of(leg), static e => e is LegEnded);
        Assert.InRange(bob.Share(1000, 8000), 0.95, 1.02);
    }

    [Fact]
    public void Random_records_from_the_proven_address_end_no_other_call()
    {
        using var bench = new BrowserBench();
        var alice = bench.Peer(5001);
        var bob = bench.Peer(5002);
        var first = bench.Connected(alice);
        var second = bench.Connected(bob);
        var random = new Random(43);
        for (var i = 0; i < 1000; i++)
        {
            var datagram = new byte[random.Next(1, 300)];
            random.NextBytes(datagram);
            datagram[0] = (byte)random.Next(20, 64);
            alice.Send(datagram);
        }

        bench.Run(5);

        Assert.DoesNotContain(bench.Events.Of(first).Concat(bench.Events.Of(second)), static e => e is LegEnded);
    }

    [Fact]
    public void Random_records_do_not_spoil_a_handshake_under_way()
    {
        using var bench = new BrowserBench();
        var alice = bench.Peer(5001);
        var leg = Answered(bench, alice);
        alice.Check(useCandidate: true);
        bench.Legs.Step();
        var random = new Random(44);
        for (var i = 0; i < 1000; i++)
        {
            var datagram = new byte[random.Next(1, 300)];
            random.NextBytes(datagram);
            datagram[0] = (byte)random.Next(20, 64);
            alice.Send(datagram);
        }

        bench.Legs.Step();
        bench.Run(3);

        Assert.Contains(bench.Events.Of(leg), static e => e is LegAnswered);
    }

    [Fact]
    public void Offers_that_are_refused_in_mid_call_change_nothing()
    {
        using var bench = new BrowserBench();
        var alice = bench.Peer(5001);
        var leg = bench.Connected(alice);
        for (var i = 0; i < 5; i++)
        {
            bench.Legs.Offer(leg, alice.Offer().Replace("PCMU", "L16").Replace("SAVPF 0 ", "SAVPF 96 ").Replace("rtpmap:0 ", "rtpmap:96 ").Replace("user5001", $"again{i}"));
        }

        bench.Run(1);
        Assert.Equal(5, bench.Signalling.Refusals.Count);
        var before = bench.Statistics.Checks;
        alice.Check();
        bench.Run(1);

        Assert.Equal(before + 1, bench.Statistics.Checks);
        Assert.DoesNotContain(bench.Events.Of(leg), static e => e is LegEnded);
    }

    [Fact]
    public void An_ice_restart_moves_the_call_to_another_network_and_keeps_the_keys()
    {
        using var bench = new BrowserBench();
        var alice = bench.Peer(5001);
        var leg = bench.Connected(alice);
        var bob = bench.Peer(5002);
        bench.Legs.Post(new BridgeLegs(leg, bench.Connected(bob)));
        bench.Run(10);
        var ufrag = alice.Answer!.Media[0].IceUfrag;

        alice.MoveTo(5100);
        alice.RestartIce("again");
        bench.Legs.Offer(leg, alice.Offer());
        bench.Run(1);
        alice.OnAnswer(bench.Signalling.LastAnswer(leg));
        Assert.NotEqual(ufrag, alice.Answer!.Media[0].IceUfrag);
        alice.ToneHertz = 1000;
        bob.ToneHertz = 440;
        alice.Check(useCandidate: true);
        alice.ForgetHeard();
        bench.Run(100);

        Assert.Equal(2, bench.Statistics.Handshakes);
        Assert.InRange(alice.Share(440, 8000), 0.95, 1.02);
        Assert.InRange(bob.Share(1000, bob.Heard.Count - 4000), 0.95, 1.02);
        Assert.Equal(0, alice.Refused + bob.Refused);
    }

    [Fact]
    public void A_nomination_of_another_address_moves_the_call_without_an_offer()
    {
        using var bench = new BrowserBench();
        var alice = bench.Peer(5001);
        bench.Connected(alice);
        alice.MoveTo(5100);
        alice.ForgetHeard();

        bench.Run(5);
        Assert.Empty(alice.Packets);
        alice.Check(useCandidate: true);
        bench.Run(5);

        Assert.InRange(alice.Packets.Count, 4, 6);
    }

    [Fact]
    public void A_reloaded_page_takes_the_call_up_with_a_new_certificate()
    {
        using var bench = new BrowserBench();
        var alice = bench.Peer(5001);
        var leg = bench.Connected(alice);
        var bob = bench.Peer(5002);
        bench.Legs.Post(new BridgeLegs(leg, bench.Connected(bob)));
        bench.Run(10);

        alice.Goodbye();
        alice.Talking = false;
        bench.Run(100);
        var again = bench.Peer(5003);
        again.Ssrc = 0x777;
        bench.Legs.Offer(leg, again.Offer());
        bench.Run(1);
        again.OnAnswer(bench.Signalling.LastAnswer(leg));
        again.ToneHertz = 700;
        bob.ToneHertz = 440;
        again.Check(useCandidate: true);
        bench.Run(300);

        Assert.Equal(3, bench.Statistics.Handshakes);
        Assert.InRange(again.Share(440, 8000), 0.95, 1.02);
        Assert.InRange(bob.Share(700, bob.Heard.Count - 4000), 0.95, 1.02);
        Assert.Single(bench.Events.Of(leg).OfType<LegAnswered>());
        Assert.DoesNotContain(bench.Events.Of(leg), static e => e is LegEnded);
    }

    [Fact]
    public void A_goodbye_without_a_return_is_a_hang_up()
    {
        using var bench = new BrowserBench();
        var alice = bench.Peer(5001);
        var leg = bench.Connected(alice);

        alice.Goodbye();
        bench.Run(249);
        Assert.DoesNotContain(bench.Events.Of(leg), static e => e is LegEnded);
        bench.Run(4);

        Assert.Equal(LegEndCause.RemoteHangUp, bench.Events.Ended(leg).Cause);
    }

    [Fact]
    public void Without_consent_the_call_ends_after_thirty_seconds()
    {
        using var bench = new BrowserBench();
        var alice = bench.Peer(5001);
        var leg = bench.Connected(alice);

        for (var i = 0; i < 4; i++)
        {
            bench.Run(1000);
            alice.Check();
        }

        bench.Run(1);
        Assert.DoesNotContain(bench.Events.Of(leg), static e => e is LegEnded);
        bench.Run(1502);

        var ended = bench.Events.Ended(leg);
        Assert.Equal(LegEndCause.MediaTimeout, ended.Cause);
        Assert.Contains("checks", ended.Detail);
    }

    [Fact]
    public void A_port_that_a_browser_uses_again_belongs_to_its_new_call()
    {
        using var bench = new BrowserBench();
        var alice = bench.Peer(5001);
        var first = bench.Connected(alice);
        bench.Legs.HangUp(first, LegEndCause.RemoteHangUp, "hung up");
        bench.Run(2);
        bench.Peers.Remove(alice);
        bench.Network.Unbind(5001);

        bench.Connected(bench.Peer(5001));

        Assert.Equal(2, bench.Statistics.Handshakes);
        Assert.Equal(1, bench.Statistics.Legs);
    }

    private static LegId Answered(BrowserBench bench, BrowserPeer peer, string id = "leg")
    {
        var leg = new LegId(id);
        bench.Legs.Connect(new Media.WebRtc.BrowserCall(leg, "webrtc:alice", "app", "AC1", "AP1", null));
        bench.Legs.Post(new AnswerLeg(leg));
        bench.Legs.Offer(leg, peer.Offer());
        bench.Run(1);
        peer.OnAnswer(bench.Signalling.LastAnswer(leg));
        return leg;
    }
}
