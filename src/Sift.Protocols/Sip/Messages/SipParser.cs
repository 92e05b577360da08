using System.Diagnostics.CodeAnalysis;

namespace Sift.Protocols.Sip.Messages;

/// <summary>Why bytes are not an acceptable SIP message.</summary>
public enum SipParseError
{
    None,

    /// <summary>Nothing but CR and LF: a keep-alive (RFC 5626 section 3.5.1).</summary>
    KeepAlive,

    /// <summary>Not SIP at all: drop it without an answer.</summary>
    NotSip,

    /// <summary>A request that is broken but has enough (Via, From, To, Call-ID, CSeq) to be answered with <see cref="SipParser.StatusFor"/>.</summary>
    BadRequest,

    /// <summary>A broken response, or a request that cannot be answered: drop it.</summary>
    Unanswerable,

    /// <summary>SIP version other than 2.0: answer 505.</summary>
    VersionNotSupported,

    TooLarge,
}

/// <summary>Parses whole SIP messages (RFC 3261 section 7 and 25.1). Never throws on wire input.</summary>
public static class SipParser
{
    /// <summary>
    /// Parses one datagram, or one framed stream message. With <see cref="SipParseError.BadRequest"/> and
    /// <see cref="SipParseError.VersionNotSupported"/> the message is given as far as it could be read, so that it can be answered.
    /// </summary>
    public static bool TryParse(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out SipMessage? message, out SipParseError error)
    {
        message = null;
        error = SipParseError.NotSip;
        return false;
    }

    /// <summary>The status with which to answer a request that failed to parse: 400, 416, 505 …</summary>
    public static int StatusFor(SipParseError error) => error == SipParseError.VersionNotSupported ? 505 : 400;
}
