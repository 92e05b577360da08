using System.Text;

namespace Sift.Media.Sip.Transports;

internal enum StreamFrame
{
    /// <summary>More bytes are needed.</summary>
    Incomplete,

    /// <summary>CRLF CRLF: a ping to be answered with CRLF (RFC 5626 4.4.1).</summary>
    Ping,

    /// <summary>A single CRLF: the pong, or the empty lines that RFC 3261 7.5 allows before a message.</summary>
    Blank,

    Message,

    /// <summary>No way to find the next message: the connection must be closed.</summary>
    Broken,
}

/// <summary>Cuts a byte stream into SIP messages by Content-Length (RFC 3261 18.3).</summary>
internal static class StreamFramer
{
    public const int MaxHeaderBytes = 32 * 1024;
    public const int MaxBodyBytes = 64 * 1024;

    /// <summary>Looks at the front of the stream.</summary>
    /// <param name="length">How many bytes the frame takes; 0 when incomplete.</param>
    public static StreamFrame Next(ReadOnlySpan<byte> bytes, out int length)
    {
        length = 0;
        if (bytes.Length < 2)
        {
            return StreamFrame.Incomplete;
        }

        if (bytes[0] == '\r' && bytes[1] == '\n')
        {
            if (bytes.Length >= 4 && bytes[2] == '\r' && bytes[3] == '\n')
            {
                length = 4;
                return StreamFrame.Ping;
            }

            // Three bytes may still become a ping; two are the pong.
            if (bytes.Length == 3 && bytes[2] == '\r')
            {
                return StreamFrame.Incomplete;
            }

            length = 2;
            return StreamFrame.Blank;
        }

        var end = bytes.IndexOf("\r\n\r\n"u8);
        if (end < 0)
        {
            return bytes.Length > MaxHeaderBytes ? StreamFrame.Broken : StreamFrame.Incomplete;
        }

        var head = end + 4;
        if (head > MaxHeaderBytes || !TryReadContentLength(bytes[..(end + 2)], out var body))
        {
            return StreamFrame.Broken;
        }

        if (bytes.Length < head + body)
        {
            return StreamFrame.Incomplete;
        }

        length = head + body;
        return StreamFrame.Message;
    }

    /// <summary>RFC 3261 18.3: on a stream Content-Length is required; two that differ would let a second message be smuggled in.</summary>
    private static bool TryReadContentLength(ReadOnlySpan<byte> head, out int value)
    {
        value = -1;
        while (!head.IsEmpty)
        {
            var end = head.IndexOf("\r\n"u8);
            var line = end < 0 ? head : head[..end];
            head = end < 0 ? [] : head[(end + 2)..];
            var colon = line.IndexOf((byte)':');
            if (colon <= 0)
            {
                continue;
            }

            var name = line[..colon].TrimEnd(" \t"u8);
            if (!Is(name, "content-length"u8) && !Is(name, "l"u8))
            {
                continue;
            }

            var digits = line[(colon + 1)..].Trim(" \t"u8);
            if (digits.IsEmpty || digits.Length > 6 || digits.ContainsAnyExceptInRange((byte)'0', (byte)'9'))
            {
                return false;
            }

            var length = 0;
            foreach (var digit in digits)
            {
                length = (length * 10) + (digit - '0');
            }

            if (length > MaxBodyBytes || (value >= 0 && value != length))
            {
                return false;
            }

            value = length;
        }

        return value >= 0;
    }

    private static bool Is(ReadOnlySpan<byte> name, ReadOnlySpan<byte> lower) =>
        name.Length == lower.Length && Ascii.EqualsIgnoreCase(name, lower);
}
