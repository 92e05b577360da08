namespace Sift.Protocols.Sip.UserAgent;

/// <summary>Names one call (an INVITE session, either direction) of one user agent. Never reused in its lifetime.</summary>
public readonly record struct SipCallId(long Value)
{
    public override string ToString() => $"call {Value}";
}

/// <summary>Names one incoming request that the host answers with <see cref="SipUserAgent.Respond"/>.</summary>
public readonly record struct SipInboundRequestId(long Value);

/// <summary>Names one request outside a dialog that the host sent with <see cref="SipUserAgent.Request"/>.</summary>
public readonly record struct SipOutboundRequestId(long Value);
