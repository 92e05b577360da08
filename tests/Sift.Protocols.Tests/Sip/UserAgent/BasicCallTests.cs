using Sift.Protocols.Sip.Transactions;
using Sift.Protocols.Sip.UserAgent;

namespace Sift.Protocols.Tests.Sip.UserAgent;

public sealed class BasicCallTests
{
    [Fact]
    public void A_call_rings_is_answered_and_ends_with_the_callers_bye()
    {
        var pair = new Pair();
        pair.Bob.WhenCalled = call => pair.Bob.Ring(call);
        var alice = pair.Alice.Call(pair.Bob);
        pair.Seconds(2);
        var bob = Assert.Single(pair.Bob.Calls);
        Assert.Equal("offer"u8.ToArray(), pair.Bob.Invites[0].Body.ToArray());
        Assert.True(pair.Bob.Answer(bob));
        pair.Seconds(1);
        Assert.Equal("answer"u8.ToArray(), pair.Alice.LastAnswer!.Body.ToArray());
        Assert.True(pair.Alice.HangUp(alice, "Q.850;cause=16"));
        pair.Seconds(1);

        Assert.Equal(["provisional 180", "answered", "ended LocalHangUp"], pair.Alice.Log);
        Assert.Equal(["call", "acknowledged", "ended RemoteHangUp"], pair.Bob.Log);
        Assert.Equal("Q.850;cause=16", pair.Bob.Ended[bob].Reason);
        Assert.Equal(["INVITE", "ACK", "BYE"], pair.Alice.Sent.Select(s => s.Split(' ')[0]));
        Assert.Equal(["SIP/2.0 180 Ringing", "SIP/2.0 200 OK", "SIP/2.0 200 OK"], pair.Bob.Sent);
        pair.AssertNothingLeft();
    }

    [Fact]
    public void A_call_that_nobody_has_decided_on_is_answered_100_at_once()
    {
        var pair = new Pair();
        pair.Alice.Call(pair.Bob);
        pair.Network.Run(TimeSpan.FromMilliseconds(10));
        Assert.Equal(["SIP/2.0 100 Trying"], pair.Bob.Sent);
    }

    [Fact]
    public void An_invitation_is_good_until_it_expires()
    {
        var pair = new Pair();
        var raw = new RawPeer(pair.Network, pair.Bob);
        pair.Network.Drop = (_, _) => true;
        pair.Bob.WhenCalled = call => pair.Bob.Ring(call);
        raw.Request("INVITE", extra: "Expires: 90\n", body: "offer");

        pair.Seconds(89.9);
        Assert.Empty(pair.Bob.Ended);
        pair.Seconds(0.2);

        Assert.Equal(487, raw.LastResponse.StatusCode);
        Assert.Equal(SipEndCause.Cancelled, pair.Bob.Ended[pair.Bob.Calls[0]].Cause);
    }

    [Fact]
    public void The_callee_hangs_up()
    {
        var pair = new Pair();
        var (alice, bob) = pair.Connect();
        Assert.True(pair.Bob.HangUp(bob));
        pair.Seconds(1);
        Assert.Equal(SipEndCause.RemoteHangUp, pair.Alice.Ended[alice].Cause);
        Assert.Equal(SipEndCause.LocalHangUp, pair.Bob.Ended[bob].Cause);
        Assert.False(pair.Bob.HangUp(bob));
        pair.AssertNothingLeft();
    }

    [Theory]
    [InlineData(404)]
    [InlineData(486)]
    [InlineData(603)]
    public void A_refusal_is_reported_with_its_status(int status)
    {
        var pair = new Pair();
        pair.Bob.WhenCalled = call => pair.Bob.Reject(call, status);
        var alice = pair.Alice.Call(pair.Bob);
        pair.Seconds(1);
        Assert.Equal(new SipCallEnd(SipEndCause.Refused, status, pair.Alice.Ended[alice].Reason), pair.Alice.Ended[alice]);
        Assert.Equal(1, pair.Alice.CountSent("ACK"));
        pair.AssertNothingLeft();
    }

    [Fact]
    public void An_offerless_call_carries_the_offer_in_the_200_and_the_answer_in_the_ACK()
    {
        var pair = new Pair();
        var (alice, _) = pair.Connect(offer: "", answer: "their offer");
        Assert.Contains("answered, owes answer", pair.Alice.Log);
        Assert.Equal("their offer"u8.ToArray(), pair.Alice.LastAnswer!.Body.ToArray());
        Assert.Equal("late answer"u8.ToArray(), pair.Bob.LastAcknowledgement.ToArray());
        pair.Alice.HangUp(alice);
        pair.AssertNothingLeft();
    }

