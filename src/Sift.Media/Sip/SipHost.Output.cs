using Sift.Media.Legs;
using Sift.Media.Sip.Calls;
using Sift.Media.Sip.Tracing;
using Sift.Protocols.Sip.Messages;
using Sift.Protocols.Sip.Transactions;
using Sift.Protocols.Sip.UserAgent;

namespace Sift.Media.Sip;

/// <summary>What the core says, carried to the owner it concerns.</summary>
internal sealed partial class SipHost
{
    public void Send(in SipFlow flow, ReadOnlySpan<byte> message)
    {
        if (_trace is { } trace)
        {
            trace.OnMessage(flow.ViaTransport, flow.Local, flow.Remote, received: false, message);
            if (_inviting is { } owner && message.StartsWith("INVITE "u8) && CallIdText.Of(message) is { } callId)
            {
                trace.OnLeg(callId, owner.Leg);
            }
        }

        if (!Transports.Send(flow, message) && flow.IsReliable)
        {
            // Told from the mailbox: the core is in the middle of something.
            var broken = flow;
            Post(() => Agent.OnTransportError(broken, Now, this));
        }
    }

    public void OnIncomingCall(SipCallId call, SipRequest invite, in SipFlow flow)
    {
        switch (_gate.Decide(invite, flow, Now))
        {
            case GateDecision.Admit admit:
                var id = NewLegId();
                if (SipLeg.Accept(this, id, call, SipBodies.Sdp(invite)) is { } leg)
                {
                    _legs.Add(id, leg);
                    _trace?.OnLeg(invite.CallId ?? "", id);
                    Emit(new LegIncoming(id, admit.From, admit.To, admit.Origin) { BenchScenario = admit.BenchScenario });
                }
                else
                {
                    _refusals.Count("no common audio format", flow.Remote);
                    _trace?.OnRefused(invite.CallId ?? "", 488, "no common audio format");
                }

                break;
            case GateDecision.Refuse refuse:
                if (refuse.Status != 401 || invite.Headers.Contains("Authorization"))
                {
                    // The first round of a digest exchange is no refusal worth a line.
                    _refusals.Count(refuse.Reason, flow.Remote);
                    _trace?.OnRefused(invite.CallId ?? "", refuse.Status, refuse.Reason);
                }

                Agent.Reject(call, refuse.Status, refuse.Headers, Now, this);
                break;
        }
    }

    public void OnProvisional(SipCallId call, SipResponse response, string leg) => OwnerOf(call)?.OnProvisional(call, response);

    public void OnAnswered(SipCallId call, SipResponse response, bool owesAnswer) => OwnerOf(call)?.OnAnswered(call, response, owesAnswer);

    public void OnAcknowledged(SipCallId call, ReadOnlyMemory<byte> answer) => OwnerOf(call)?.OnAcknowledged(answer);

    public void OnReoffer(SipCallId call, SipRequest request)
    {
        if (OwnerOf(call) is { } owner)
        {
            owner.OnReoffer(request);
        }
        else
        {
            Agent.RefuseReoffer(call, 488, Now, this);
        }
    }

    public void OnReofferAnswered(SipCallId call, SipResponse response) => OwnerOf(call)?.OnReofferAnswered(response);

    public void OnReofferRefused(SipCallId call, int status)
    {
    }

    public void OnInfo(SipCallId call, SipRequest info) => OwnerOf(call)?.OnInfo(info);

    public void OnEnded(SipCallId call, SipCallEnd end)
    {
        var owner = OwnerOf(call);
        _owners.Remove(call);
        if (owner == _inviting)
        {
            _inviting = null;
        }

        owner?.OnEnded(call, end);
    }

    public void OnRequest(SipInboundRequestId id, SipRequest request, in SipFlow flow)
    {
        var response = request.Method switch
        {
            "REGISTER" when _registrar is not null => _registrar.Handle(request, flow, Now, status => Agent.CreateResponse(request, status)),
            _ => Agent.CreateResponse(request, 403),
        };
        if (request.Method == "REGISTER" && response.StatusCode is 403 or 404 or 405)
        {
            _refusals.Count($"REGISTER {response.StatusCode}", flow.Remote);
        }

        Agent.Respond(id, response, Now, this);
    }

    public void OnResponse(SipOutboundRequestId id, SipResponse? response)
    {
        if (_requests.Remove(id, out var answered))
        {
            answered(response);
        }
        else if (_requesting is { } requesting)
        {
            // Failed from within Request, before its id was known.
            _requesting = null;
            requesting(response);
        }
    }

    public void OnRefused(SipRefusal refusal, SipMessage? message, in SipFlow flow)
    {
        _refusals.Count(refusal.ToString(), flow.Remote);
        Log.CoreRefused(_logger, refusal, flow.Remote);
    }

    private ISipCallOwner? OwnerOf(SipCallId call) => _owners.TryGetValue(call, out var owner) ? owner : _inviting;

    private LegId NewLegId() => new(TimeOrderedId.New(WallClock));
}
