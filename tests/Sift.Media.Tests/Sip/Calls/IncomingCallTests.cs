using System.Text;
using Sift.Media.Legs;
using Sift.Media.Sip.Trunks;
using Sift.Protocols.Sip.Messages;
using Sift.Protocols.Sip.Transactions;

namespace Sift.Media.Tests.Sip.Calls;

public sealed class IncomingCallTests : IDisposable
{
    private const string To = "sip:+15550002222@192.0.2.1";

    private readonly SipWorld _world = new(options => options.Trunks.Add(new TrunkOptions
    {
        Name = "carrier",
        Host = "198.51.100.7",
        KeepAliveInterval = TimeSpan.Zero,
        Prefixes = ["+44"],
    }));

    private readonly SipFlow _carrier = SipText.Udp("198.51.100.7:5060");

    public void Dispose() => _world.Dispose();

    [Fact]
    public void A_call_from_a_carriers_address_is_offered_to_call_control()
    {
        Invite();

        var incoming = _world.Next<LegIncoming>();
        Assert.Equal("+15551110000", incoming.From);
        Assert.Equal("+15550002222", incoming.To);
        Assert.Equal("trunk:carrier", incoming.Origin);
        Assert.Null(incoming.BenchScenario);
        Assert.Matches("^[0-9a-f]{16}$", incoming.Leg.Value);
        _world.NextResponse(100);
        Assert.Empty(_world.Sent);
    }

    [Fact]
    public void An_asserted_identity_counts_more_than_From()
    {
        Invite(extra: "P-Asserted-Identity: <sip:+15557778888@carrier>");

        Assert.Equal("+15557778888", _world.Next<LegIncoming>().From);
    }

    [Fact]
    public void A_caller_who_asks_for_privacy_is_anonymous()
    {
        Invite(extra: "P-Asserted-Identity: <sip:+15557778888@carrier>\nPrivacy: id");

        Assert.Equal("anonymous", _world.Next<LegIncoming>().From);
    }

    [Fact]
    public void Ring_then_answer_gives_180_and_200_and_the_leg_is_up_with_the_ack()
    {
        Invite();
        var leg = _world.Next<LegIncoming>().Leg;
        _world.NextResponse(100);

        _world.Post(new RingLeg(leg));
        _world.NextResponse(180);
        _world.Post(new AnswerLeg(leg));
        var ok = _world.NextResponse(200);
        Assert.Contains("m=audio 20", Encoding.UTF8.GetString(ok.Body.Span), StringComparison.Ordinal);
        _world.NothingMore();

        _world.InDialog("ACK", ok, _carrier, 1);
        Assert.Equal(leg, _world.Next<LegAnswered>().Leg);
        _world.Post(new AnswerLeg(leg));
        Assert.Empty(_world.Sent);
    }

    [Fact]
    public void A_call_that_nobody_decides_on_gets_480_after_30_seconds()
    {
        Invite();
        var leg = _world.Next<LegIncoming>().Leg;
        _world.NextResponse(100);

        _world.Advance(TimeSpan.FromSeconds(29.98));
        Assert.Empty(_world.Sent);
        _world.Advance(TimeSpan.FromSeconds(0.04));

        _world.NextResponse(480);
        var ended = _world.Next<LegEnded>();
        Assert.Equal((leg, LegEndCause.NoAnswer, 480), (ended.Leg, ended.Cause, ended.SipStatus));
    }

    [Theory]
    [InlineData(LegEndCause.Busy, 486)]
    [InlineData(LegEndCause.Declined, 603)]
    [InlineData(LegEndCause.NotFound, 404)]
    public void A_refusal_carries_its_status(LegEndCause cause, int status)
    {
        Invite();
        var leg = _world.Next<LegIncoming>().Leg;
        _world.NextResponse(100);

        _world.Post(new RejectLeg(leg, cause));

        _world.NextResponse(status);
        var ended = _world.Next<LegEnded>();
        Assert.Equal((cause, status), (ended.Cause, ended.SipStatus));
        _world.NothingMore();
    }

    [Fact]
    public void A_caller_who_gives_up_ends_the_leg()
    {
        Invite();
        _world.Next<LegIncoming>();
        _world.NextResponse(100);
        _world.Receive(SipText.Request("CANCEL", To, "sip:+15551110000@carrier", To), _carrier);

        _world.NextResponse(200);
        _world.NextResponse(487);
        Assert.Equal(LegEndCause.RemoteHangUp, _world.Next<LegEnded>().Cause);
    }

