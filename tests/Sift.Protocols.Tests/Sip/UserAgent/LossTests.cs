using Sift.Protocols.Sip.UserAgent;

namespace Sift.Protocols.Tests.Sip.UserAgent;

public sealed class LossTests
{
    [Fact]
    public void A_lost_ACK_is_sent_again_for_each_repeated_200()
    {
        var pair = new Pair();
        var lost = 0;
        pair.Network.Drop = (text, _) => text.StartsWith("ACK", StringComparison.Ordinal) && lost++ < 3;
        pair.Bob.WhenCalled = call => pair.Bob.Answer(call);
        pair.Alice.Call(pair.Bob);
        pair.Seconds(10);
        Assert.Equal(4, pair.Alice.CountSent("ACK"));
        Assert.Equal(4, pair.Bob.CountSent("SIP/2.0 200"));
        Assert.Equal(["answered"], pair.Alice.Log);
        Assert.Equal(["call", "acknowledged"], pair.Bob.Log);
    }

    [Fact]
    public void Without_any_ACK_the_callee_gives_up_after_64_T1_with_a_BYE()
    {
        var pair = new Pair();
        pair.Network.Latency = TimeSpan.Zero;
        pair.Network.Drop = (text, _) => text.StartsWith("ACK", StringComparison.Ordinal);
        pair.Bob.WhenCalled = call => pair.Bob.Answer(call);
        var alice = pair.Alice.Call(pair.Bob);
        pair.Network.Run(TimeSpan.FromSeconds(32) - TimeSpan.FromTicks(1));
        Assert.Empty(pair.Bob.Ended);
        pair.Network.Run(TimeSpan.FromTicks(1));
        Assert.Equal(SipEndCause.Timeout, Assert.Single(pair.Bob.Ended).Value.Cause);

        // T1 doubling to T2: 0.5, 1.5, 3.5, 7.5, then every 4 s.
        Assert.Equal(11, pair.Bob.CountSent("SIP/2.0 200 OK"));
        pair.Seconds(1);
        Assert.Equal(SipEndCause.RemoteHangUp, pair.Alice.Ended[alice].Cause);
        pair.AssertNothingLeft();
    }

    [Fact]
    public void A_lost_200_is_repeated_until_it_is_acknowledged()
    {
        var pair = new Pair();
        var lost = 0;
        pair.Network.Drop = (text, _) => text.StartsWith("SIP/2.0 200", StringComparison.Ordinal) && lost++ < 2;
        pair.Bob.WhenCalled = call => pair.Bob.Answer(call);
        pair.Alice.Call(pair.Bob);
        pair.Seconds(5);
        Assert.Equal(3, pair.Bob.CountSent("SIP/2.0 200"));
        Assert.Equal(["answered"], pair.Alice.Log);
    }

    [Fact]
    public void Doubled_INVITEs_make_one_call()
    {
        var pair = new Pair();
        pair.Network.DoublePercent = 100;
        pair.Bob.WhenCalled = call => pair.Bob.Answer(call);
        var alice = pair.Alice.Call(pair.Bob);
        pair.Seconds(1);
        Assert.Single(pair.Bob.Calls);
        Assert.Equal(["answered"], pair.Alice.Log);
        pair.Alice.HangUp(alice);
        pair.AssertNothingLeft();
        Assert.Equal(SipEndCause.RemoteHangUp, Assert.Single(pair.Bob.Ended).Value.Cause);
    }

    [Fact]
    public void A_lost_INVITE_is_repeated_after_T1_and_not_after_the_100()
    {
        var pair = new Pair();
        var first = true;
        pair.Network.Drop = (text, _) => text.StartsWith("INVITE", StringComparison.Ordinal) && first && !(first = false);
        pair.Alice.Call(pair.Bob);
        pair.Network.Run(TimeSpan.FromMilliseconds(499));
        Assert.Equal(1, pair.Alice.CountSent("INVITE"));
        pair.Seconds(30);
        Assert.Equal(2, pair.Alice.CountSent("INVITE"));
        Assert.Single(pair.Bob.Calls);
    }

