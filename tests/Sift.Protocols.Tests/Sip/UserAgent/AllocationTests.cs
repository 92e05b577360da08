using System.Net;
using Sift.Protocols.Sip.Messages;
using Sift.Protocols.Sip.Transactions;
using Sift.Protocols.Sip.UserAgent;
using Xunit.Abstractions;

namespace Sift.Protocols.Tests.Sip.UserAgent;

public sealed class AllocationTests(ITestOutputHelper console)
{
    [Fact]
    public void A_basic_call_allocates_little_on_both_sides_parsing_included()
    {
        const int warm = 200;
        const int calls = 2000;
        var wire = new Wire();
        for (var i = 0; i < warm; i++)
        {
            wire.PlayCall();
        }

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < calls; i++)
        {
            wire.PlayCall();
        }

        var perCall = (GC.GetAllocatedBytesForCurrentThread() - before) / calls;
        console.WriteLine($"{perCall} bytes per call: INVITE, 100, 180, 200, ACK, BYE, 200 written and parsed once each, both user agents");
        Assert.InRange(perCall, 1, 14_000);
    }

    /// <summary>Two user agents with a synchronous wire of two reused buffers, so that only the cores allocate.</summary>
    private sealed class Wire
    {
        private readonly End _caller;
        private readonly End _callee;
        private readonly SipInvitation _invitation;
        private TimeSpan _now = TimeSpan.FromSeconds(1);

        public Wire()
        {
            _caller = new(new(IPAddress.Loopback, 5061), 1);
            _callee = new(new(IPAddress.Loopback, 5062), 2);
            Assert.True(SipUri.TryParse("sip:bob@127.0.0.1:5062", out var target));
            _invitation = new()
            {
                Target = target,
                Flow = new(SipTransport.Udp, 0, _caller.Address, _callee.Address),
                From = "<sip:alice@127.0.0.1:5061>",
                To = "<sip:bob@127.0.0.1:5062>",
                Offer = Peer.Sdp(new string('o', 200)),
            };
        }

        public void PlayCall()
        {
            _now += TimeSpan.FromMilliseconds(100);
            var call = _caller.Agent.Invite(_invitation, _now, _caller);
            Exchange();
            _callee.Agent.Provisional(_callee.Last, 180, default, _now, _callee);
            _callee.Agent.Answer(_callee.Last, _invitation.Offer, _now, _callee);
            Exchange();
            _caller.Agent.HangUp(call, null, _now, _caller);
            Exchange();
            Assert.True(_caller.Agent.CallCount + _callee.Agent.CallCount == 0);
            _caller.Agent.OnTimer(_now, _caller);
            _callee.Agent.OnTimer(_now, _callee);
        }

        private void Exchange()
        {
            while (_caller.Deliver(_callee, _now) | _callee.Deliver(_caller, _now))
            {
            }
        }
    }

    private sealed class End(IPEndPoint address, ulong seed) : ISipUserAgentOutput, ISipFlows
    {
        private readonly byte[] _queue = new byte[16_384];
        private readonly int[] _lengths = new int[8];
        private int _count;
        private int _end;
        private SipUserAgent? _agent;

        public IPEndPoint Address => address;

        public SipUserAgent Agent => _agent ??= new(Pair.NoSessionTimer, this, new SeededEntropy(seed));

        public SipCallId Last { get; private set; }

        public bool Deliver(End to, TimeSpan now)
        {
            var (at, any, count) = (0, _count > 0, _count);
            (_count, _end) = (0, 0);
            for (var i = 0; i < count; i++)
            {
                Assert.True(SipParser.TryParse(_queue.AsSpan(at, _lengths[i]), out var message, out _));
                at += _lengths[i];
                to.Agent.OnMessage(message, new(SipTransport.Udp, 0, to.Address, address), now, to);
            }

            return any;
        }

        void ISipUserAgentOutput.Send(in SipFlow flow, ReadOnlySpan<byte> message)
        {
            message.CopyTo(_queue.AsSpan(_end));
            _end += message.Length;
            _lengths[_count++] = message.Length;
        }

        void ISipUserAgentOutput.OnIncomingCall(SipCallId call, SipRequest invite, in SipFlow flow) => Last = call;

        void ISipUserAgentOutput.OnProvisional(SipCallId call, SipResponse response, string leg)
        {
        }

        void ISipUserAgentOutput.OnAnswered(SipCallId call, SipResponse response, bool owesAnswer)
        {
        }

        void ISipUserAgentOutput.OnAcknowledged(SipCallId call, ReadOnlyMemory<byte> answer)
        {
        }

        void ISipUserAgentOutput.OnReoffer(SipCallId call, SipRequest request)
        {
        }

        void ISipUserAgentOutput.OnReofferAnswered(SipCallId call, SipResponse response)
        {
        }

        void ISipUserAgentOutput.OnReofferRefused(SipCallId call, int status)
        {
        }

        void ISipUserAgentOutput.OnInfo(SipCallId call, SipRequest info)
        {
        }

        void ISipUserAgentOutput.OnEnded(SipCallId call, SipCallEnd end)
        {
        }

        void ISipUserAgentOutput.OnRequest(SipInboundRequestId id, SipRequest request, in SipFlow flow)
        {
        }

        void ISipUserAgentOutput.OnResponse(SipOutboundRequestId id, SipResponse? response)
        {
        }

        void ISipUserAgentOutput.OnRefused(SipRefusal refusal, SipMessage? message, in SipFlow flow) => Assert.Fail($"refused: {refusal}");

        SipSentBy ISipFlows.SentBy(in SipFlow flow) => new("127.0.0.1", address.Port);

        bool ISipFlows.TryRoute(SipUri nextHop, in SipFlow current, out SipFlow flow)
        {
            flow = current;
            return true;
        }

        void ISipFlows.Prepare(SipUri nextHop)
        {
        }

        bool ISipFlows.TryRedirect(SipUri target, in SipFlow current, out SipFlow flow) => ((ISipFlows)this).TryRoute(target, current, out flow);

        bool ISipFlows.TryAnother(SipUri nextHop, in SipFlow failed, out SipFlow flow)
        {
            flow = failed;
            return false;
        }

        bool ISipFlows.TryReliable(in SipFlow datagram, out SipFlow reliable)
        {
            reliable = default;
            return false;
        }
    }
}
