using Sift.Protocols.Sip.Transactions;

namespace Sift.Media.Sip.Transports;

/// <summary>Where transports deliver what they receive. Called on receive threads, without a lock held; must not block.</summary>
internal interface ISipInput
{
    /// <summary>One whole datagram, or one framed stream message. The bytes are valid during the call only.</summary>
    void OnBytes(in SipFlow flow, ReadOnlySpan<byte> bytes);

    /// <summary>Follows one or several <see cref="OnBytes"/>: they may be answered on this thread now.</summary>
    /// <param name="isFree">Tells whether nothing more waits to be received, so that this thread may do what they lead to as well; null for never.</param>
    void OnReceived(Func<bool>? isFree = null);

    /// <summary>A stream connection is gone, or could not be made.</summary>
    void OnFlowClosed(in SipFlow flow, string reason);
}
