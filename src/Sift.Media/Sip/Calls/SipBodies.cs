using Sift.Protocols.Sip.Messages;

namespace Sift.Media.Sip.Calls;

/// <summary>Finds the session description in a message body.</summary>
internal static class SipBodies
{
    private const int MaxParts = 16;

    /// <summary>The SDP of a message: the whole body, or the first SDP part of a multipart body (RFC 5621). Empty when there is none.</summary>
    public static ReadOnlyMemory<byte> Sdp(SipMessage message)
    {
        if (message.Body.IsEmpty)
        {
            return default;
        }

        if (message.ContentType is not { } type || type.Is("application/sdp"))
        {
            return message.Body;
        }

        return type.Name.StartsWith("multipart/", StringComparison.Ordinal) && type.Parameters.Get("boundary") is { Length: > 0 and <= 70 } boundary
            ? FirstSdpPart(message.Body, boundary.Trim('"'))
            : default;
    }

    private static ReadOnlyMemory<byte> FirstSdpPart(ReadOnlyMemory<byte> body, string boundary)
    {
        var delimiter = System.Text.Encoding.UTF8.GetBytes("--" + boundary);
        var start = body.Span.IndexOf(delimiter);
        for (var count = 0; start >= 0 && count < MaxParts; count++)
        {
            body = body[(start + delimiter.Length)..];
            if (body.Span.StartsWith("--"u8))
            {
                break;
            }

            var end = body.Span.IndexOf(delimiter);
            var part = end < 0 ? body : body[..end];
            start = end;
            var head = part.Span.IndexOf("\r\n\r\n"u8);
            if (head < 0)
            {
                continue;
            }

            if (IsSdpPart(System.Text.Encoding.UTF8.GetString(part.Span[..head])))
            {
                var content = part[(head + 4)..];

                // RFC 2046 5.1.1: the line break before a boundary belongs to the boundary.
                return content.Span.EndsWith("\r\n"u8) ? content[..^2] : content;
            }
        }

        return default;
    }

    private static bool IsSdpPart(string head)
    {
        foreach (var line in head.AsSpan().EnumerateLines())
        {
            var colon = line.IndexOf(':');
            if (colon > 0 && line[..colon].Trim().Equals("Content-Type", StringComparison.OrdinalIgnoreCase))
            {
                return MediaType.TryParse(line[(colon + 1)..].Trim(), out var type) && type.Is("application/sdp");
            }
        }

        return false;
    }
}
