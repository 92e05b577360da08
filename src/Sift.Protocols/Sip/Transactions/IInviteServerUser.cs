using Sift.Protocols.Sip.Messages;

namespace Sift.Protocols.Sip.Transactions;

/// <summary>Whoever answers an INVITE.</summary>
internal interface IInviteServerUser
{
    /// <summary>The To tag of what is answered to the INVITE.</summary>
    string LocalTag { get; }

    /// <summary>CANCEL for the INVITE, already answered with 200.</summary>
    void OnCancel(SipRequest cancel, in Turn turn);
}
