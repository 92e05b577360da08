using Sift.Protocols.Sip.Authentication;
using Sift.Protocols.Sip.Messages;
using Sift.Protocols.Sip.UserAgent;

namespace Sift.Protocols.Tests.Sip.UserAgent;

public sealed class DigestTests
{
    private const string Challenge = "Digest realm=\"sift\", nonce=\"abc\", algorithm=MD5, qop=\"auth\"";

    [Theory]
    [InlineData(401, "WWW-Authenticate", "Authorization")]
    [InlineData(407, "Proxy-Authenticate", "Proxy-Authorization")]
    public void A_challenged_INVITE_is_sent_again_with_credentials(int status, string asked, string given)
    {
        var pair = new Pair();
        pair.Bob.WhenCalled = call =>
        {
            if (pair.Bob.Invites[^1].Headers.Contains(given))
            {
                pair.Bob.Answer(call);
            }
            else
            {
                pair.Bob.Reject(call, status, new KeyValuePair<string, string>(asked, Challenge));
            }
        };
        var call = pair.Alice.Call(pair.Bob, credentials: new("alice", "secret"));
        pair.Seconds(1);
        var (first, second) = (pair.Bob.Invites[0], pair.Bob.Invites[1]);
        Assert.True(DigestCredentials.TryParse(second.Headers.Get(given), out var credentials));
        Assert.Equal("alice", credentials.UserName);
        Assert.Equal(first.CallId, second.CallId);
        Assert.Equal(first.From!.Tag, second.From!.Tag);
        Assert.Equal(first.CSeq!.Value.Number + 1, second.CSeq!.Value.Number);
        Assert.NotEqual(first.TopVia!.Branch, second.TopVia!.Branch);
        Assert.Equal(["answered"], pair.Alice.Log);
        pair.Alice.HangUp(call);
        pair.AssertNothingLeft();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Wrong_or_no_credentials_end_the_call_with_the_401(bool credentials)
    {
        var pair = new Pair();
        pair.Bob.WhenCalled = call => pair.Bob.Reject(call, 401, new KeyValuePair<string, string>("WWW-Authenticate", Challenge));
        var call = pair.Alice.Call(pair.Bob, credentials: credentials ? new("alice", "wrong") : null);
        pair.Seconds(1);
        Assert.Equal(401, pair.Alice.Ended[call].Status);
        Assert.Equal(credentials ? 2 : 1, pair.Alice.CountSent("INVITE"));
        pair.AssertNothingLeft();
    }

    [Fact]
    public void A_challenged_REGISTER_is_sent_again_once()
    {
        var pair = new Pair();
        pair.Bob.WhenRequested = (id, request) =>
        {
            var response = pair.Bob.Agent.CreateResponse(request, request.Headers.Contains("Authorization") ? 200 : 401);
            if (response.StatusCode == 401)
            {
                response.Headers.Add("WWW-Authenticate", Challenge);
            }

            pair.Bob.Agent.Respond(id, response, pair.Network.Now, pair.Bob);
        };
        Assert.True(SipUri.TryParse("sip:192.0.2.2", out var registrar));
        var register = new SipRequest("REGISTER", registrar);
        register.Headers.Add("From", "<sip:alice@192.0.2.2>");
        register.Headers.Add("To", "<sip:alice@192.0.2.2>");
        pair.Alice.Agent.Request(register, pair.Alice.FlowTo(pair.Bob), new("alice", "secret"), pair.Network.Now, pair.Alice);
        pair.Seconds(1);
        Assert.Equal(200, Assert.Single(pair.Alice.Responses)!.StatusCode);
        Assert.Equal(2, pair.Alice.CountSent("REGISTER"));
        Assert.Single(pair.Alice.SentMessages[1].Vias);
        pair.AssertNothingLeft();
    }

    [Fact]
    public void A_request_nobody_answers_is_reported_after_timer_F()
    {
        var pair = new Pair();
        pair.Network.Drop = (_, _) => true;
        Assert.True(SipUri.TryParse("sip:192.0.2.2", out var uri));
        var options = new SipRequest("OPTIONS", uri);
        options.Headers.Add("From", "<sip:alice@192.0.2.1>");
        options.Headers.Add("To", "<sip:192.0.2.2>");
        pair.Alice.Agent.Request(options, pair.Alice.FlowTo(pair.Bob), null, pair.Network.Now, pair.Alice);
        pair.Network.Run(TimeSpan.FromSeconds(32) - TimeSpan.FromTicks(1));
        Assert.Empty(pair.Alice.Responses);
        pair.Network.Run(TimeSpan.FromTicks(1));
        Assert.Null(Assert.Single(pair.Alice.Responses));

        // T1 doubling to T2: 0, 0.5, 1.5, 3.5, 7.5, 11.5 … 31.5.
        Assert.Equal(11, pair.Alice.CountSent("OPTIONS"));
        pair.AssertNothingLeft();
    }
}
