using Sift.Protocols.Sip.Messages;

namespace Sift.Protocols.Sip.Transactions;

/// <summary>What the table of transactions needs of a client transaction.</summary>
internal interface IClientTransaction
{
    ClientKey Key { get; }

    SipFlow Flow { get; }

    void OnResponse(SipResponse response, in RequestFacts facts, in Turn turn);

    void OnTransportError(in Turn turn);

    /// <summary>Ends it without a word to its user.</summary>
    void Abandon();
}
