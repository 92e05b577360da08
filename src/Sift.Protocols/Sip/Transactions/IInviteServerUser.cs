using Sift.Protocols.Sip.Messages;

namespace Sift.Protocols.Sip.Transactions;

/// <summary>Whoever answers an INVITE.</summary>
internal interface IInviteServerUser
{
    /// <summary>CANCEL for the INVITE, already answered with 200.</summary>
    void OnCancel(SipRequest cancel, in Turn turn);
}
