using Sift.Media.Legs;

namespace Sift.Web.Browser;

/// <summary>Turns a call to a number whose phone is a browser into a call to that browser.</summary>
internal sealed class VirtualPhones(Switchboard switchboard)
{
    /// <summary>A number for which a page of <c>/phone</c> is open rings there, before any SIP phone registered as that number; other commands stay as they are.</summary>
    public LegCommand Route(LegCommand command)
        => command is DialLeg dial && switchboard.IsVirtualPhone(dial.Destination)
            ? dial with { Destination = "webrtc:" + dial.Destination, AccountId = Capability.SandboxIssuer }
            : command;
}
