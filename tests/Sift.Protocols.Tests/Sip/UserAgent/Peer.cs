using System.Net;
using System.Text;
using Sift.Protocols.Sip.Messages;
using Sift.Protocols.Sip.Transactions;
using Sift.Protocols.Sip.UserAgent;

namespace Sift.Protocols.Tests.Sip.UserAgent;

/// <summary>One user agent on the in-memory network, with a record of all it said and a script of what its host does.</summary>
internal sealed class Peer : ISipUserAgentOutput, ISipFlows
{
    private readonly SipNetwork _network;

    public Peer(SipNetwork network, IPEndPoint address, SipUserAgentOptions options, ulong seed)
    {
        _network = network;
        Address = address;
        Agent = new(options, this, new SeededEntropy(seed));
        network.Attach(this);
    }

    public IPEndPoint Address { get; }

    public SipUserAgent Agent { get; }

    /// <summary>"Event detail" lines in order.</summary>
    public List<string> Log { get; } = [];

    /// <summary>Start lines of what was sent.</summary>
    public List<string> Sent { get; } = [];

    public List<SipMessage> SentMessages { get; } = [];

    public List<SipRefusal> Refusals { get; } = [];

    public List<SipCallId> Calls { get; } = [];

    public Dictionary<SipCallId, SipCallEnd> Ended { get; } = [];

    public List<SipRequest> Invites { get; } = [];

    public List<SipResponse?> Responses { get; } = [];

    public SipResponse? LastAnswer { get; private set; }

    public ReadOnlyMemory<byte> LastAcknowledgement { get; private set; }

    public SipRequest? LastReoffer { get; private set; }

    public SipRequest? LastInfo { get; private set; }

    public Action<SipCallId>? WhenCalled { get; set; }

    public Action<SipCallId, SipResponse, bool>? WhenAnswered { get; set; }

    public Action<SipCallId>? WhenReoffered { get; set; }

    public Action<SipInboundRequestId, SipRequest>? WhenRequested { get; set; }

    public bool Record { get; set; } = true;

    public bool CanReach { get; set; } = true;

    public Func<SipFlow, SipFlow>? Upgrade { get; set; }

    /// <summary>What is known of host names.</summary>
    public Dictionary<string, IPAddress> Names { get; } = [];

    /// <summary>Hosts that the core announced.</summary>
    public List<string> Prepared { get; } = [];

    /// <summary>The server to try when that of <see cref="Names"/> failed.</summary>
    public Dictionary<string, IPAddress> Spares { get; } = [];

    public TimeSpan Now => _network.Now;

    public static ReadOnlyMemory<byte> Sdp(string text) => Encoding.UTF8.GetBytes(text);

    public SipFlow FlowTo(Peer other, SipTransport transport = SipTransport.Udp) => new(transport, 0, Address, other.Address);

    public SipCallId Call(Peer other, string offer = "offer", SipCredentials? credentials = null, SipTransport transport = SipTransport.Udp)
    {
        Assert.True(SipUri.TryParse($"sip:bob@{other.Address}", out var target));
        return Agent.Invite(
            new()
            {
                Target = target,
                Flow = FlowTo(other, transport),
                From = $"\"Alice\" <sip:alice@{Address}>",
                To = $"<sip:bob@{other.Address}>",
                Offer = Sdp(offer),
                ContactUser = "alice",
                Credentials = credentials,
            },
            Now,
            this);
    }

    public bool Ring(SipCallId call, int status = 180, string sdp = "") => Agent.Provisional(call, status, Sdp(sdp), Now, this);

    public bool Answer(SipCallId call, string sdp = "answer") => Agent.Answer(call, Sdp(sdp), Now, this);

    public bool HangUp(SipCallId call, string? reason = null) => Agent.HangUp(call, reason, Now, this);

    public bool Reject(SipCallId call, int status, params KeyValuePair<string, string>[] headers) => Agent.Reject(call, status, headers, Now, this);

    public bool Reoffer(SipCallId call, string sdp) => Agent.Reoffer(call, Sdp(sdp), Now, this);

    public bool AnswerReoffer(SipCallId call, string sdp) => Agent.AnswerReoffer(call, Sdp(sdp), Now, this);

    public int CountSent(string start) => Sent.Count(s => s.StartsWith(start, StringComparison.Ordinal));

    public void Receive(ReadOnlySpan<byte> bytes, in SipFlow flow)
    {
        if (SipParser.TryParse(bytes, out var message, out var error))
        {
            Agent.OnMessage(message, flow, Now, this);
        }
        else
        {
            Agent.OnUnparsable(message, error, flow, Now, this);
        }
    }

