using Sift.Protocols.Sip.UserAgent;

namespace Sift.Protocols.Tests.Sip.UserAgent;

/// <summary>RFC 4028.</summary>
public sealed class SessionTimerTests
{
    private static readonly SipUserAgentOptions Timed = new() { SessionExpires = TimeSpan.FromSeconds(180) };

    [Fact]
    public void The_caller_refreshes_by_UPDATE_at_half_time()
    {
        var pair = new Pair(Timed, Timed);
        pair.Connect();
        Assert.Equal("180;refresher=uac", pair.Alice.LastAnswer!.Headers.Get("Session-Expires"));
        pair.Seconds(88);
        Assert.Equal(0, pair.Alice.CountSent("UPDATE"));
        pair.Seconds(600);
        Assert.InRange(pair.Alice.CountSent("UPDATE"), 7, 8);
        Assert.Equal(0, pair.Bob.CountSent("UPDATE"));
        Assert.Empty(pair.Alice.Ended);
        Assert.Empty(pair.Bob.Ended);
        Assert.DoesNotContain(pair.Bob.Log, l => l.StartsWith("reoffer", StringComparison.Ordinal));
    }

    [Fact]
    public void Without_refreshes_the_other_side_hangs_up_before_the_end()
    {
        var pair = new Pair(Timed, Timed);
        pair.Network.Latency = TimeSpan.Zero;
        pair.Connect();
        pair.Network.Drop = (_, from) => from == pair.Alice;
        pair.Seconds(146);
        Assert.Empty(pair.Bob.Ended);
        pair.Seconds(2);
        Assert.Equal(SipEndCause.SessionExpired, Assert.Single(pair.Bob.Ended).Value.Cause);
        Assert.StartsWith("BYE", pair.Bob.Sent[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void A_refresher_whose_UPDATE_gets_no_answer_ends_the_call()
    {
        var pair = new Pair(Timed, Timed);
        var (alice, _) = pair.Connect();
        pair.Network.Drop = (_, from) => from == pair.Bob;
        pair.Seconds(125);
        Assert.Equal(SipEndCause.DialogLost, pair.Alice.Ended[alice].Cause);
    }

    [Fact]
    public void A_too_small_interval_is_422_and_asked_again_with_the_minimum()
    {
        var pair = new Pair(new() { SessionExpires = TimeSpan.FromSeconds(100) }, new() { SessionExpires = null, MinimumSessionExpires = TimeSpan.FromSeconds(300) });
        pair.Connect();
        Assert.Equal(["422", "200"], pair.Bob.Sent.Select(s => s.Split(' ')[1]));
        Assert.Equal("300;refresher=uac", pair.Alice.LastAnswer!.Headers.Get("Session-Expires"));
        Assert.Contains(SipRefusal.SessionIntervalTooSmall, pair.Bob.Refusals);
    }

    [Fact]
    public void A_caller_without_support_is_refreshed_by_us()
    {
        var pair = new Pair(bob: Timed);
        var raw = new RawPeer(pair.Network, pair.Bob);
        pair.Bob.WhenCalled = call => pair.Bob.Answer(call, "our answer");
        raw.Request("INVITE", extra: "Session-Expires: 120\nAllow: INVITE, ACK, BYE\n", body: "offer");
        var answer = raw.LastResponse;
        Assert.Equal("120;refresher=uas", answer.Headers.Get("Session-Expires"));
        Assert.Null(answer.Headers.Get("Require"));
        raw.Request("ACK", answer.To!.Tag!);

        // No UPDATE in their Allow: the same offer again by re-INVITE.
        pair.Seconds(61);
        var refresh = raw.LastRequest("INVITE");
        Assert.Equal("our answer"u8.ToArray(), refresh.Body.ToArray());
        Assert.Equal("120;refresher=uac", refresh.Headers.Get("Session-Expires"));
    }
}