    [Fact]
    public void A_lost_BYE_is_repeated()
    {
        var pair = new Pair();
        var (alice, bob) = pair.Connect();
        var lost = 0;
        pair.Network.Drop = (text, _) => text.StartsWith("BYE", StringComparison.Ordinal) && lost++ < 2;
        pair.Alice.HangUp(alice);
        Assert.Equal(SipEndCause.LocalHangUp, pair.Alice.Ended[alice].Cause);
        pair.Seconds(5);
        Assert.Equal(3, pair.Alice.CountSent("BYE"));
        Assert.Equal(SipEndCause.RemoteHangUp, pair.Bob.Ended[bob].Cause);
        pair.AssertNothingLeft();
    }

    [Fact]
    public void A_refusal_is_repeated_until_its_ACK_comes()
    {
        var pair = new Pair();
        var lost = 0;
        pair.Network.Drop = (text, _) => text.StartsWith("ACK", StringComparison.Ordinal) && lost++ < 2;
        pair.Bob.WhenCalled = call =>
        {
            pair.Bob.Ring(call);
            pair.Bob.Reject(call, 486);
        };
        pair.Alice.Call(pair.Bob);
        pair.Seconds(10);
        Assert.Equal(3, pair.Bob.CountSent("SIP/2.0 486"));
        Assert.Equal(3, pair.Alice.CountSent("ACK"));
        pair.AssertNothingLeft();
    }

    [Fact]
    public void A_refusal_at_once_goes_out_once_for_each_INVITE_and_never_by_itself()
    {
        var pair = new Pair();
        var raw = new RawPeer(pair.Network, pair.Bob);
        pair.Bob.WhenCalled = call => pair.Bob.Reject(call, 401);
        raw.Request("INVITE", body: "offer");
        pair.Seconds(20);
        Assert.Equal(["SIP/2.0 401 Unauthorized"], pair.Bob.Sent);

        raw.Request("INVITE", body: "offer");
        Assert.Equal(2, pair.Bob.CountSent("SIP/2.0 401"));
        pair.AssertNothingLeft();
    }

    [Fact]
    public void A_lost_refusal_is_fetched_by_the_next_INVITE()
    {
        var pair = new Pair();
        var lost = 0;
        pair.Network.Drop = (text, _) => text.StartsWith("SIP/2.0 486", StringComparison.Ordinal) && lost++ < 2;
        pair.Bob.WhenCalled = call => pair.Bob.Reject(call, 486);
        var alice = pair.Alice.Call(pair.Bob);
        pair.Seconds(5);
        Assert.Equal(486, pair.Alice.Ended[alice].Status);
        pair.AssertNothingLeft();
    }

    [Fact]
    public void Hanging_up_before_the_ACK_waits_for_it()
    {
        var pair = new Pair();
        var hold = true;
        pair.Network.Drop = (text, _) => hold && text.StartsWith("ACK", StringComparison.Ordinal);
        pair.Bob.WhenCalled = call => pair.Bob.Answer(call);
        var alice = pair.Alice.Call(pair.Bob);
        pair.Network.Run(TimeSpan.FromMilliseconds(100));
        Assert.True(pair.Bob.HangUp(pair.Bob.Calls[0]));
        pair.Network.Run(TimeSpan.FromMilliseconds(100));
        Assert.Equal(0, pair.Bob.CountSent("BYE"));
        hold = false;
        pair.Seconds(1);
        Assert.Equal(1, pair.Bob.CountSent("BYE"));
        Assert.Equal(SipEndCause.LocalHangUp, pair.Bob.Ended[pair.Bob.Calls[0]].Cause);
        Assert.Equal(SipEndCause.RemoteHangUp, pair.Alice.Ended[alice].Cause);
        pair.AssertNothingLeft();
    }
}
