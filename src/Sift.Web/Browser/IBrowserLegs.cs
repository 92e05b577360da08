using Sift.Media.Legs;
using Sift.Media.WebRtc;

namespace Sift.Web.Browser;

/// <summary>What the switchboard asks of the browser legs. Nothing waits; a leg that is gone is passed over.</summary>
internal interface IBrowserLegs
{
    /// <summary>A client calls.</summary>
    void Connect(BrowserCall call);

    /// <summary>At least one client rings.</summary>
    void Ringing(LegId leg);

    /// <summary>A client took the call; its offer follows.</summary>
    void Accept(LegId leg);

    /// <summary>Nobody takes the call.</summary>
    void Refuse(LegId leg, LegEndCause cause, string detail);

    void Offer(LegId leg, string sdp);

    /// <summary>A candidate of the client: the attribute's value, <c>candidate:…</c>.</summary>
    void Candidate(LegId leg, string candidate);

    /// <summary>Keys that came by signalling.</summary>
    void Digits(LegId leg, string digits);

    /// <summary>The client ends the call.</summary>
    void HangUp(LegId leg, string detail);

    /// <summary>The client cannot go on with the call.</summary>
    void Fail(LegId leg, string detail);
}
