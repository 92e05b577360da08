using Sift.Media.Legs;
using Sift.Media.Sip.Tracing;
using Sift.Media.Sip.Trunks;
using Sift.Protocols.Sip.Transactions;

namespace Sift.Media.Tests.Sip.Tracing;

public sealed class CallTracesTests : IDisposable
{
    private readonly SipWorld _world = new(options => options.Trunks.Add(new TrunkOptions { Name = "carrier", Host = "198.51.100.7", KeepAliveInterval = TimeSpan.Zero }));

    private static readonly System.Net.IPEndPoint Here = System.Net.IPEndPoint.Parse("192.0.2.1:5060");

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
        Assert.All(trace.Messages, message => Assert.Equal("198.51.100.7:5060", message.Remote.ToString()));
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
    public void A_flood_of_large_messages_is_kept_within_bounds()
    {
        var traces = new CallTraces(TimeProvider.System);
        var padding = new string('x', CallTraces.LongestMessage);
        for (var call = 0; call < 2 * CallTraces.MostBytes / CallTraces.MostBytesPerCall; call++)
        {
            var message = System.Text.Encoding.ASCII.GetBytes($"INVITE sip:a@b SIP/2.0\r\nCall-ID: flood-{call}\r\nX: {padding}\r\n\r\n");
            for (var again = 0; again < 2 * CallTraces.MostBytesPerCall / CallTraces.LongestMessage; again++)
            {
                traces.OnMessage("UDP", Here, Here, received: true, message);
            }

            traces.OnLeg($"flood-{call}", new LegId($"{call}"));
        }

        var last = traces.Find(new LegId($"{(2 * CallTraces.MostBytes / CallTraces.MostBytesPerCall) - 1}"))!;
        Assert.Equal(CallTraces.MostBytesPerCall, last.Messages.Sum(static message => message.Bytes.Length));
        Assert.Equal(CallTraces.MostBytesPerCall / CallTraces.LongestMessage, last.Dropped);
        Assert.Null(traces.Find(new LegId("0")));
    }

    [Fact]
    public void What_was_written_is_forgotten_and_makes_room_for_others()
    {
        var traces = new CallTraces(TimeProvider.System);
        for (var call = 0; call < 3 * CallTraces.MostCalls; call++)
        {
            traces.OnMessage("UDP", Here, _carrier.Remote, true, Invite($"c{call}"));
            traces.OnLeg($"c{call}", new LegId($"{call:x16}"));
            if (call > 0)
            {
                traces.Forget(new LegId($"{call:x16}"));
            }
        }

        Assert.NotNull(traces.Find(new LegId($"{0:x16}")));
        Assert.Null(traces.Find(new LegId($"{1:x16}")));
    }

    [Fact]
    public void A_record_gives_back_what_it_was_made_of()
    {
        var traces = new CallTraces(TimeProvider.System);
        var leg = new LegId("00000000000000bb");
        traces.OnMessage("TLS", Here, new(System.Net.IPAddress.Parse("2001:db8::7"), 5061), true, Invite("c"));
        traces.OnMessage("TLS", Here, _carrier.Remote, false, "SIP/2.0 200 OK\r\nCall-ID: c\r\nFrom: \u00e9\r\n\r\n"u8);
        traces.OnLeg("c", leg);
        traces.OnQuality(leg, new LegQuality(1, 2, 3, TimeSpan.FromMilliseconds(4.5), null, 4.2, "PCMU"));
        traces.OnQuality(leg, new LegQuality(1, 2, 3, TimeSpan.Zero, TimeSpan.FromMilliseconds(7), null, "opus"));
        var trace = traces.Find(leg)!;

        Assert.True(TraceRecord.TryDecode(TraceRecord.Encode(trace), out var read));

        Assert.Equal(trace.Samples, read.Samples);
        Assert.Equal(trace.Messages.Select(Whole), read.Messages.Select(Whole));

        static string Whole(TracedMessage message) => $"{message.At:O} {message.Received} {message.Local} {message.Remote} {message.Transport} {message.Text}";
    }

    [Fact]
    public void A_record_that_is_cut_off_or_something_else_is_refused()
    {
        var traces = new CallTraces(TimeProvider.System);
        var leg = new LegId("00000000000000bc");
        traces.OnMessage("UDP", Here, _carrier.Remote, true, Invite("c"));
        traces.OnLeg("c", leg);
        traces.OnQuality(leg, new LegQuality(1, 2, 3, TimeSpan.Zero, null, null, "PCMU"));
        var record = TraceRecord.Encode(traces.Find(leg)!);

        for (var length = 0; length < record.Length; length++)
        {
            Assert.False(TraceRecord.TryDecode(record[..length], out _), $"{length} bytes");
        }

        Assert.False(TraceRecord.TryDecode("{}"u8.ToArray(), out _));
    }

    [Fact]
    public void A_message_costs_little_more_memory_than_its_bytes()
    {
        var traces = new CallTraces(TimeProvider.System);
        byte[] message = [.. Invite("c"), .. System.Text.Encoding.UTF8.GetBytes(SipWorld.Offer)];
        traces.OnMessage("UDP", Here, _carrier.Remote, true, message);
        traces.OnMessage("UDP", Here, _carrier.Remote, true, message);

        var allocated = Sift.TestKit.Allocations.Least(() => traces.OnMessage("UDP", Here, _carrier.Remote, true, message));

        Assert.InRange(allocated, message.Length, message.Length + 200);
    }

    [Fact]
    public void The_oldest_calls_go_when_there_are_too_many_and_a_long_call_keeps_its_first_messages()
    {
        var traces = new CallTraces(TimeProvider.System);
        var remote = _carrier.Remote;
        for (var call = 0; call <= CallTraces.MostCalls; call++)
        {
            traces.OnMessage("UDP", Here, remote, true, Invite($"c{call}"));
            traces.OnLeg($"c{call}", new LegId($"{call:x16}"));
        }

        Assert.Null(traces.Find(new LegId($"{0:x16}")));
        var last = new LegId($"{CallTraces.MostCalls:x16}");
        for (var i = 0; i < 100; i++)
        {
            traces.OnMessage("UDP", Here, remote, false, Invite($"c{CallTraces.MostCalls}"));
        }

        var trace = traces.Find(last)!;
        Assert.Equal((CallTraces.MostMessages, 101 - CallTraces.MostMessages), (trace.Messages.Count, trace.Dropped));
        Assert.True(trace.Messages[0].Received);
    }

    [Fact]
    public void Registrations_and_probes_are_not_kept()
    {
        var traces = new CallTraces(TimeProvider.System);
        traces.OnMessage("UDP", Here, _carrier.Remote, true, "OPTIONS sip:a SIP/2.0\r\ni: probe\r\n\r\n"u8);
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
