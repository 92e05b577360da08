namespace Sift.Protocols.Sip.Messages;

/// <summary>A SIP request or response (RFC 3261 section 7): start line, headers in wire order, body.</summary>
public abstract class SipMessage
{
    public SipHeaders Headers { get; } = new();

    /// <summary>The message body; empty when there is none. Content-Length is written from this, never from a stored header.</summary>
    public ReadOnlyMemory<byte> Body { get; set; }
}

/// <summary>A SIP request (RFC 3261 section 7.1).</summary>
public sealed class SipRequest(string method, SipUri requestUri) : SipMessage
{
    /// <summary>The method token, compared case-sensitively (RFC 3261 section 7.1).</summary>
    public string Method { get; } = method;

    public SipUri RequestUri { get; set; } = requestUri;
}

/// <summary>A SIP response (RFC 3261 section 7.2).</summary>
public sealed class SipResponse(int statusCode, string reasonPhrase) : SipMessage
{
    /// <summary>100 to 699.</summary>
    public int StatusCode { get; } = statusCode;

    public string ReasonPhrase { get; } = reasonPhrase;
}
