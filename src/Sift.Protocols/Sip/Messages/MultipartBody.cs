using System.Text;

namespace Sift.Protocols.Sip.Messages;

/// <summary>One part of a multipart body (RFC 2046 section 5.1, RFC 5621).</summary>
public sealed record BodyPart(MediaType Type, ReadOnlyMemory<byte> Content);

/// <summary>Finds a body by its type, in a plain message or among the parts of multipart/mixed and multipart/alternative.</summary>
public static class MultipartBody
{
    private const int MaxParts = 16;

    /// <summary>The first body of that type; null when there is none. A nested multipart is not entered.</summary>
    public static ReadOnlyMemory<byte>? Find(SipMessage message, string mediaType)
    {
        if (message.ContentType is not { } type || message.Body.IsEmpty)
        {
            return null;
        }

        if (type.Is(mediaType))
        {
            return message.Body;
        }

        foreach (var part in Parts(message))
        {
            if (part.Type.Is(mediaType))
            {
                return part.Content;
            }
        }

        return null;
    }

    /// <summary>The parts in order; empty for another type or a broken body. Parts without a readable type are left out.</summary>
    public static IReadOnlyList<BodyPart> Parts(SipMessage message)
    {
        if (message.ContentType is not { } type
            || !type.Name.StartsWith("multipart/", StringComparison.Ordinal)
            || type.Parameters.Get("boundary") is not { Length: > 0 and <= 70 } boundary)
        {
            return [];
        }

        var parts = new List<BodyPart>(2);
        var delimiter = Encoding.UTF8.GetBytes("--" + boundary);
        var body = message.Body;
        var at = NextDelimiter(body.Span, delimiter, 0);
        while (at >= 0 && parts.Count < MaxParts)
        {
            var start = at + delimiter.Length;
            var end = NextDelimiter(body.Span, delimiter, start);
            if (end < 0 || body.Span[start..].StartsWith("--"u8))
            {
                break;
            }

            // RFC 2046 5.1.1: the line end before a delimiter belongs to the delimiter.
            AddPart(parts, body[start..(end - 2)]);
            at = end;
        }

        return parts;
    }

    private static void AddPart(List<BodyPart> parts, ReadOnlyMemory<byte> part)
    {
        var head = part.Span.IndexOf("\r\n\r\n"u8);
        var first = part.Span.IndexOf("\r\n"u8);
        if (head < 0 || first == head)
        {
            return;
        }

        var fields = new SipHeaders();
        var characters = Encoding.UTF8.GetString(part.Span[(first + 2)..(head + 2)]).ToCharArray();
        if (SipFieldReader.TryRead(characters, fields, out _)
            && MediaType.TryParse(fields.Get("Content-Type"), out var type))
        {
            parts.Add(new BodyPart(type, part[(head + 4)..]));
        }
    }

    /// <summary>A delimiter stands at the start of a line.</summary>
    private static int NextDelimiter(ReadOnlySpan<byte> body, ReadOnlySpan<byte> delimiter, int from)
    {
        while (true)
        {
            var at = body[from..].IndexOf(delimiter);
            if (at < 0)
            {
                return -1;
            }

            at += from;
            if (at == 0 || (at >= from + 2 && body[at - 1] == '\n' && body[at - 2] == '\r'))
            {
                return at;
            }

            from = at + delimiter.Length;
        }
    }
}