    [Fact]
    public void An_offer_without_a_codec_in_common_gets_488_and_never_becomes_a_leg()
    {
        Invite(body: SipWorld.Offer.Replace("RTP/AVP 0 8 101", "RTP/AVP 18", StringComparison.Ordinal));

        _world.NextResponse(488);
        _world.NothingMore();
        Assert.Equal(0, _world.Host.LegCount);
    }

    [Fact]
    public void An_invite_without_offer_is_answered_with_one_and_up_with_the_answer_in_the_ack()
    {
        Invite(body: "");
        var leg = _world.Next<LegIncoming>().Leg;
        _world.NextResponse(100);
        _world.Post(new AnswerLeg(leg));
        var ok = _world.NextResponse(200);
        Assert.Contains("RTP/AVP 0 8 101", Encoding.UTF8.GetString(ok.Body.Span), StringComparison.Ordinal);

        _world.InDialog("ACK", ok, _carrier, 1, SipWorld.Offer.Replace(" 0 8 101", " 8 101", StringComparison.Ordinal));

        _world.Next<LegAnswered>();
        _world.Post(new HangUpLeg(leg, "done"));
        _world.Advance(TimeSpan.FromMilliseconds(40));
        Assert.Equal("PCMA", _world.Next<LegEnded>().Quality!.Codec);
    }

    [Fact]
    public void An_offer_that_holds_us_is_answered_recvonly_and_reported()
    {
        Invite(body: SipWorld.Offer + "a=sendonly\n");
        var leg = _world.Next<LegIncoming>().Leg;
        _world.NextResponse(100);
        _world.Post(new AnswerLeg(leg));
        var ok = _world.NextResponse(200);
        Assert.Contains("a=recvonly", Encoding.UTF8.GetString(ok.Body.Span), StringComparison.Ordinal);

        _world.InDialog("ACK", ok, _carrier, 1);

        _world.Next<LegAnswered>();
        Assert.True(_world.Next<LegHoldChanged>().Held);
    }

    [Fact]
    public void Hold_and_resume_by_reinvite_are_answered_and_reported_once_each()
    {
        var (leg, ok) = Up();
        const string hold = SipWorld.Offer + "a=sendonly\n";

        _world.InDialog("INVITE", ok, _carrier, 2, hold.Replace("1 1 IN", "1 2 IN", StringComparison.Ordinal));
        _world.NextResponse(100);
        Assert.Contains("a=recvonly", Encoding.UTF8.GetString(_world.NextResponse(200).Body.Span), StringComparison.Ordinal);
        _world.InDialog("ACK", ok, _carrier, 2);
        Assert.True(_world.Next<LegHoldChanged>().Held);

        _world.InDialog("INVITE", ok, _carrier, 3, SipWorld.Offer.Replace("1 1 IN", "1 3 IN", StringComparison.Ordinal));
        _world.NextResponse(100);
        Assert.Contains("a=sendrecv", Encoding.UTF8.GetString(_world.NextResponse(200).Body.Span), StringComparison.Ordinal);
        _world.InDialog("ACK", ok, _carrier, 3);
        Assert.False(_world.Next<LegHoldChanged>().Held);
        _world.NothingMore();
        Assert.Equal(leg, _world.Events[^1].Leg);
    }

    [Fact]
    public void A_reoffer_without_common_codec_gets_488_and_the_call_goes_on()
    {
        var (leg, ok) = Up();

        _world.InDialog("INVITE", ok, _carrier, 2, SipWorld.Offer.Replace("RTP/AVP 0 8 101", "RTP/AVP 18", StringComparison.Ordinal));
        _world.NextResponse(100);
        _world.NextResponse(488);
        _world.InDialog("ACK", ok, _carrier, 2);

        _world.NothingMore();
        _world.Post(new HangUpLeg(leg, "done"));
        _world.NextRequest("BYE");
    }

    [Fact]
    public void A_key_sent_by_info_is_a_digit()
    {
        var (leg, ok) = Up();

        _world.InDialog("INFO", ok, _carrier, 2, "Signal=5\nDuration=160\n", type: "application/dtmf-relay");
        _world.NextResponse(200);
        _world.Advance(TimeSpan.FromMilliseconds(40));

        Assert.Equal(new LegDigit(leg, '5', DigitSource.SipInfo), _world.Next<LegDigit>());
    }

