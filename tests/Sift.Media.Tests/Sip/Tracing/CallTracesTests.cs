using Sift.Media.Legs;
using Sift.Media.Sip.Tracing;
using Sift.Media.Sip.Trunks;
using Sift.Protocols.Sip.Transactions;

namespace Sift.Media.Tests.Sip.Tracing;

public sealed class CallTracesTests : IDisposable
{
    private readonly SipWorld _world = new(options => options.Trunks.Add(new TrunkOptions { Name = "carrier", Host = "198.51.100.7", KeepAliveInterval = TimeSpan.Zero }));

    private readonly SipFlow _carrier = SipText.Udp("198.51.100.7:5060");

    public void Dispose() => _world.Dispose();

    [Fact]
    public void An_incoming_call_is_kept_message_by_message_in_both_directions()
    {
        Receive("call-7", _carrier);
        var leg = _world.Next<LegIncoming>().Leg;
        _world.Post(new RejectLeg(leg, LegEndCause.Busy));

        var trace = _world.Traces.Find(leg)!;

        Assert.Equal(["INVITE", "100 Trying", "486 Busy Here"], trace.Messages.Select(message => FirstLine(message.Text)));
        Assert.Equal([true, false, false], trace.Messages.Select(message => message.Received));
        Assert.All(trace.Messages, message => Assert.Equal("198.51.100.7:5060", message.Remote));
    }

    [Fact]
    public void A_call_that_is_placed_belongs_to_its_leg()
    {
        var leg = new LegId("00000000000000aa");
        _world.Post(new DialLeg(leg, "+15550001111", null, TimeSpan.FromSeconds(30), []));

        var message = Assert.Single(_world.Traces.Find(leg)!.Messages);

        Assert.False(message.Received);
        Assert.StartsWith("INVITE sip:+15550001111@", message.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_call_that_is_refused_before_it_is_a_leg_says_why()
    {
        Receive("call-8", SipText.Udp("203.0.113.9:5060"));

        var refused = Assert.Single(_world.Traces.Refused);

        Assert.Equal((403, "call-8"), (refused.Status, refused.CallId));
        Assert.Contains("unknown source", refused.Reason, StringComparison.Ordinal);
        Assert.StartsWith("INVITE", refused.Messages[0].Text, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_taken_is_forgotten()
    {
        Receive("call-9", _carrier);
        var leg = _world.Next<LegIncoming>().Leg;

        Assert.NotNull(_world.Traces.Take(leg));

        Assert.Null(_world.Traces.Find(leg));
    }

    [Fact]
    public void The_oldest_calls_go_when_there_are_too_many_and_a_long_call_keeps_its_first_messages()
    {
        var traces = new CallTraces(TimeProvider.System);
        var remote = _carrier.Remote;
        for (var call = 0; call <= CallTraces.MostCalls; call++)
        {
            traces.OnMessage("UDP", remote, true, Invite($"c{call}"));
            traces.OnLeg($"c{call}", new LegId($"{call:x16}"));
        }

        Assert.Null(traces.Find(new LegId($"{0:x16}")));
        var last = new LegId($"{CallTraces.MostCalls:x16}");
        for (var i = 0; i < 100; i++)
        {
            traces.OnMessage("UDP", remote, false, Invite($"c{CallTraces.MostCalls}"));
        }

        var trace = traces.Find(last)!;
        Assert.Equal((CallTraces.MostMessages, 101 - CallTraces.MostMessages), (trace.Messages.Count, trace.Dropped));
        Assert.True(trace.Messages[0].Received);
    }

    [Fact]
    public void Registrations_and_probes_are_not_kept()
    {
        var traces = new CallTraces(TimeProvider.System);
        traces.OnMessage("UDP", _carrier.Remote, true, "OPTIONS sip:a SIP/2.0\r\ni: probe\r\n\r\n"u8);
        traces.OnLeg("probe", new LegId("1"));
        Assert.Null(traces.Find(new LegId("1")));
    }

    [Theory]
    [InlineData("INVITE sip:a SIP/2.0\r\nVia: x\r\nCall-ID: abc@host\r\n\r\n", "abc@host")]
    [InlineData("INVITE sip:a SIP/2.0\r\ni :  abc \r\n\r\n", "abc")]
    [InlineData("SIP/2.0 200 OK\nCALL-ID:x\n\n", "x")]
    [InlineData("INVITE sip:a SIP/2.0\r\nVia: x\r\n\r\nCall-ID: in the body\r\n", null)]
    [InlineData("", null)]
    public void The_call_id_is_found_in_the_head(string message, string? callId)
        => Assert.Equal(callId, CallIdText.Of(System.Text.Encoding.UTF8.GetBytes(message)));

    private static string FirstLine(string message)
    {
        var line = message[..message.IndexOf("\r\n", StringComparison.Ordinal)];
        return line.StartsWith("SIP/2.0 ", StringComparison.Ordinal) ? line[8..] : line[..line.IndexOf(' ', StringComparison.Ordinal)];
    }

    private static byte[] Invite(string callId) => System.Text.Encoding.UTF8.GetBytes($"INVITE sip:a SIP/2.0\r\nCall-ID: {callId}\r\n\r\n");

    private void Receive(string callId, SipFlow flow)
        => _world.Receive(SipText.Request("INVITE", "sip:+15550002222@192.0.2.1", "sip:+15551110000@carrier", "sip:+15550002222@192.0.2.1", "Contact: <sip:caller@198.51.100.7>", callId: callId, body: SipWorld.Offer), flow);
}
