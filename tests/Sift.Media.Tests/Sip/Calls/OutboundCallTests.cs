using System.Text;
using Sift.Media.Legs;
using Sift.Media.Sip.Trunks;
using Sift.Protocols.Sip.Messages;
using Sift.Protocols.Sip.Transactions;

namespace Sift.Media.Tests.Sip.Calls;

public sealed class OutboundCallTests : IDisposable
{
    private const string Answer = "v=0\no=- 1 1 IN IP4 198.51.100.7\ns=-\nc=IN IP4 198.51.100.7\nt=0 0\nm=audio 4000 RTP/AVP 0 101\n"
        + "a=rtpmap:101 telephone-event/8000\n";

    private static readonly LegId Leg = new("00000000000000aa");

    private readonly SipFlow _first = SipText.Udp("198.51.100.1:5060");
    private readonly SipFlow _second = SipText.Udp("198.51.100.2:5060");
    private SipWorld _world = Carriers();

    public void Dispose() => _world.Dispose();

    [Fact]
    public void A_call_goes_to_the_carrier_with_the_longest_prefix()
    {
        Dial("+442071838750");

        var (flow, invite) = _world.NextRequest("INVITE");
        Assert.Equal(_second, flow);
        Assert.Equal("sip:00442071838750@198.51.100.2", invite.RequestUri.ToString());
    }

    [Fact]
    public void The_caller_id_is_shown_and_asserted()
    {
        Dial("+15554443333");

        var (_, invite) = _world.NextRequest("INVITE");
        Assert.Equal("+15551110000", invite.From!.Uri.User);
        Assert.Equal("+15551110000", Assert.Single(invite.AssertedIdentities).Uri.User);
        Assert.Equal("sip:+15554443333@198.51.100.1", invite.RequestUri.ToString());
    }

    [Fact]
    public void Without_a_caller_id_the_call_is_anonymous()
    {
        Dial("+15554443333", caller: null);

        var (_, invite) = _world.NextRequest("INVITE");
        Assert.Equal("anonymous.invalid", invite.From!.Uri.Host);
        Assert.Equal("id", invite.Headers.Get("Privacy"));
        Assert.Empty(invite.AssertedIdentities);
    }

    [Fact]
    public void A_caller_id_cannot_write_header_syntax()
    {
        Dial("+15554443333", caller: "x>;tag=evil\r\nX-Evil: 1");

        var (_, invite) = _world.NextRequest("INVITE");
        Assert.Equal("192.0.2.1", invite.From!.Uri.Host);
        Assert.False(invite.Headers.Contains("X-Evil"));
    }

    [Fact]
    public void Preferred_codecs_are_offered_first()
    {
        Dial("+15554443333", codecs: ["PCMA"]);

        Assert.Contains("RTP/AVP 8 0 101", Encoding.UTF8.GetString(_world.NextRequest("INVITE").Request.Body.Span), StringComparison.Ordinal);
    }

    [Fact]
    public void Ringing_and_answer_are_reported_and_acknowledged()
    {
        Dial("+15554443333");
        var (flow, invite) = _world.NextRequest("INVITE");

        _world.Respond(invite, 180, flow);
        Assert.Equal(new LegRinging(Leg, false), _world.Next<LegRinging>());
        _world.Respond(invite, 200, flow, Answer);

        _world.NextRequest("ACK");
        _world.Next<LegAnswered>();
        _world.NothingMore();
    }

    [Fact]
    public void Ringing_is_told_once_and_again_when_early_media_sets_in()
    {
        Dial("+15554443333");
        var (flow, invite) = _world.NextRequest("INVITE");

        _world.Respond(invite, 180, flow);
        _world.Respond(invite, 180, flow);
        _world.Respond(invite, 183, flow, Answer);
        _world.Respond(invite, 180, flow);

        Assert.Equal(new LegRinging(Leg, false), _world.Next<LegRinging>());
        Assert.Equal(new LegRinging(Leg, true), _world.Next<LegRinging>());
        _world.NothingMore();
    }

