using Sift.Protocols.Sip.UserAgent;

namespace Sift.Protocols.Tests.Sip.UserAgent;

/// <summary>RFC 3262.</summary>
public sealed class ReliableProvisionalTests
{
    private static readonly SipUserAgentOptions Eager = Pair.NoSessionTimer with { ReliableProvisionals = SipReliability.WhenSupported };

    [Fact]
    public void A_reliable_183_is_acknowledged_by_PRACK_before_the_200_goes_out()
    {
        var pair = new Pair(bob: Eager);
        pair.Bob.WhenCalled = call =>
        {
            pair.Bob.Ring(call, 183, "early answer");
            pair.Bob.Answer(call, "");
        };
        var alice = pair.Alice.Call(pair.Bob);
        pair.Seconds(1);
        Assert.Equal(["INVITE", "PRACK", "ACK"], pair.Alice.Sent.Select(s => s.Split(' ')[0]));
        Assert.Equal(["183", "200", "200"], pair.Bob.Sent.Select(s => s.Split(' ')[1]));
        Assert.Equal("PRACK", pair.Bob.SentMessages[1].CSeq!.Value.Method);
        pair.Alice.HangUp(alice);
        pair.AssertNothingLeft();
    }

    [Fact]
    public void A_call_that_rings_on_after_its_PRACK_says_so_every_minute()
    {
        var pair = new Pair(bob: Eager);
        pair.Bob.WhenCalled = call => pair.Bob.Ring(call);
        pair.Alice.Call(pair.Bob);
        pair.Seconds(59);
        Assert.Equal(1, pair.Bob.CountSent("SIP/2.0 180"));

        pair.Seconds(2);

        Assert.Equal(2, pair.Bob.CountSent("SIP/2.0 180"));
        Assert.Equal(2, pair.Alice.CountSent("PRACK"));
    }

    [Fact]
    public void A_reliable_provisional_is_repeated_until_PRACK_and_reported_once()
    {
        var pair = new Pair(bob: Eager);
        var lost = 0;
        pair.Network.Drop = (text, _) => text.StartsWith("SIP/2.0 183", StringComparison.Ordinal) && lost++ < 2;
        pair.Network.DoublePercent = 100;
        pair.Bob.WhenCalled = call => pair.Bob.Ring(call, 183, "early answer");
        pair.Alice.Call(pair.Bob);
        pair.Seconds(5);
        Assert.Equal(["provisional 183"], pair.Alice.Log);
        Assert.Equal(1, pair.Alice.CountSent("PRACK"));
    }

    [Fact]
    public void Several_reliable_provisionals_go_one_after_another_in_order()
    {
        var pair = new Pair(bob: Eager);
        pair.Bob.WhenCalled = call =>
        {
            pair.Bob.Ring(call, 183, "early answer");
            pair.Bob.Ring(call, 180);
        };
        pair.Alice.Call(pair.Bob);
        pair.Seconds(1);
        Assert.Equal(["provisional 183", "provisional 180"], pair.Alice.Log);
        Assert.Equal(2, pair.Alice.CountSent("PRACK"));
        var numbers = pair.Bob.SentMessages.Where(m => m.RSeq is not null).Select(m => m.RSeq!.Value).ToArray();
        Assert.Equal(numbers[0] + 1, numbers[1]);
    }

    [Fact]
    public void Without_PRACK_the_call_is_refused_with_504_after_64_T1()
    {
        var pair = new Pair(bob: Eager);
        pair.Network.Latency = TimeSpan.Zero;
        pair.Network.Drop = (text, _) => text.StartsWith("PRACK", StringComparison.Ordinal);
        pair.Bob.WhenCalled = call => pair.Bob.Ring(call, 183, "early answer");
        var alice = pair.Alice.Call(pair.Bob);
        pair.Network.Run(TimeSpan.FromSeconds(32) - TimeSpan.FromTicks(1));
        Assert.Empty(pair.Bob.Ended);
        pair.Network.Run(TimeSpan.FromTicks(1));
        Assert.Equal(SipEndCause.Timeout, Assert.Single(pair.Bob.Ended).Value.Cause);
        pair.Seconds(1);
        Assert.Equal(504, pair.Alice.Ended[alice].Status);
        pair.AssertNothingLeft();
    }

