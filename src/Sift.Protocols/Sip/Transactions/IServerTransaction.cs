using Sift.Protocols.Sip.Messages;

namespace Sift.Protocols.Sip.Transactions;

/// <summary>What the table of transactions, and whoever answers, need of a server transaction.</summary>
internal interface IServerTransaction
{
    ServerKey Key { get; }

    MergeKey? Merge { get; }

    /// <summary>Where responses go (RFC 3261 18.2.2, RFC 3581).</summary>
    SipFlow ReplyFlow { get; }

    /// <summary>The request came again, or its ACK.</summary>
    void OnRequest(SipRequest request, in Turn turn);

    void Respond(SipResponse response, in Turn turn);

    void OnTransportError(in Turn turn);
}
