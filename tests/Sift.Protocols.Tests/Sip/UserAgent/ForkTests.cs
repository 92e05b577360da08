using Sift.Protocols.Sip.Messages;
using Sift.Protocols.Sip.UserAgent;

namespace Sift.Protocols.Tests.Sip.UserAgent;

public sealed class ForkTests
{
    private readonly Pair _pair = new();
    private readonly RawPeer _proxy;
    private readonly SipCallId _call;

    public ForkTests()
    {
        _pair.Network.Drop = (_, _) => true;
        _proxy = new(_pair.Network, _pair.Alice);
        _call = _pair.Alice.Call(_pair.Bob);
    }

    [Fact]
    public void The_first_200_wins_and_the_others_are_acknowledged_and_ended()
    {
        _proxy.Respond("INVITE", 180, "a");
        _proxy.Respond("INVITE", 180, "b");
        _proxy.Respond("INVITE", 200, "b", body: "sdp b");
        _proxy.Respond("INVITE", 200, "a", body: "sdp a");
        Assert.Equal(["provisional 180", "provisional 180", "answered"], _pair.Alice.Log);
        Assert.Equal("sdp b"u8.ToArray(), _pair.Alice.LastAnswer!.Body.ToArray());
        Assert.Equal(["INVITE", "ACK", "ACK", "BYE"], _pair.Alice.Sent.Select(s => s.Split(' ')[0]));
        Assert.Equal("a", _proxy.LastRequest("BYE").To!.Tag);
        Assert.Equal("a", _proxy.LastRequest("ACK").To!.Tag);

        _pair.Alice.HangUp(_call);
        Assert.Equal("b", _proxy.LastRequest("BYE").To!.Tag);
        _pair.AssertNothingLeft();
    }

    [Fact]
    public void A_repeated_200_of_a_losing_fork_is_acknowledged_again_without_another_BYE()
    {
        _proxy.Respond("INVITE", 200, "a");
        _proxy.Respond("INVITE", 200, "b");
        var byes = _pair.Alice.CountSent("BYE");
        _proxy.Respond("INVITE", 200, "b");
        Assert.Equal(3, _pair.Alice.CountSent("ACK"));
        Assert.Equal(byes, _pair.Alice.CountSent("BYE"));
    }

    [Fact]
    public void A_200_of_another_fork_after_the_call_ended_is_ended_too()
    {
        _proxy.Respond("INVITE", 200, "a");
        _pair.Alice.HangUp(_call);
        _proxy.Respond("INVITE", 200, "late");
        Assert.Equal("late", _proxy.LastRequest("BYE").To!.Tag);
        Assert.Single(_pair.Alice.Ended);
        _pair.AssertNothingLeft();
    }

    [Fact]
    public void The_ACK_and_BYE_follow_the_reversed_record_routes()
    {
        _proxy.Respond("INVITE", 200, "a", "Record-Route: <sip:192.0.2.51;lr>, <sip:192.0.2.52;lr>");
        var ack = _proxy.LastRequest("ACK");
        Assert.Equal(["<sip:192.0.2.52;lr>", "<sip:192.0.2.51;lr>"], ack.Headers.GetAll("Route"));
        Assert.Equal("sip:raw@192.0.2.9:5060", ack.RequestUri.ToString());
        Assert.Equal(_proxy.LastRequest("INVITE").CSeq!.Value.Number, ack.CSeq!.Value.Number);
        _pair.Alice.HangUp(_call);
        var bye = _proxy.LastRequest("BYE");
        Assert.Equal(["<sip:192.0.2.52;lr>", "<sip:192.0.2.51;lr>"], bye.Headers.GetAll("Route"));
        Assert.Equal(ack.CSeq.Value.Number + 1, bye.CSeq!.Value.Number);
    }

    [Fact]
    public void A_strict_router_becomes_the_request_uri()
    {
        _proxy.Respond("INVITE", 200, "a", "Record-Route: <sip:192.0.2.51;lr>, <sip:192.0.2.52>");
        var ack = _proxy.LastRequest("ACK");
        Assert.Equal("sip:192.0.2.52", ack.RequestUri.ToString());
        Assert.Equal(["<sip:192.0.2.51;lr>", "<sip:raw@192.0.2.9:5060>"], ack.Headers.GetAll("Route"));
    }

    [Fact]
    public void Redirects_are_followed_best_first_with_a_new_CSeq_and_limited()
    {
        var first = _proxy.LastRequest("INVITE");
        _proxy.Respond("INVITE", 302, contact: false, extra: "Contact: <sip:low@192.0.2.61>;q=0.1, <sip:high@192.0.2.62>;q=0.9");
        var second = _proxy.LastRequest("INVITE");
        Assert.Equal("sip:high@192.0.2.62", second.RequestUri.ToString());
        Assert.Equal(first.CallId, second.CallId);
        Assert.Equal(first.From!.Tag, second.From!.Tag);
        Assert.Equal(first.CSeq!.Value.Number + 1, second.CSeq!.Value.Number);
        _proxy.Respond("INVITE", 486, contact: false);
        Assert.Equal("sip:low@192.0.2.61", _proxy.LastRequest("INVITE").RequestUri.ToString());
        for (var i = 0; i < 4; i++)
        {
            _proxy.Respond("INVITE", 302, contact: false, extra: $"Contact: <sip:next{i}@192.0.2.63>");
        }

        Assert.Equal(6, _pair.Alice.CountSent("INVITE"));
        Assert.Equal(new SipCallEnd(SipEndCause.Refused, 302, "Moved Temporarily"), _pair.Alice.Ended[_call]);
        _pair.AssertNothingLeft();
    }

    [Fact]
    public void A_redirect_to_a_place_already_tried_ends_the_call()
    {
        _proxy.Respond("INVITE", 302, contact: false, extra: $"Contact: <sip:bob@{_pair.Bob.Address}>");
        Assert.Equal(302, _pair.Alice.Ended[_call].Status);
    }
}