    void ISipUserAgentOutput.Send(in SipFlow flow, ReadOnlySpan<byte> message)
    {
        // A 400 or 505 echoes what was wrong with the request.
        if (Record && (SipParser.TryParse(message, out var parsed, out var error) || !(message.StartsWith("SIP/2.0 400"u8) || message.StartsWith("SIP/2.0 505"u8))))
        {
            Assert.True(parsed is not null, $"we wrote something unreadable: {error}\n{Encoding.UTF8.GetString(message)}");
            Sent.Add(Encoding.UTF8.GetString(message[..message.IndexOf((byte)'\r')]));
            SentMessages.Add(parsed);
        }

        _network.Send(this, flow, message);
    }

    void ISipUserAgentOutput.OnIncomingCall(SipCallId call, SipRequest invite, in SipFlow flow)
    {
        Note("call");
        Calls.Add(call);
        Invites.Add(invite);
        WhenCalled?.Invoke(call);
    }

    void ISipUserAgentOutput.OnProvisional(SipCallId call, SipResponse response, string leg) => Note($"provisional {response.StatusCode}");

    void ISipUserAgentOutput.OnAnswered(SipCallId call, SipResponse response, bool owesAnswer)
    {
        Note(owesAnswer ? "answered, owes answer" : "answered");
        LastAnswer = response;
        WhenAnswered?.Invoke(call, response, owesAnswer);
    }

    void ISipUserAgentOutput.OnAcknowledged(SipCallId call, ReadOnlyMemory<byte> answer)
    {
        Note("acknowledged");
        LastAcknowledgement = answer;
    }

    void ISipUserAgentOutput.OnReoffer(SipCallId call, SipRequest request)
    {
        Note($"reoffer {request.Method}");
        LastReoffer = request;
        WhenReoffered?.Invoke(call);
    }

    void ISipUserAgentOutput.OnReofferAnswered(SipCallId call, SipResponse response) => Note("reoffer answered");

    void ISipUserAgentOutput.OnReofferRefused(SipCallId call, int status) => Note($"reoffer refused {status}");

    void ISipUserAgentOutput.OnInfo(SipCallId call, SipRequest info)
    {
        Note("info");
        LastInfo = info;
    }

    void ISipUserAgentOutput.OnEnded(SipCallId call, SipCallEnd end)
    {
        Note($"ended {end.Cause}");
        Assert.True(Ended.TryAdd(call, end), "a call ended twice");
    }

    void ISipUserAgentOutput.OnRequest(SipInboundRequestId id, SipRequest request, in SipFlow flow)
    {
        Note($"request {request.Method}");
        WhenRequested?.Invoke(id, request);
    }

    void ISipUserAgentOutput.OnResponse(SipOutboundRequestId id, SipResponse? response)
    {
        Note($"response {response?.StatusCode}");
        Responses.Add(response);
    }

    void ISipUserAgentOutput.OnRefused(SipRefusal refusal, SipMessage? message, in SipFlow flow) => Refusals.Add(refusal);

    SipSentBy ISipFlows.SentBy(in SipFlow flow) => new(Address.Address.ToString(), Address.Port);

    bool ISipFlows.TryRoute(SipUri nextHop, in SipFlow current, out SipFlow flow)
    {
        flow = current;
        if (!CanReach || (!IPAddress.TryParse(nextHop.Host, out var address) && !Names.TryGetValue(nextHop.Host, out address)))
        {
            return false;
        }

        flow = current with { Remote = new(address, nextHop.Port ?? 5060) };
        return true;
    }

    void ISipFlows.Prepare(SipUri nextHop) => Prepared.Add(nextHop.Host);

    bool ISipFlows.TryRedirect(SipUri target, in SipFlow current, out SipFlow flow) => ((ISipFlows)this).TryRoute(target, current, out flow);

    bool ISipFlows.TryAnother(SipUri nextHop, in SipFlow failed, out SipFlow flow)
    {
        flow = failed;
        if (!Spares.Remove(nextHop.Host, out var spare))
        {
            return false;
        }

        Names[nextHop.Host] = spare;
        flow = failed with { Remote = new(spare, nextHop.Port ?? 5060) };
        return true;
    }

    bool ISipFlows.TryReliable(in SipFlow datagram, out SipFlow reliable)
    {
        reliable = Upgrade is null ? default : Upgrade(datagram);
        return Upgrade is not null;
    }

    private void Note(string line)
    {
        if (Record)
        {
            Log.Add(line);
        }
    }
}
