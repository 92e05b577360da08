namespace Sift.Media.Sip.Transports;

/// <summary>Where transports deliver what they receive. Called on receive threads; must not block.</summary>
internal interface ISipInput
{
    /// <summary>One whole datagram, or one framed stream message. The bytes are valid during the call only.</summary>
    void OnMessage(SipFlow flow, ReadOnlySpan<byte> bytes);

    /// <summary>A stream connection is gone, or could not be made.</summary>
    void OnFlowClosed(SipFlow flow, string reason);
}