    [Fact]
    public void Nobody_there_times_out_with_timer_B()
    {
        var pair = new Pair();
        pair.Network.Drop = (_, _) => true;
        var alice = pair.Alice.Call(pair.Bob);
        pair.Network.Run(TimeSpan.FromSeconds(32) - TimeSpan.FromTicks(1));
        Assert.Empty(pair.Alice.Ended);
        pair.Network.Run(TimeSpan.FromTicks(1));
        Assert.Equal(SipEndCause.Timeout, pair.Alice.Ended[alice].Cause);
        Assert.Equal(7, pair.Alice.CountSent("INVITE"));
        pair.AssertNothingLeft();
    }

    [Fact]
    public void A_broken_flow_ends_a_call_that_waits_for_it()
    {
        var pair = new Pair();
        pair.Network.Drop = (_, _) => true;
        var alice = pair.Alice.Call(pair.Bob);
        pair.Alice.Agent.OnTransportError(pair.Alice.FlowTo(pair.Bob), pair.Network.Now, pair.Alice);
        Assert.Equal(SipEndCause.TransportError, pair.Alice.Ended[alice].Cause);
        pair.AssertNothingLeft();
    }

    [Fact]
    public void Over_a_stream_nothing_lingers_but_the_accepted_invites()
    {
        var pair = new Pair();
        pair.Bob.WhenCalled = call => pair.Bob.Answer(call);
        var alice = pair.Alice.Call(pair.Bob, transport: Sift.Protocols.Sip.Transactions.SipTransport.Tcp);
        pair.Seconds(1);
        pair.Alice.HangUp(alice);
        pair.Seconds(1);
        Assert.Contains(";transport=tcp>", pair.Alice.SentMessages[0].Headers.Get("Contact"), StringComparison.Ordinal);
        Assert.StartsWith("SIP/2.0/TCP", pair.Alice.SentMessages[0].Headers.Get("Via"), StringComparison.Ordinal);
        pair.AssertNothingLeft();
    }

    [Fact]
    public void A_large_request_goes_by_a_stream()
    {
        var pair = new Pair();
        pair.Alice.Upgrade = flow => flow with { Transport = SipTransport.Tcp, Connection = 7 };
        pair.Alice.Call(pair.Bob, new string('x', 1400));
        pair.Seconds(1);
        Assert.StartsWith("SIP/2.0/TCP", pair.Bob.Invites[0].Headers.Get("Via"), StringComparison.Ordinal);
        Assert.Equal(1, pair.Alice.CountSent("INVITE"));
    }

    [Fact]
    public void A_large_request_goes_as_a_datagram_where_no_stream_can_be_had()
    {
        var pair = new Pair();
        SipFlow broken = default;
        pair.Alice.Upgrade = flow => broken = flow with { Transport = SipTransport.Tcp, Connection = 7 };
        pair.Network.Drop = (text, _) => text.Contains("SIP/2.0/TCP", StringComparison.Ordinal);
        pair.Bob.WhenCalled = call => pair.Bob.Answer(call);
        var call = pair.Alice.Call(pair.Bob, new string('x', 1400));
        pair.Seconds(1);
        Assert.Empty(pair.Bob.Invites);

        pair.Alice.Agent.OnTransportError(broken, pair.Network.Now, pair.Alice);
        pair.Seconds(1);

        Assert.StartsWith("SIP/2.0/UDP", pair.Bob.Invites[0].Headers.Get("Via"), StringComparison.Ordinal);
        Assert.Single(pair.Bob.Invites[0].Vias);
        Assert.Equal("answered", pair.Alice.Log[^1]);

        pair.Alice.Reoffer(call, new string('y', 1400));
        pair.Alice.Agent.OnTransportError(broken, pair.Network.Now, pair.Alice);
        pair.Seconds(1);
        Assert.Equal("reoffer INVITE", pair.Bob.Log[^1]);

        pair.Alice.Agent.Info(call, "application/dtmf", Peer.Sdp(new string('z', 1400)), pair.Network.Now, pair.Alice);
        pair.Alice.Agent.OnTransportError(broken, pair.Network.Now, pair.Alice);
        pair.Seconds(1);
        Assert.Equal("info", pair.Bob.Log[^1]);
    }
}