    [Theory]
    [InlineData(SipReliability.Never, "SIP/2.0 420 Bad Extension")]
    [InlineData(SipReliability.WhenRequired, "SIP/2.0 100 Trying")]
    public void Require_100rel_is_met_or_refused(SipReliability policy, string response)
    {
        var pair = new Pair(bob: Eager with { ReliableProvisionals = policy });
        var raw = new RawPeer(pair.Network, pair.Bob);
        raw.Request("INVITE", extra: "Require: 100rel\n", body: "offer");
        Assert.Equal(response, pair.Bob.Sent[0]);
        if (policy == SipReliability.Never)
        {
            Assert.Equal("100rel", raw.LastResponse.Headers.Get("Unsupported"));
        }
    }

    [Fact]
    public void UPDATE_changes_early_media_before_the_answer()
    {
        var pair = new Pair(bob: Eager);
        pair.Bob.WhenCalled = call => pair.Bob.Ring(call, 183, "early answer");
        pair.Bob.WhenReoffered = call => pair.Bob.AnswerReoffer(call, "changed");
        var alice = pair.Alice.Call(pair.Bob);
        pair.Seconds(1);
        Assert.True(pair.Alice.Reoffer(alice, "moved"));
        pair.Seconds(1);
        Assert.Equal(["provisional 183", "reoffer answered"], pair.Alice.Log);
        Assert.Equal("UPDATE", pair.Bob.LastReoffer!.Method);
        Assert.Equal("moved"u8.ToArray(), pair.Bob.LastReoffer.Body.ToArray());
        pair.Bob.Answer(pair.Bob.Calls[0], "");
        pair.Seconds(1);
        Assert.Equal("answered", pair.Alice.Log[^1]);
        pair.Alice.HangUp(alice);
        pair.AssertNothingLeft();
    }

    [Fact]
    public void An_offer_in_PRACK_is_answered_in_its_200()
    {
        var pair = new Pair(bob: Eager);
        var raw = new RawPeer(pair.Network, pair.Bob);
        pair.Bob.WhenReoffered = call => pair.Bob.AnswerReoffer(call, "second answer");
        raw.Request("INVITE", extra: "Supported: 100rel\n", body: "offer");
        pair.Bob.Ring(pair.Bob.Calls[0], 183, "first answer");
        var provisional = raw.LastResponse;
        raw.Request("PRACK", provisional.To!.Tag!, 2, extra: $"RAck: {provisional.RSeq} 1 INVITE\n", body: "second offer");
        Assert.Equal("PRACK", raw.LastResponse.CSeq!.Value.Method);
        Assert.Equal("second answer"u8.ToArray(), raw.LastResponse.Body.ToArray());
    }

    [Fact]
    public void PRACK_with_a_wrong_number_is_481()
    {
        var pair = new Pair(bob: Eager);
        var raw = new RawPeer(pair.Network, pair.Bob);
        raw.Request("INVITE", extra: "Supported: 100rel\n", body: "offer");
        pair.Bob.Ring(pair.Bob.Calls[0], 183, "early");
        var provisional = raw.LastResponse;
        raw.Request("PRACK", provisional.To!.Tag!, 2, extra: $"RAck: {provisional.RSeq + 1} 1 INVITE\n");
        Assert.Equal(481, raw.LastResponse.StatusCode);
        raw.Request("PRACK", provisional.To!.Tag!, 3, extra: $"RAck: {provisional.RSeq} 1 INVITE\n");
        Assert.Equal(200, raw.LastResponse.StatusCode);
    }
}
