using Sift.Media.Legs;
using Sift.Media.WebRtc;
using Sift.Web.Browser;

namespace Sift.Web.Tests.Browser;

/// <summary>Browser legs that only write down what is asked of them.</summary>
internal sealed class FakeBrowserLegs : IBrowserLegs
{
    public List<BrowserCall> Calls { get; } = [];

    public List<string> Log { get; } = [];

    public void Connect(BrowserCall call)
    {
        Calls.Add(call);
        Log.Add("connect");
    }

    public void Ringing(LegId leg) => Log.Add($"ringing {leg}");

    public void Accept(LegId leg) => Log.Add($"accept {leg}");

    public void Refuse(LegId leg, LegEndCause cause, string detail) => Log.Add($"refuse {leg} {cause}");

    public void Offer(LegId leg, string sdp) => Log.Add($"offer {sdp}");

    public void Candidate(LegId leg, string candidate) => Log.Add($"candidate {candidate}");

    public void Digits(LegId leg, string digits) => Log.Add($"digits {digits}");

    public void HangUp(LegId leg, string detail) => Log.Add($"hangup {detail}");

    public void Fail(LegId leg, string detail) => Log.Add($"fail {detail}");
}
