using Sift.Media.Legs;
using Sift.Protocols.Sip.Messages;
using Sift.Protocols.Sip.UserAgent;

namespace Sift.Media.Sip.Calls.Outbound;

/// <summary>One INVITE of a call that is being placed.</summary>
internal sealed class OutboundBranch(OutboundCall outbound, DialTarget target) : ISipCallOwner
{
    private SipCallId? _call;
    private bool _ended;

    public DialTarget Target { get; } = target;

    /// <summary>The next server was tried in its place.</summary>
    public bool IsPassedOver { get; set; }

    public LegId Leg => outbound.Leg;

    /// <summary>Something has answered, be it with 100.</summary>
    public bool HasProceeded(ILegHost host) => _call is { } call && host.Agent.HasProceeded(call);

    public void Start(ILegHost host, SipInvitation invitation)
    {
        var call = host.Invite(invitation, this);
        if (!_ended)
        {
            _call = call;
        }
    }

    public void Cancel(ILegHost host)
    {
        if (_call is { } call)
        {
            host.Agent.HangUp(call, null, host.Now, host.Output);
        }
    }

    public void OnProvisional(SipCallId call, SipResponse response) => outbound.Provisional(this, response);

    public void OnAnswered(SipCallId call, SipResponse response, bool owesAnswer) => outbound.Answered(this, call, response, owesAnswer);

    public void OnAcknowledged(ReadOnlyMemory<byte> answer)
    {
    }

    public void OnReoffer(SipRequest request)
    {
    }

    public void OnReofferAnswered(SipResponse response)
    {
    }

    public void OnInfo(SipRequest info)
    {
    }

    public void OnEnded(SipCallId call, SipCallEnd end)
    {
        if (!_ended)
        {
            _ended = true;
            outbound.Ended(this, end);
        }
    }
}
