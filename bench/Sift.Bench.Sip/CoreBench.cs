using System.Diagnostics;
using System.Net;
using System.Text;
using Sift.Media;
using Sift.Protocols.Sip.Messages;
using Sift.Protocols.Sip.Transactions;
using Sift.Protocols.Sip.UserAgent;

namespace Sift.Bench.Sip;

/// <summary>The SIP core of a server alone, on one thread: bytes in, INVITE 100 180 200 ACK BYE 200, bytes out.</summary>
internal static class CoreBench
{
    private const int Rounds = 3;

    public static void Run(int calls)
    {
        var server = new Server();
        server.Play(calls / 4);
        for (var round = 0; round < Rounds; round++)
        {
            var collections = GC.CollectionCount(0);
            var allocated = GC.GetAllocatedBytesForCurrentThread();
            var watch = Stopwatch.GetTimestamp();
            server.Play(calls);
            var micros = Stopwatch.GetElapsedTime(watch).TotalMicroseconds / calls;
            allocated = (GC.GetAllocatedBytesForCurrentThread() - allocated) / calls;
            Console.WriteLine($"core: {micros,6:0.0} us and {allocated,6:N0} bytes per call, server side only, parsing included; gen-0 GCs {GC.CollectionCount(0) - collections}");
        }

        var invite = new CallText(5060, 5062, 30000).Invite.ToArray();
        Parse(invite, calls);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var start = Stopwatch.GetTimestamp();
        Parse(invite, calls);
        Console.WriteLine(
            $"parse of an INVITE of {invite.Length} bytes: {Stopwatch.GetElapsedTime(start).TotalMicroseconds / calls:0.00} us, "
            + $"{(GC.GetAllocatedBytesForCurrentThread() - before) / calls:N0} bytes");
    }

    private static void Parse(ReadOnlySpan<byte> bytes, int times)
    {
        for (var i = 0; i < times; i++)
        {
            if (!SipParser.TryParse(bytes, out _, out var error))
            {
                throw new InvalidOperationException($"The INVITE of the bench is refused: {error}.");
            }
        }
    }

    private sealed class Server : ISipUserAgentOutput, ISipFlows
    {
        private static readonly byte[] Answer = Encoding.ASCII.GetBytes(
            "v=0\r\no=- 8263 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 20000 RTP/AVP 0 101\r\n"
            + "a=rtpmap:0 PCMU/8000\r\na=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\na=ptime:20\r\na=sendrecv\r\n");

        private readonly SipUserAgent _agent;
        private readonly CallText _text = new(5060, 5062, 30000);
        private readonly SipFlow _flow = new(SipTransport.Udp, 0, new(IPAddress.Loopback, 5060), new(IPAddress.Loopback, 5062));
        private readonly byte[] _tag = new byte[32];
        private int _tagLength;
        private TimeSpan _now = TimeSpan.FromSeconds(1);
        private int _number;
        private int _ended;

        public Server() => _agent = new(new SipUserAgentOptions(), this, new SystemEntropy());

        public void Play(int calls)
        {
            var ended = _ended + calls;
            for (var i = 0; i < calls; i++)
            {
                // 1,000 calls a second: some 32,000 transactions linger, as they do at load.
                _now += TimeSpan.FromMilliseconds(1);
                _text.BeginCall(++_number);
                Take(_text.Invite);
                _text.Answered(_number, _tag.AsSpan(0, _tagLength));
                Take(_text.Ack);
                Take(_text.Bye);
                _agent.OnTimer(_now, this);
            }

            if (_ended != ended)
            {
                throw new InvalidOperationException($"{ended - _ended} calls of the bench did not end.");
            }
        }

        public void Send(in SipFlow flow, ReadOnlySpan<byte> message)
        {
            if (message.StartsWith("SIP/2.0 200 "u8) && message.IndexOf(" INVITE\r\n"u8) > 0)
            {
                var tag = CallText.ToTagOf(message);
                tag.CopyTo(_tag);
                _tagLength = tag.Length;
            }
        }

        public void OnIncomingCall(SipCallId call, SipRequest invite, in SipFlow flow)
        {
            _agent.Provisional(call, 180, default, _now, this);
            _agent.Answer(call, Answer, _now, this);
        }

        public void OnEnded(SipCallId call, SipCallEnd end) => _ended++;

        public void OnRefused(SipRefusal refusal, SipMessage? message, in SipFlow flow) => throw new InvalidOperationException($"refused: {refusal}");

        public void OnProvisional(SipCallId call, SipResponse response, string leg)
        {
        }

        public void OnAnswered(SipCallId call, SipResponse response, bool owesAnswer)
        {
        }

        public void OnAcknowledged(SipCallId call, ReadOnlyMemory<byte> answer)
        {
        }

        public void OnReoffer(SipCallId call, SipRequest request)
        {
        }

        public void OnReofferAnswered(SipCallId call, SipResponse response)
        {
        }

        public void OnReofferRefused(SipCallId call, int status)
        {
        }

        public void OnInfo(SipCallId call, SipRequest info)
        {
        }

        public void OnRequest(SipInboundRequestId id, SipRequest request, in SipFlow flow)
        {
        }

        public void OnResponse(SipOutboundRequestId id, SipResponse? response)
        {
        }

        public SipSentBy SentBy(in SipFlow flow) => new("127.0.0.1", 5060);

        public bool TryRoute(SipUri nextHop, in SipFlow current, out SipFlow flow)
        {
            flow = current;
            return true;
        }

        public void Prepare(SipUri nextHop)
        {
        }

        public bool TryRedirect(SipUri target, in SipFlow current, out SipFlow flow) => TryRoute(target, current, out flow);

        public bool TryAnother(SipUri nextHop, in SipFlow failed, out SipFlow flow)
        {
            flow = failed;
            return false;
        }

        public bool TryReliable(in SipFlow datagram, out SipFlow reliable)
        {
            reliable = default;
            return false;
        }

        private void Take(ReadOnlySpan<byte> bytes)
        {
            if (!SipParser.TryParse(bytes, out var message, out var error))
            {
                throw new InvalidOperationException($"A message of the bench is refused: {error}.");
            }

            _agent.OnMessage(message, _flow, _now, this);
        }
    }
}
