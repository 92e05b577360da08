using Sift.Protocols.Sip.UserAgent;

namespace Sift.Protocols.Tests.Sip.UserAgent;

public sealed class ReofferTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Either_side_changes_the_session(bool fromCaller)
    {
        var pair = new Pair();
        var (alice, bob) = pair.Connect();
        var (asking, answering, call) = fromCaller ? (pair.Alice, pair.Bob, alice) : (pair.Bob, pair.Alice, bob);
        answering.WhenReoffered = c => answering.AnswerReoffer(c, "held");
        Assert.True(asking.Reoffer(call, "hold"));
        pair.Seconds(2);
        Assert.Equal("hold"u8.ToArray(), answering.LastReoffer!.Body.ToArray());
        Assert.Equal("reoffer answered", asking.Log[^1]);

        // The ACK came: nothing is repeated.
        Assert.Equal(0, asking.SentMessages.Count(m => m is Sift.Protocols.Sip.Messages.SipRequest { Method: "ACK" }) - (fromCaller ? 2 : 1));
        pair.Alice.HangUp(alice);
        pair.AssertNothingLeft();
    }

    [Fact]
    public void A_refused_change_leaves_the_call_up()
    {
        var pair = new Pair();
        var (alice, _) = pair.Connect();
        pair.Bob.WhenReoffered = c => pair.Bob.Agent.RefuseReoffer(c, 488, pair.Network.Now, pair.Bob);
        pair.Alice.Reoffer(alice, "video");
        pair.Seconds(1);
        Assert.Equal("reoffer refused 488", pair.Alice.Log[^1]);
        Assert.Empty(pair.Alice.Ended);
        pair.Alice.HangUp(alice);
        pair.AssertNothingLeft();
    }

    [Fact]
    public void Changes_that_cross_get_491_and_are_both_made_in_the_end()
    {
        var pair = new Pair();
        var (alice, bob) = pair.Connect();
        pair.Alice.WhenReoffered = c => pair.Alice.AnswerReoffer(c, "ok a");
        pair.Bob.WhenReoffered = c => pair.Bob.AnswerReoffer(c, "ok b");
        pair.Alice.Reoffer(alice, "from a");
        pair.Bob.Reoffer(bob, "from b");
        pair.Network.Run(TimeSpan.FromMilliseconds(200));
        Assert.Equal(1, pair.Alice.CountSent("SIP/2.0 491"));
        Assert.Equal(1, pair.Bob.CountSent("SIP/2.0 491"));
        Assert.Contains(SipRefusal.Glare, pair.Alice.Refusals);

        // RFC 3261 14.1: the owner of the Call-ID waits at least 2.1 s, the other at most 2 s.
        pair.Network.Run(TimeSpan.FromMilliseconds(1850));
        Assert.Equal("from b"u8.ToArray(), pair.Alice.LastReoffer!.Body.ToArray());
        Assert.Null(pair.Bob.LastReoffer);
        pair.Seconds(2.5);
        Assert.Equal("from a"u8.ToArray(), pair.Bob.LastReoffer!.Body.ToArray());
        Assert.Equal("reoffer answered", pair.Alice.Log[^1]);
        Assert.DoesNotContain(pair.Alice.Log, l => l.StartsWith("reoffer refused", StringComparison.Ordinal));
        pair.Alice.HangUp(alice);
        pair.AssertNothingLeft();
    }

    [Fact]
    public void A_second_offer_while_one_is_open_waits_and_the_newest_counts()
    {
        var pair = new Pair();
        var (alice, _) = pair.Connect();
        var seen = new List<string>();
        pair.Bob.WhenReoffered = c =>
        {
            seen.Add(System.Text.Encoding.UTF8.GetString(pair.Bob.LastReoffer!.Body.Span));
            pair.Bob.AnswerReoffer(c, "ok");
        };
        pair.Alice.Reoffer(alice, "one");
        pair.Alice.Reoffer(alice, "two");
        pair.Alice.Reoffer(alice, "three");
        pair.Seconds(2);
        Assert.Equal(["one", "three"], seen);
    }

    [Fact]
    public void An_offerless_re_INVITE_gets_our_offer_and_its_answer_comes_in_the_ACK()
    {
        var (pair, raw, tag) = RawCall();
        pair.Bob.WhenReoffered = c => pair.Bob.AnswerReoffer(c, "our offer");
        raw.Request("INVITE", tag, 2);
        Assert.Equal("our offer"u8.ToArray(), raw.LastResponse.Body.ToArray());
        raw.Request("ACK", tag, 2, body: "their answer");
        Assert.Equal("their answer"u8.ToArray(), pair.Bob.LastAcknowledgement.ToArray());
    }

    [Fact]
    public void UPDATE_with_an_offer_is_answered_in_its_200()
    {
        var (pair, raw, tag) = RawCall();
        pair.Bob.WhenReoffered = c => pair.Bob.AnswerReoffer(c, "fine");
        raw.Request("UPDATE", tag, 2, body: "hold", contact: "<sip:moved@192.0.2.77>");
        Assert.Equal("fine"u8.ToArray(), raw.LastResponse.Body.ToArray());

        // RFC 3311: UPDATE refreshes the remote target.
        pair.Bob.HangUp(pair.Bob.Calls[0]);
        Assert.Equal("sip:moved@192.0.2.77", raw.LastRequest("BYE").RequestUri.ToString());
    }

    [Fact]
    public void A_change_while_the_host_thinks_about_the_last_is_500_with_Retry_After()
    {
        var (pair, raw, tag) = RawCall();
        raw.Request("INVITE", tag, 2, body: "one");
        raw.Request("UPDATE", tag, 3, body: "two");
        Assert.Equal(500, raw.LastResponse.StatusCode);
        Assert.InRange(raw.LastResponse.RetryAfter!.Value.Seconds, 0u, 10u);
        Assert.Contains(SipRefusal.OutOfOrder, pair.Bob.Refusals);
    }

    [Fact]
    public void A_lower_CSeq_is_500_and_an_unknown_dialog_481()
    {
        var (pair, raw, tag) = RawCall();
        raw.Request("INFO", tag, 10);
        Assert.Equal(200, raw.LastResponse.StatusCode);
        raw.Request("INFO", tag, 9);
        Assert.Equal(500, raw.LastResponse.StatusCode);
        raw.Request("INFO", "other", 11);
        Assert.Equal(481, raw.LastResponse.StatusCode);
        raw.Request("BYE", tag, 12, fromTag: "stranger");
        Assert.Equal(481, raw.LastResponse.StatusCode);
        Assert.Empty(pair.Bob.Ended);
    }

    [Fact]
    public void BYE_while_a_change_is_open_answers_it_with_487()
    {
        var (pair, raw, tag) = RawCall();
        raw.Request("INVITE", tag, 2, body: "one");
        raw.Request("BYE", tag, 3);
        Assert.Equal(["SIP/2.0 200 OK", "SIP/2.0 487 Request Terminated"], pair.Bob.Sent.TakeLast(2));
        Assert.Equal(SipEndCause.RemoteHangUp, pair.Bob.Ended[pair.Bob.Calls[0]].Cause);
    }

    [Fact]
    public void A_481_to_our_change_ends_the_call()
    {
        var (pair, raw, _) = RawCall();
        pair.Bob.Reoffer(pair.Bob.Calls[0], "hold");
        raw.Respond("INVITE", 481);
        Assert.Equal(SipEndCause.DialogLost, pair.Bob.Ended[pair.Bob.Calls[0]].Cause);
    }

    [Fact]
    public void A_re_INVITE_that_rings_without_end_is_given_up()
    {
        var (pair, raw, _) = RawCall();
        pair.Bob.Reoffer(pair.Bob.Calls[0], "hold");
        raw.Respond("INVITE", 100);
        pair.Network.Run(TimeSpan.FromSeconds(64) - TimeSpan.FromTicks(1));
        Assert.Empty(pair.Bob.Ended);
        pair.Network.Run(TimeSpan.FromTicks(1));
        Assert.Equal(SipEndCause.DialogLost, pair.Bob.Ended[pair.Bob.Calls[0]].Cause);
        pair.AssertNothingLeft();
    }

    [Fact]
    public void A_peer_that_takes_no_UPDATE_is_refreshed_by_re_INVITE()
    {
        var pair = new Pair(new() { SessionExpires = TimeSpan.FromSeconds(120) });
        pair.Network.Drop = (_, _) => true;
        var raw = new RawPeer(pair.Network, pair.Alice);
        pair.Alice.Call(pair.Bob);
        raw.Respond("INVITE", 200, extra: "Session-Expires: 120;refresher=uac\nAllow: INVITE, UPDATE");
        pair.Seconds(60);
        raw.Respond("UPDATE", 405);
        Assert.Equal("offer"u8.ToArray(), raw.LastRequest("INVITE").Body.ToArray());
        Assert.Equal(2, pair.Alice.SentMessages.OfType<Sift.Protocols.Sip.Messages.SipRequest>().Where(r => r.Method == "INVITE").Select(r => r.CSeq).Distinct().Count());
    }

    [Fact]
    public void INFO_digits_reach_the_host_and_other_INFO_is_415()
    {
        var (pair, raw, tag) = RawCall();
        raw.Request("INFO", tag, 2, extra: "Content-Type: application/dtmf-relay\n", body: "Signal=5\r\nDuration=160\r\n");
        Assert.Equal("Signal=5\r\nDuration=160\r\n"u8.ToArray(), pair.Bob.LastInfo!.Body.ToArray());
        raw.Request("INFO", tag, 3, extra: "Content-Type: text/plain\n", body: "hello");
        Assert.Equal(415, raw.LastResponse.StatusCode);
        Assert.Contains("application/dtmf", raw.LastResponse.Headers.Get("Accept"), StringComparison.Ordinal);
        Assert.Equal(1, pair.Bob.Log.Count(l => l == "info"));
    }

    [Fact]
    public void A_restored_dialog_goes_on_in_a_new_process()
    {
        var pair = new Pair(new() { SessionExpires = TimeSpan.FromSeconds(180) });
        var (alice, bob) = pair.Connect();
        var snapshot = pair.Bob.Agent.Snapshot(bob, pair.Network.Now);
        Assert.NotNull(snapshot);
        var json = System.Text.Json.JsonSerializer.Serialize(snapshot);
        var flow = pair.Bob.Agent.FlowOf(bob)!.Value;
        pair.Network.Detach(pair.Bob);
        var reborn = new Peer(pair.Network, pair.Bob.Address, Pair.NoSessionTimer, 99);
        var call = reborn.Agent.Restore(System.Text.Json.JsonSerializer.Deserialize<Sift.Protocols.Sip.Dialogs.SipDialogSnapshot>(json)!, flow, pair.Network.Now);
        Assert.NotNull(call);
        Assert.Null(reborn.Agent.Restore(snapshot, flow, pair.Network.Now));
        reborn.WhenReoffered = c => reborn.AnswerReoffer(c, "restored");
        pair.Alice.Reoffer(alice, "again");
        pair.Seconds(2);
        Assert.Equal("reoffer answered", pair.Alice.Log[^1]);
        pair.Seconds(100);
        Assert.Equal(1, pair.Alice.CountSent("UPDATE"));
        reborn.HangUp(call.Value);
        pair.Seconds(1);
        Assert.Equal(SipEndCause.RemoteHangUp, pair.Alice.Ended[alice].Cause);
    }

    private static (Pair Pair, RawPeer Raw, string Tag) RawCall()
    {
        var pair = new Pair();
        pair.Network.Drop = (_, _) => true;
        var raw = new RawPeer(pair.Network, pair.Bob);
        pair.Bob.WhenCalled = call => pair.Bob.Answer(call);
        raw.Request("INVITE", body: "offer");
        var tag = raw.LastResponse.To!.Tag!;
        raw.Request("ACK", tag);
        Assert.Equal("acknowledged", pair.Bob.Log[^1]);
        return (pair, raw, tag);
    }
}
