namespace Sift.Protocols.Sip.Messages;

/// <summary>A SIP request or response (RFC 3261 section 7): start line, headers in wire order, body.</summary>
public abstract partial class SipMessage
{
    public SipHeaders Headers { get; } = new();

    /// <summary>The message body; empty when there is none. Content-Length is written from this, never from a stored header.</summary>
    public ReadOnlyMemory<byte> Body { get; set; }
}

/// <summary>A SIP request (RFC 3261 section 7.1).</summary>
public sealed class SipRequest : SipMessage
{
    public SipRequest(string method, SipUri requestUri)
    {
        if (!SipText.IsToken(method))
        {
            throw new ArgumentException("A method is a token (RFC 3261 25.1).", nameof(method));
        }

        Method = method;
        RequestUri = requestUri;
    }

    /// <summary>The method token, compared case-sensitively (RFC 3261 section 7.1).</summary>
    public string Method { get; }

    public SipUri RequestUri { get; set; }
}

/// <summary>A SIP response (RFC 3261 section 7.2).</summary>
public sealed partial class SipResponse : SipMessage
{
    public SipResponse(int statusCode, string reasonPhrase)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(statusCode, 100);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(statusCode, 699);
        if (SipText.HasLineBreak(reasonPhrase))
        {
            throw new ArgumentException("A reason phrase is one line.", nameof(reasonPhrase));
        }

        StatusCode = statusCode;
        ReasonPhrase = reasonPhrase;
    }

    /// <summary>100 to 699.</summary>
    public int StatusCode { get; }

    public string ReasonPhrase { get; }

    public bool IsProvisional => StatusCode < 200;

    public bool IsSuccess => StatusCode is >= 200 and < 300;
}
