using Sift.Media.Legs;
using Sift.Protocols.Sip.Messages;
using Sift.Protocols.Sip.UserAgent;

namespace Sift.Media.Sip.Calls;

/// <summary>Whoever a SIP call of the core belongs to: a leg, or one branch of a call that is still being placed.</summary>
internal interface ISipCallOwner
{
    /// <summary>The leg that it is, or will become.</summary>
    LegId Leg { get; }

    void OnProvisional(SipCallId call, SipResponse response);

    void OnAnswered(SipCallId call, SipResponse response, bool owesAnswer);

    void OnAcknowledged(ReadOnlyMemory<byte> answer);

    void OnReoffer(SipRequest request);

    void OnReofferAnswered(SipResponse response);

    void OnInfo(SipRequest info);

    void OnEnded(SipCallId call, SipCallEnd end);
}
