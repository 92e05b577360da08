using System.Net;
using Sift.Protocols.Sip.UserAgent;

namespace Sift.Protocols.Tests.Sip.UserAgent;

public sealed class AdmissionTests
{
    private readonly Pair _pair = new();
    private readonly RawPeer _raw;

    public AdmissionTests()
    {
        _pair.Network.Drop = (_, _) => true;
        _raw = new(_pair.Network, _pair.Bob);
    }

    private Peer Bob => _pair.Bob;

    [Theory]
    [InlineData("REFER", 405, SipRefusal.MethodNotAllowed)]
    [InlineData("SUBSCRIBE", 405, SipRefusal.MethodNotAllowed)]
    [InlineData("NOTIFY", 405, SipRefusal.MethodNotAllowed)]
    [InlineData("MESSAGE", 405, SipRefusal.MethodNotAllowed)]
    [InlineData("BREW", 501, SipRefusal.MethodUnknown)]
    public void Methods_we_do_not_take_are_refused_with_Allow(string method, int status, SipRefusal refusal)
    {
        _raw.Request(method);
        Assert.Equal(status, _raw.LastResponse.StatusCode);
        Assert.Contains("INVITE", _raw.LastResponse.Headers.Get("Allow"), StringComparison.Ordinal);
        Assert.Equal([refusal], Bob.Refusals);
    }

    [Theory]
    [InlineData("Require: nosuch, 100rel, other\n", "offer", 420, SipRefusal.BadExtension)]
    [InlineData("Content-Type: text/plain\n", "hello", 415, SipRefusal.MediaType)]
    [InlineData("Content-Encoding: gzip\n", "offer", 415, SipRefusal.MediaType)]
    [InlineData("Accept: text/plain\n", "offer", 406, SipRefusal.NotAcceptable)]
    [InlineData("Supported: timer\nSession-Expires: 30\n", "offer", 422, SipRefusal.SessionIntervalTooSmall)]
    public void An_INVITE_we_cannot_serve_is_refused(string extra, string body, int status, SipRefusal refusal)
    {
        _raw.Request("INVITE", extra: extra, body: body);
        Assert.Equal(status, _raw.LastResponse.StatusCode);
        Assert.Equal([refusal], Bob.Refusals);
        Assert.Empty(Bob.Calls);
        if (status == 420)
        {
            Assert.Equal("nosuch, other", _raw.LastResponse.Headers.Get("Unsupported"));
        }
    }

