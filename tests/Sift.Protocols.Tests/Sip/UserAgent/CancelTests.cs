using Sift.Protocols.Sip.Messages;
using Sift.Protocols.Sip.UserAgent;

namespace Sift.Protocols.Tests.Sip.UserAgent;

public sealed class CancelTests
{
    [Fact]
    public void The_200_to_a_CANCEL_and_the_487_have_one_tag()
    {
        var pair = new Pair();
        var alice = pair.Alice.Call(pair.Bob);
        pair.Seconds(1);
        pair.Alice.HangUp(alice);
        pair.Seconds(1);
        var tags = pair.Bob.SentMessages.OfType<SipResponse>().Where(static r => r.StatusCode > 100).Select(static r => (r.StatusCode, r.To!.Tag)).ToArray();
        Assert.Equal([200, 487], tags.Select(static t => t.StatusCode));
        Assert.Equal(tags[1].Tag, tags[0].Tag);
    }

    [Fact]
    public void A_ringing_call_is_cancelled()
    {
        var pair = new Pair();
        pair.Bob.WhenCalled = call => pair.Bob.Ring(call);
        var alice = pair.Alice.Call(pair.Bob);
        pair.Seconds(1);
        pair.Alice.HangUp(alice, "SIP;cause=200;text=\"Call completed elsewhere\"");
        pair.Seconds(1);
        Assert.Equal(new SipCallEnd(SipEndCause.LocalHangUp, 487, "Request Terminated"), pair.Alice.Ended[alice]);
        Assert.Equal(new SipCallEnd(SipEndCause.Cancelled, 487, "SIP;cause=200;text=\"Call completed elsewhere\""), pair.Bob.Ended[pair.Bob.Calls[0]]);
        Assert.False(pair.Bob.Answer(pair.Bob.Calls[0]));
        pair.AssertNothingLeft();
    }

    [Fact]
    public void CANCEL_waits_for_the_first_provisional()
    {
        var pair = new Pair();
        var hold = true;
        pair.Network.Drop = (text, from) => hold && from == pair.Bob;
        var alice = pair.Alice.Call(pair.Bob);
        pair.Network.Run(TimeSpan.FromMilliseconds(100));
        pair.Alice.HangUp(alice);
        Assert.Equal(0, pair.Alice.CountSent("CANCEL"));
        hold = false;
        pair.Seconds(2);
        Assert.Equal(1, pair.Alice.CountSent("CANCEL"));
        Assert.Equal(SipEndCause.LocalHangUp, pair.Alice.Ended[alice].Cause);
        Assert.Equal(SipEndCause.Cancelled, Assert.Single(pair.Bob.Ended).Value.Cause);
        pair.AssertNothingLeft();
    }

    [Fact]
    public void A_200_that_crosses_the_CANCEL_is_acknowledged_and_ended()
    {
        var pair = new Pair();
        var alice = pair.Alice.Call(pair.Bob);
        pair.Seconds(1);
        pair.Bob.Answer(pair.Bob.Calls[0]);
        pair.Alice.HangUp(alice);
        pair.Seconds(1);
        Assert.Equal(["INVITE", "CANCEL", "ACK", "BYE"], pair.Alice.Sent.Select(s => s.Split(' ')[0]));
        Assert.Equal(new SipCallEnd(SipEndCause.LocalHangUp, 200, null), pair.Alice.Ended[alice]);
        Assert.Equal(SipEndCause.RemoteHangUp, pair.Bob.Ended[pair.Bob.Calls[0]].Cause);
        Assert.DoesNotContain("answered", pair.Alice.Log);
        pair.AssertNothingLeft();
    }

    [Fact]
    public void A_200_without_any_provisional_after_hanging_up_is_ended_too()
    {
        var pair = new Pair();
        pair.Network.Drop = (text, _) => text.StartsWith("SIP/2.0 100", StringComparison.Ordinal);
        pair.Bob.WhenCalled = call => pair.Bob.Answer(call);
        var alice = pair.Alice.Call(pair.Bob);
        pair.Alice.HangUp(alice);
        pair.Seconds(1);
        Assert.Equal(0, pair.Alice.CountSent("CANCEL"));
        Assert.Equal(1, pair.Alice.CountSent("BYE"));
        pair.AssertNothingLeft();
    }

    [Fact]
    public void A_cancelled_INVITE_that_never_ends_is_given_up_after_64_T1()
    {
        var pair = new Pair();
        pair.Network.Latency = TimeSpan.Zero;
        var alice = pair.Alice.Call(pair.Bob);
        pair.Seconds(1);
        pair.Network.Drop = (_, _) => true;
        pair.Alice.HangUp(alice);
        pair.Network.Run(TimeSpan.FromSeconds(32) - TimeSpan.FromTicks(1));
        Assert.Empty(pair.Alice.Ended);
        pair.Network.Run(TimeSpan.FromTicks(1));
        Assert.Equal(SipEndCause.LocalHangUp, pair.Alice.Ended[alice].Cause);
        pair.Network.Drop = null;
        pair.Bob.HangUp(pair.Bob.Calls[0]);
        pair.AssertNothingLeft();
    }

    [Fact]
    public void CANCEL_for_nothing_is_481()
    {
        var pair = new Pair();
        pair.Network.Inject(
            pair.Bob,
            """
            CANCEL sip:bob@192.0.2.2 SIP/2.0
            Via: SIP/2.0/UDP 192.0.2.9:5060;branch=z9hG4bKnothing
            Max-Forwards: 70
            From: <sip:x@192.0.2.9>;tag=1
            To: <sip:bob@192.0.2.2>
            Call-ID: nothing
            CSeq: 1 CANCEL
            Content-Length: 0


            """,
            new(System.Net.IPAddress.Parse("192.0.2.9"), 5060));
        Assert.Equal(["SIP/2.0 481 Call/Transaction Does Not Exist"], pair.Bob.Sent);
        pair.AssertNothingLeft();
    }
}
