using Sift.Protocols.Sip.Messages;

namespace Sift.Protocols.Sip.Transactions;

/// <summary>Why a client transaction ended without a final response.</summary>
internal enum TransactionFailure
{
    /// <summary>Timer B or F: to be treated as a 408 (RFC 3261 8.1.3.1).</summary>
    Timeout,

    /// <summary>To be treated as a 503.</summary>
    Transport,
}

/// <summary>Whoever started a client transaction.</summary>
internal interface IClientTransactionUser
{
    /// <summary>A response; for INVITE every 2xx that arrives in 64*T1 after the first, too.</summary>
    void OnResponse(SipResponse response, in RequestFacts facts, in Turn turn);

    void OnFailure(TransactionFailure failure, in Turn turn);
}
