using Sift.Media.Audio;
using Sift.Media.Legs;
using Sift.Protocols.Sip.UserAgent;

namespace Sift.Media.Sip.Calls;

/// <summary>What a leg needs of the driver that hosts it.</summary>
internal interface ILegHost : ISipDriver, ILegMediaHost
{
    IAudioSources Sources { get; }

    /// <summary>Places a call of the core that belongs to <paramref name="owner"/>, even when it fails before this returns.</summary>
    SipCallId Invite(SipInvitation invitation, ISipCallOwner owner);

    /// <summary>Sends what the core says of that call to <paramref name="owner"/> from now on.</summary>
    void Own(SipCallId call, ISipCallOwner owner);

    /// <summary>The leg said its last word.</summary>
    void Forget(IHostedLeg leg);
}
