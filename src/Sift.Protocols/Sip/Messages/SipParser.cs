using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Sift.Protocols.Sip.Messages;

/// <summary>Why bytes are not an acceptable SIP message.</summary>
public enum SipParseError
{
    None,

    /// <summary>Nothing but CR and LF: a keep-alive (RFC 5626 section 3.5.1).</summary>
    KeepAlive,

    /// <summary>Not SIP at all: drop it without an answer.</summary>
    NotSip,

    /// <summary>A broken request whose top Via can be read, so that <see cref="SipParser.StatusFor"/> can be sent back. An ACK is never answered.</summary>
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
    /// <see cref="SipParseError.VersionNotSupported"/> the result is false and <paramref name="message"/> is the request as far as
    /// it could be read, so that it can be answered; with every other error it is null.
    /// </summary>
    public static bool TryParse(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out SipMessage? message, out SipParseError error)
    {
        message = null;
        if (bytes.Length > SipLimits.MaxMessageBytes)
        {
            error = SipParseError.TooLarge;
            return false;
        }

        // RFC 3261 7.5: empty lines before the start line are ignored.
        var start = bytes.IndexOfAnyExcept((byte)'\r', (byte)'\n');
        if (start < 0)
        {
            error = bytes.IsEmpty ? SipParseError.NotSip : SipParseError.KeepAlive;
            return false;
        }

        bytes = bytes[start..];
        var head = bytes.IndexOf("\r\n\r\n"u8);
        var complete = head >= 0;
        var headLength = complete ? head + 2 : bytes.Length;
        if (headLength > SipLimits.MaxHeaderBytes)
        {
            error = SipParseError.TooLarge;
            return false;
        }

        var characters = ArrayPool<char>.Shared.Rent(headLength);
        try
        {
            var count = Encoding.UTF8.GetChars(bytes[..headLength], characters);
            var body = complete ? bytes[(head + 4)..] : default;
            return TryParse(characters.AsSpan(0, count), complete, body, out message, out error);
        }
        finally
        {
            ArrayPool<char>.Shared.Return(characters);
        }
    }

    /// <summary>The status with which to answer a request that failed to parse.</summary>
    public static int StatusFor(SipParseError error) => error switch
    {
        SipParseError.VersionNotSupported => 505,
        SipParseError.TooLarge => 513,
        _ => 400,
    };

    private static bool TryParse(Span<char> head, bool complete, ReadOnlySpan<byte> body, [NotNullWhen(true)] out SipMessage? message, out SipParseError error)
    {
        message = null;
        var lineEnd = head.IndexOf("\r\n");
        var startLine = lineEnd < 0 ? head : head[..lineEnd];
        var line = SipStartLine.Read(startLine, out var parsed);
        if (line is SipStartLine.Outcome.NotSip or SipStartLine.Outcome.BadResponse)
        {
            error = line == SipStartLine.Outcome.NotSip ? SipParseError.NotSip : SipParseError.Unanswerable;
            return false;
        }

        var fields = lineEnd < 0 ? default : head[(lineEnd + 2)..];
        var sound = SipFieldReader.TryRead(fields, parsed!.Headers, out var tooMany) & complete;
        if (tooMany)
        {
            error = SipParseError.TooLarge;
            return false;
        }

        var wellFormed = sound & SipFieldRules.Hold(parsed) & TrySetBody(parsed, body);
        error = line switch
        {
            SipStartLine.Outcome.OtherVersion => SipParseError.VersionNotSupported,
            SipStartLine.Outcome.BadRequest => SipParseError.BadRequest,
            _ => wellFormed ? SipParseError.None : SipParseError.BadRequest,
        };
        if (error == SipParseError.None)
        {
            message = parsed;
            return true;
        }

        // RFC 3261 18.1.2, 8.2: a response is never answered, and an answer needs a Via to travel back on.
        if (parsed is SipResponse || (parsed.TopVia is null && !TryMendTopVia(parsed.Headers)))
        {
            error = SipParseError.Unanswerable;
            return false;
        }

        message = parsed;
        return false;
    }

    /// <summary>RFC 4475 3.1.2.1: a Via whose parameters are broken is cut to its sound part, so that the 400 finds its way.</summary>
    private static bool TryMendTopVia(SipHeaders headers)
    {
        const int mostCuts = 16;
        for (var i = 0; i < headers.Count; i++)
        {
            if (headers[i].Key != "Via")
            {
                continue;
            }

            var text = headers[i].Value.AsSpan();
            for (var cut = 0; cut < mostCuts && text.LastIndexOf(';') is > 0 and var at; cut++)
            {
                text = text[..at];
                if (Via.TryParse(text, out var via))
                {
                    headers.RemoveAt(i);
                    headers.Insert(i, "Via", via.ToString());
                    return true;
                }
            }

            return false;
        }

        return false;
    }

    /// <summary>RFC 3261 18.3: bytes past Content-Length are dropped, too few are an error; without the header the datagram's end counts.</summary>
    private static bool TrySetBody(SipMessage message, ReadOnlySpan<byte> rest)
    {
        if (message.Headers.Get("Content-Length") is { } text)
        {
            if (!SipText.TryNumber(text, out var length) || length > rest.Length)
            {
                return false;
            }

            rest = rest[..(int)length];
        }

        message.Body = rest.ToArray();
        return true;
    }
}