    [Fact]
    public void A_header_of_thousands_of_extensions_costs_no_more_than_its_reading()
    {
        var tags = string.Join(',', Enumerable.Repeat("a", 3000));
        var extra = string.Concat(Enumerable.Repeat($"Require: {tags}\n", 5));
        _raw.Request("INVITE", extra: extra, body: "offer");

        var before = GC.GetAllocatedBytesForCurrentThread();
        _raw.Request("INVITE", extra: extra, body: "offer", callId: "again");

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 1, 2_000_000);
        Assert.Equal(420, _raw.LastResponse.StatusCode);
        Assert.Equal(16, _raw.LastResponse.Unsupported.Count);
    }

    [Fact]
    public void OPTIONS_tell_what_an_INVITE_would_meet()
    {
        _raw.Request("OPTIONS");
        Assert.Equal(200, _raw.LastResponse.StatusCode);
        Assert.True(_raw.LastResponse.Allows("INVITE"));
        Assert.True(_raw.LastResponse.Supports("100rel"));
        Assert.Equal("application/sdp", _raw.LastResponse.Headers.Get("Accept"));

        Bob.Agent.Draining = true;
        _raw.Request("OPTIONS", cseq: 2);
        Assert.Equal(503, _raw.LastResponse.StatusCode);
    }

    [Fact]
    public void Another_URI_scheme_is_416()
    {
        _raw.Request("INVITE", uri: "nobodyKnowsThisScheme:totallyopaquecontent", body: "offer");
        Assert.Equal(416, _raw.LastResponse.StatusCode);
    }

    [Fact]
    public void The_same_request_over_another_path_is_482()
    {
        _raw.Request("INVITE", body: "offer", branch: "path1");
        _raw.Request("INVITE", body: "offer", branch: "path2");
        Assert.Equal(482, _raw.LastResponse.StatusCode);
        Assert.Single(Bob.Calls);
        Assert.Equal([SipRefusal.Merged], Bob.Refusals);
        Assert.True(Bob.Answer(Bob.Calls[0]));
    }

    [Fact]
    public void Requests_of_no_dialog_are_481_and_a_stray_ACK_is_dropped()
    {
        _raw.Request("BYE", "gone");
        Assert.Equal(481, _raw.LastResponse.StatusCode);
        var sent = Bob.Sent.Count;
        _raw.Request("ACK", "gone");
        Assert.Equal(sent, Bob.Sent.Count);
        Assert.Equal([SipRefusal.UnknownDialog, SipRefusal.Stray], Bob.Refusals);
    }

    [Fact]
    public void A_draining_agent_refuses_calls_with_503_and_Retry_After()
    {
        Bob.Agent.Draining = true;
        _raw.Request("INVITE", body: "offer");
        Assert.Equal(503, _raw.LastResponse.StatusCode);
        Assert.NotNull(_raw.LastResponse.RetryAfter);
        Assert.Empty(Bob.Calls);
    }

    [Fact]
    public void REGISTER_is_the_hosts_to_answer_and_its_repetition_gets_the_same_answer()
    {
        Bob.WhenRequested = (id, request) => Assert.True(Bob.Agent.Respond(id, Bob.Agent.CreateResponse(request, 200), _pair.Network.Now, Bob));
        _raw.Request("REGISTER");
        _raw.Request("REGISTER");
        Assert.Equal(["request REGISTER"], Bob.Log);
        Assert.Equal(["SIP/2.0 200 OK", "SIP/2.0 200 OK"], Bob.Sent);
        _pair.AssertNothingLeft();
    }

    [Fact]
    public void A_request_the_host_never_answers_is_forgotten()
    {
        SipInboundRequestId asked = default;
        Bob.WhenRequested = (id, _) => asked = id;
        _raw.Request("REGISTER");
        _pair.AssertNothingLeft();
        Assert.False(Bob.Agent.Respond(asked, new(200, "OK"), _pair.Network.Now, Bob));
    }

    [Fact]
    public void Responses_go_to_the_source_with_rport_and_to_the_sent_by_port_without()
    {
        var source = new IPEndPoint(IPAddress.Parse("198.51.100.7"), 40_000);
        foreach (var (rport, port) in new[] { (";rport", 40_000), ("", 5070) })
        {
            IPEndPoint? to = null;
            var network = new SipNetwork();
            var peer = new Peer(network, Bob.Address, Pair.NoSessionTimer, 1);
            var listener = new Peer(network, new(source.Address, port), Pair.NoSessionTimer, 2);
            network.Inject(
                peer,
                $"""
                OPTIONS sip:bob@192.0.2.2 SIP/2.0
                Via: SIP/2.0/UDP 10.0.0.1:5070;branch=z9hG4bKnat{rport}
                Max-Forwards: 70
                From: <sip:x@10.0.0.1>;tag=1
                To: <sip:bob@192.0.2.2>
                Call-ID: nat
                CSeq: 1 BREW
                Content-Length: 0


                """,
                source);
            network.Run(TimeSpan.FromSeconds(1));
            to = listener.Address;
            Assert.Equal(400, Assert.IsType<Sift.Protocols.Sip.Messages.SipResponse>(peer.SentMessages[0]).StatusCode);
            Assert.Equal("198.51.100.7", peer.SentMessages[0].TopVia!.Received);
            Assert.Equal(rport.Length > 0 ? 40_000 : null, peer.SentMessages[0].TopVia!.Rport);
            Assert.Equal([SipRefusal.Stray], listener.Refusals);
            Assert.Equal(port, to.Port);
        }
    }

    [Fact]
    public void RFC_2543_requests_without_the_cookie_are_matched_by_their_fields()
    {
        var source = _raw.Address;
        for (var i = 0; i < 2; i++)
        {
            _pair.Network.Inject(
                Bob,
                """
                INVITE sip:bob@192.0.2.2 SIP/2.0
                Via: SIP/2.0/UDP 192.0.2.9
                From: <sip:old@192.0.2.9>;tag=1
                To: <sip:bob@192.0.2.2>
                Call-ID: old
                CSeq: 1 INVITE
                Contact: <sip:old@192.0.2.9>
                Content-Length: 0


                """,
                source);
        }

        Assert.Single(Bob.Calls);
        Bob.Reject(Bob.Calls[0], 486);
        var tag = _raw.LastResponse.To!.Tag;
        _pair.Network.Inject(
            Bob,
            $"""
            ACK sip:bob@192.0.2.2 SIP/2.0
            Via: SIP/2.0/UDP 192.0.2.9
            From: <sip:old@192.0.2.9>;tag=1
            To: <sip:bob@192.0.2.2>;tag={tag}
            Call-ID: old
            CSeq: 1 ACK
            Content-Length: 0


            """,
            source);
        var sent = Bob.Sent.Count;
        _pair.Seconds(10);
        Assert.Equal(sent, Bob.Sent.Count);
    }
}
