namespace Sift.Protocols.Sip.Messages;

/// <summary>What a peer may make us hold and read. Beyond any of these a message is refused, not truncated.</summary>
public static class SipLimits
{
    /// <summary>Start line, headers and body together.</summary>
    public const int MaxMessageBytes = 64 * 1024;

    /// <summary>Start line and headers up to and including the empty line.</summary>
    public const int MaxHeaderBytes = 32 * 1024;

    /// <summary>One header field, folded lines included.</summary>
    public const int MaxFieldBytes = 8 * 1024;

    public const int MaxStartLineBytes = 4 * 1024;

    public const int MaxHeaderFields = 256;

    /// <summary>Values in one header list: Via, Route, Contact and the like.</summary>
    public const int MaxListValues = 128;

    /// <summary>Parameters behind one URI or header value.</summary>
    public const int MaxParameters = 64;

    /// <summary>RFC 3261 20.16: the sequence number is less than 2**31.</summary>
    public const uint MaxCSeq = int.MaxValue;
}