    [Fact]
    public void A_bye_of_the_far_end_ends_the_leg_with_its_figures()
    {
        var (leg, ok) = Up();

        _world.InDialog("BYE", ok, _carrier, 2);
        _world.NextResponse(200);
        _world.Advance(TimeSpan.FromMilliseconds(40));

        var ended = _world.Next<LegEnded>();
        Assert.Equal((leg, LegEndCause.RemoteHangUp), (ended.Leg, ended.Cause));
        Assert.Equal("PCMU", ended.Quality!.Codec);
        _world.NothingMore();
        Assert.Equal(0, _world.Host.LegCount);
    }

    [Fact]
    public void Our_hang_up_sends_bye_with_the_reason()
    {
        var (leg, _) = Up();

        _world.Post(new HangUpLeg(leg, "done"));

        var (_, bye) = _world.NextRequest("BYE");
        Assert.Equal("Q.850;cause=16;text=\"done\"", bye.Headers.Get("Reason"));
        _world.Advance(TimeSpan.FromMilliseconds(40));
        Assert.Equal(LegEndCause.LocalHangUp, _world.Next<LegEnded>().Cause);
    }

    [Fact]
    public void A_lost_ack_ends_the_call_after_its_time()
    {
        Invite();
        var leg = _world.Next<LegIncoming>().Leg;
        _world.Post(new AnswerLeg(leg));
        _world.Sent.Clear();

        _world.Advance(TimeSpan.FromSeconds(33));

        Assert.Contains(_world.Sent, sent => sent.Message is SipResponse { StatusCode: 200 });
        Assert.Contains(_world.Sent, sent => sent.Message is SipRequest { Method: "BYE" });
        Assert.Equal(LegEndCause.Unreachable, _world.Next<LegEnded>().Cause);
        _world.NothingMore();
    }

    [Fact]
    public void A_phone_that_falls_silent_is_reported_and_then_hung_up()
    {
        var (leg, _) = Up();

        _world.Advance(TimeSpan.FromSeconds(31));

        Assert.Equal(leg, _world.Next<LegMediaLost>().Leg);
        Assert.Equal(LegEndCause.MediaTimeout, _world.Next<LegEnded>().Cause);
        Assert.Contains(_world.Sent, sent => sent.Message is SipRequest { Method: "BYE" });
    }

    [Fact]
    public void A_held_call_may_stay_silent()
    {
        var (_, ok) = Up();
        _world.InDialog("INVITE", ok, _carrier, 2, (SipWorld.Offer + "a=inactive\n").Replace("1 1 IN", "1 2 IN", StringComparison.Ordinal));
        _world.InDialog("ACK", ok, _carrier, 2);
        _world.Next<LegHoldChanged>();

        _world.Advance(TimeSpan.FromMinutes(2));

        _world.NothingMore();
    }

    [Fact]
    public void A_playback_reports_its_end_once()
    {
        var (leg, _) = Up();

        _world.Post(new PlayOnLeg(leg, new PlaybackId("p1"), [new SilenceSource(TimeSpan.FromMilliseconds(100))]));
        _world.Advance(TimeSpan.FromMilliseconds(300));

        Assert.Equal(new PlaybackFinished(leg, new PlaybackId("p1"), PlaybackEnd.Completed), _world.Next<PlaybackFinished>());
        _world.NothingMore();
    }

    [Fact]
    public void Two_descriptions_in_one_invite_are_read_as_the_first()
    {
        var body = "--b\nContent-Type: application/sdp\n\n" + SipWorld.Offer + "\n--b\nContent-Type: application/sdp\n\n"
            + SipWorld.Offer.Replace("4000", "5000", StringComparison.Ordinal) + "\n--b--\n";
        var request = SipText.Request("INVITE", To, "sip:+15551110000@carrier", To, "Contact: <sip:caller@198.51.100.7>", body: body);
        request.Headers.Set("Content-Type", "multipart/mixed;boundary=b");
        _world.Receive(request, _carrier);
        var leg = _world.Next<LegIncoming>().Leg;
        _world.NextResponse(100);

        _world.Post(new AnswerLeg(leg));

        _world.NextResponse(200);
    }

    private (LegId Leg, SipResponse Ok) Up()
    {
        Invite();
        var leg = _world.Next<LegIncoming>().Leg;
        _world.NextResponse(100);
        _world.Post(new AnswerLeg(leg));
        var ok = _world.NextResponse(200);
        _world.InDialog("ACK", ok, _carrier, 1);
        _world.Next<LegAnswered>();
        return (leg, ok);
    }

    private void Invite(string body = SipWorld.Offer, string extra = "") => _world.Receive(
        SipText.Request("INVITE", To, "sip:+15551110000@carrier", To, ("Contact: <sip:caller@198.51.100.7>\n" + extra).TrimEnd('\n'), body: body),
        _carrier);
}