    [Fact]
    public void Early_media_is_reported_with_the_ringing()
    {
        Dial("+15554443333");
        var (flow, invite) = _world.NextRequest("INVITE");

        _world.Respond(invite, 183, flow, Answer);
        Assert.Equal(new LegRinging(Leg, true), _world.Next<LegRinging>());
        _world.Respond(invite, 200, flow);

        _world.Next<LegAnswered>();
    }

    [Theory]
    [InlineData(486, LegEndCause.Busy)]
    [InlineData(480, LegEndCause.NoAnswer)]
    [InlineData(603, LegEndCause.Declined)]
    [InlineData(404, LegEndCause.NotFound)]
    [InlineData(403, LegEndCause.Forbidden)]
    public void A_refusal_ends_the_leg_with_its_cause(int status, LegEndCause cause)
    {
        Dial("+15554443333");
        var (flow, invite) = _world.NextRequest("INVITE");

        _world.Respond(invite, status, flow);

        _world.NextRequest("ACK");
        var ended = _world.Next<LegEnded>();
        Assert.Equal((Leg, cause, status), (ended.Leg, ended.Cause, ended.SipStatus));
        Assert.Empty(_world.Sent);
    }

    [Fact]
    public void The_next_carrier_is_tried_when_one_answers_503()
    {
        Dial("+442071838750");
        var (flow, invite) = _world.NextRequest("INVITE");

        _world.Respond(invite, 503, flow);

        _world.NextRequest("ACK");
        var (next, second) = _world.NextRequest("INVITE");
        Assert.Equal(_first, next);
        _world.Respond(second, 200, next, Answer);
        _world.Next<LegAnswered>();
        Assert.False(_world.Host.Trunks.All[1].State.Available);
    }

    [Fact]
    public void The_next_carrier_is_tried_when_one_is_silent()
    {
        Dial("+442071838750");
        _world.NextRequest("INVITE");

        _world.Advance(TimeSpan.FromSeconds(4.1));

        Assert.Contains(_world.Sent, sent => sent.Flow == _first && sent.Message is SipRequest { Method: "INVITE" });
        _world.NothingMore();
    }

    [Fact]
    public void All_carriers_failing_makes_the_callee_unreachable()
    {
        Dial("+442071838750");
        var (flow, invite) = _world.NextRequest("INVITE");
        _world.Respond(invite, 503, flow);
        _world.NextRequest("ACK");
        (flow, invite) = _world.NextRequest("INVITE");
        _world.Respond(invite, 503, flow);

        var ended = _world.Next<LegEnded>();
        Assert.Equal((LegEndCause.Unreachable, 503), (ended.Cause, ended.SipStatus));
    }

    [Fact]
    public void A_busy_callee_is_not_called_again_over_another_carrier()
    {
        Dial("+442071838750");
        var (flow, invite) = _world.NextRequest("INVITE");

        _world.Respond(invite, 486, flow);

        _world.NextRequest("ACK");
        Assert.Empty(_world.Sent);
        Assert.Equal(LegEndCause.Busy, _world.Next<LegEnded>().Cause);
    }

    [Fact]
    public void A_carrier_that_rang_is_not_replaced()
    {
        Dial("+442071838750");
        var (flow, invite) = _world.NextRequest("INVITE");
        _world.Respond(invite, 180, flow);
        _world.Next<LegRinging>();

        _world.Respond(invite, 503, flow);

        _world.NextRequest("ACK");
        Assert.Empty(_world.Sent);
        Assert.Equal(LegEndCause.Unreachable, _world.Next<LegEnded>().Cause);
    }

    [Fact]
    public void An_unanswered_call_is_cancelled_at_the_ring_timeout()
    {
        Dial("+15554443333", ring: TimeSpan.FromSeconds(10));
        var (flow, invite) = _world.NextRequest("INVITE");
        _world.Respond(invite, 180, flow);
        _world.Next<LegRinging>();

        _world.Advance(TimeSpan.FromSeconds(9.98));
        Assert.Empty(_world.Sent);
        _world.Advance(TimeSpan.FromSeconds(0.02));
        _world.NextRequest("CANCEL");
        _world.Respond(invite, 487, flow);

        var ended = _world.Next<LegEnded>();
        Assert.Equal((LegEndCause.NoAnswer, 487), (ended.Cause, ended.SipStatus));
    }

