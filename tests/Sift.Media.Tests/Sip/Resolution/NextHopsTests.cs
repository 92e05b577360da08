using System.Net;
using Sift.Media.Legs;
using Sift.Media.Sip.Resolution;
using Sift.Media.Sip.Trunks;
using Sift.Protocols.Sip.Messages;
using Sift.Protocols.Sip.Transactions;

namespace Sift.Media.Tests.Sip.Resolution;

/// <summary>Names in the Contact of a dialog and in redirects, on a whole SIP side with a scripted name service.</summary>
public sealed class NextHopsTests : IDisposable
{
    private const string Carrier = "198.51.100.1:5060";

    private readonly SipWorld _world = new(static options => options.Trunks.Add(new TrunkOptions { Name = "carrier", Host = "198.51.100.1", KeepAliveInterval = TimeSpan.Zero }));

    public void Dispose() => _world.Dispose();

    [Fact]
    public void Requests_of_a_dialog_go_where_its_Contact_is_found()
    {
        _world.Names["sbc.example"] = IPAddress.Parse("203.0.113.5");
        var (flow, invite, leg) = Dial();

        Answer(invite, flow, "sbc.example");

        Assert.Equal("203.0.113.5:5060", _world.NextRequest("ACK").Flow.Remote.ToString());
        _world.Post(new HangUpLeg(leg, "done"));
        Assert.Equal("203.0.113.5:5060", _world.NextRequest("BYE").Flow.Remote.ToString());
    }

    [Fact]
    public void A_look_up_that_takes_long_holds_nobody_up()
    {
        _world.Delay("sbc.example");
        var (flow, invite, leg) = Dial();

        Answer(invite, flow, "sbc.example");
        Assert.Equal(Carrier, _world.NextRequest("ACK").Flow.Remote.ToString());
        _world.Next<LegAnswered>();

        _world.Found("sbc.example", "203.0.113.5");
        _world.Post(new HangUpLeg(leg, "done"));
        Assert.Equal("203.0.113.5:5060", _world.NextRequest("BYE").Flow.Remote.ToString());
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("10.1.2.3")]
    [InlineData("169.254.169.254")]
    [InlineData("100.64.0.1")]
    [InlineData("224.0.0.1")]
    [InlineData("0.0.0.0")]
    [InlineData("::ffff:127.0.0.1")]
    [InlineData("fd00::1")]
    public void A_peer_from_outside_leads_nowhere_inside(string address)
    {
        _world.Names["rebound.example"] = IPAddress.Parse(address);
        var (flow, invite, _) = Dial();

        Answer(invite, flow, "rebound.example");

        Assert.Equal(Carrier, _world.NextRequest("ACK").Flow.Remote.ToString());
    }

    [Fact]
    public void A_redirect_waits_for_its_name_and_is_followed()
    {
        _world.Delay("other.example");
        var (flow, invite, _) = Dial();

        _world.Respond(invite, 302, flow, extra: "Contact: <sip:+15554443333@other.example:5090>");
        Assert.Empty(_world.Sent);

        _world.Found("other.example", "203.0.113.6");

        _world.NextRequest("ACK");
        Assert.Equal("203.0.113.6:5090", _world.NextRequest("INVITE").Flow.Remote.ToString());
    }

    [Fact]
    public void A_redirect_whose_name_is_not_found_in_time_ends_the_call()
    {
        _world.Delay("other.example");
        var (flow, invite, _) = Dial();

        _world.Respond(invite, 302, flow, extra: "Contact: <sip:+15554443333@other.example:5090>");
        _world.Advance(TimeSpan.FromSeconds(3.1));

        Assert.Contains(_world.Sent, static sent => sent.Message is SipRequest { Method: "ACK" });
        Assert.Equal(302, _world.Next<LegEnded>().SipStatus);
    }

    [Fact]
    public void A_redirect_by_a_stream_leads_away_from_it()
    {
        using var world = new SipWorld(static options => options.Trunks.Add(new TrunkOptions { Name = "carrier", Host = "198.51.100.1", Transport = "tcp", KeepAliveInterval = TimeSpan.Zero }));
        world.Post(new DialLeg(new LegId("00000000000000aa"), "+15554443333", null, TimeSpan.FromSeconds(30), []));
        var (flow, invite) = world.NextRequest("INVITE");

        world.Respond(invite, 302, flow, extra: "Contact: <sip:+15554443333@203.0.113.7>");

        world.NextRequest("ACK");
        var (next, _) = world.NextRequest("INVITE");
        Assert.Equal((SipTransport.Udp, "203.0.113.7:5060"), (next.Transport, next.Remote.ToString()));
    }

    [Fact]
    public void Strangers_cause_no_look_up()
    {
        var stranger = SipText.Udp("203.0.113.99:5060");
        _world.Receive(
            SipText.Request("INVITE", "sip:+15554443333@192.0.2.1", "sip:a@b", "sip:c@d", "Contact: <sip:x@victim.example>\nRecord-Route: <sip:route.example;lr>", body: SipWorld.Offer),
            stranger);
        var (_, invite, _) = Dial();
        var forged = SipResponse.For(invite, 302, "rt");
        forged.Headers.Set("Via", "SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKguessed");
        forged.Headers.Add("Contact", "<sip:x@victim.example>");
        _world.Receive(forged, stranger);

        Assert.Empty(_world.Asked);
    }

    [Fact]
    public void What_was_found_is_kept_for_a_while_and_so_is_what_was_not()
    {
        _world.Names["sbc.example"] = IPAddress.Parse("203.0.113.5");
        for (var call = 0; call < 3; call++)
        {
            Talk("sbc.example", call);
            Talk("nowhere.example", 10 + call);
        }

        Assert.Equal(1, _world.Asked.Count(static name => name == "sbc.example"));
        Assert.Equal(1, _world.Asked.Count(static name => name == "nowhere.example"));

        _world.Advance(TimeSpan.FromSeconds(31));
        Talk("nowhere.example", 20);
        Assert.Equal(2, _world.Asked.Count(static name => name == "nowhere.example"));
        Assert.Equal(1, _world.Asked.Count(static name => name == "sbc.example"));
    }

    [Fact]
    public void Only_so_many_names_are_asked_for_at_once()
    {
        for (var call = 0; call < NextHops.MostLookUps + 5; call++)
        {
            _world.Delay($"n{call}.example");
            Talk($"n{call}.example", call);
        }

        Assert.Equal(NextHops.MostLookUps, _world.Asked.Count(static name => !name.StartsWith('_')));
    }

    private (SipFlow Flow, SipRequest Invite, LegId Leg) Dial(int call = 0)
    {
        _world.Sent.Clear();
        var leg = new LegId($"{call:x16}");
        _world.Post(new DialLeg(leg, "+15554443333", null, TimeSpan.FromSeconds(30), []));
        var (flow, invite) = _world.NextRequest("INVITE");
        return (flow, invite, leg);
    }

    private void Talk(string host, int call)
    {
        var (flow, invite, leg) = Dial(call);
        Answer(invite, flow, host);
        _world.Post(new HangUpLeg(leg, "done"));
    }

    private void Answer(SipRequest invite, SipFlow flow, string host)
    {
        var response = SipResponse.For(invite, 200, "rt");
        response.Headers.Add("Contact", $"<sip:callee@{host}:5060>");
        response.Headers.Add("Content-Type", "application/sdp");
        response.Body = System.Text.Encoding.UTF8.GetBytes(SipWorld.Offer.ReplaceLineEndings("\r\n"));
        _world.Receive(response, flow);
    }
}
