using Sift.Media.Legs;
using Sift.Media.WebRtc;

namespace Sift.Web.Browser;

/// <summary>The browser legs as the switchboard sees them; set once they are started.</summary>
internal sealed class BrowserLegsPort : IBrowserLegs
{
    public BrowserLegs? Legs { get; set; }

    public void Connect(BrowserCall call) => Legs?.Connect(call);

    public void Ringing(LegId leg) => Legs?.Ringing(leg);

    public void Accept(LegId leg) => Legs?.Accept(leg);

    public void Refuse(LegId leg, LegEndCause cause, string detail) => Legs?.Refuse(leg, cause, detail);

    public void Offer(LegId leg, string sdp) => Legs?.Offer(leg, sdp);

    public void Candidate(LegId leg, string candidate) => Legs?.AddCandidate(leg, candidate);

    public void Digits(LegId leg, string digits) => Legs?.Digits(leg, digits);

    public void HangUp(LegId leg, string detail) => Legs?.HangUp(leg, LegEndCause.RemoteHangUp, detail);

    public void Fail(LegId leg, string detail) => Legs?.HangUp(leg, LegEndCause.Error, detail);
}