    [Fact]
    public void Hanging_up_while_it_rings_cancels_and_ends_even_without_the_487()
    {
        Dial("+15554443333");
        var (flow, invite) = _world.NextRequest("INVITE");
        _world.Respond(invite, 180, flow);
        _world.Next<LegRinging>();

        _world.Post(new HangUpLeg(Leg, "changed my mind"));
        _world.NextRequest("CANCEL");
        _world.NothingMore();
        _world.Advance(TimeSpan.FromSeconds(1.1));

        Assert.Equal(LegEndCause.LocalHangUp, _world.Next<LegEnded>().Cause);
        _world.NothingMore();
    }

    [Fact]
    public void An_answer_that_crosses_our_cancel_is_acknowledged_and_hung_up()
    {
        Dial("+15554443333");
        var (flow, invite) = _world.NextRequest("INVITE");
        _world.Respond(invite, 180, flow);
        _world.Next<LegRinging>();
        _world.Post(new HangUpLeg(Leg, "changed my mind"));
        _world.NextRequest("CANCEL");

        _world.Respond(invite, 200, flow, Answer);

        _world.NextRequest("ACK");
        _world.NextRequest("BYE");
        _world.Advance(TimeSpan.FromSeconds(1.1));
        Assert.Equal(LegEndCause.LocalHangUp, _world.Next<LegEnded>().Cause);
        _world.NothingMore();
    }

    [Fact]
    public void An_answer_without_usable_audio_is_hung_up()
    {
        Dial("+15554443333");
        var (flow, invite) = _world.NextRequest("INVITE");

        _world.Respond(invite, 200, flow, Answer.Replace("RTP/AVP 0 101", "RTP/AVP 18", StringComparison.Ordinal));

        _world.NextRequest("ACK");
        _world.NextRequest("BYE");
        Assert.Equal(LegEndCause.Error, _world.Next<LegEnded>().Cause);
    }

    [Fact]
    public void A_number_that_no_carrier_serves_is_unreachable()
    {
        _world.Dispose();
        _world = new SipWorld(options => options.Trunks.Add(new TrunkOptions { Name = "uk", Host = "198.51.100.2", Prefixes = ["44"], KeepAliveInterval = TimeSpan.Zero }));

        Dial("+15554443333");

        Assert.Equal(LegEndCause.Unreachable, _world.Next<LegEnded>().Cause);
        Assert.Empty(_world.Sent);
    }

    [Fact]
    public void What_is_no_number_is_not_found()
    {
        Dial("sip:someone@example.com");

        Assert.Equal(LegEndCause.NotFound, _world.Next<LegEnded>().Cause);
    }

    [Fact]
    public void A_dial_of_a_leg_that_exists_is_ignored()
    {
        Dial("+15554443333");
        _world.NextRequest("INVITE");

        Dial("+15554443333");

        Assert.Empty(_world.Sent);
        _world.NothingMore();
    }

    private static SipWorld Carriers() => new(options =>
    {
        options.Trunks.Add(new TrunkOptions { Name = "world", Host = "198.51.100.1", AssertIdentity = true, KeepAliveInterval = TimeSpan.Zero });
        options.Trunks.Add(new TrunkOptions
        {
            Name = "uk",
            Host = "198.51.100.2",
            Prefixes = ["+44"],
            NumberFormat = NumberFormat.DoubleZero,
            KeepAliveInterval = TimeSpan.Zero,
        });
    });

    private void Dial(string number, string? caller = "+15551110000", TimeSpan? ring = null, string[]? codecs = null) =>
        _world.Post(new DialLeg(Leg, number, caller, ring ?? TimeSpan.FromSeconds(60), codecs ?? []));
}
