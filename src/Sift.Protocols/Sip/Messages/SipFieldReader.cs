namespace Sift.Protocols.Sip.Messages;

/// <summary>Header fields out of their lines (RFC 3261 7.3).</summary>
internal static class SipFieldReader
{
    /// <summary>
    /// Adds every readable field. False when a line was broken; the rest is read on, so that the request can be answered.
    /// The text is unfolded in place.
    /// </summary>
    public static bool TryRead(Span<char> text, SipHeaders into, out bool tooMany)
    {
        var sound = true;
        tooMany = false;
        into.Expect(Math.Min(text.Count("\r\n"), SipLimits.MaxHeaderFields));
        while (!text.IsEmpty)
        {
            var field = TakeField(ref text, out var folded);
            if (into.Count >= SipLimits.MaxHeaderFields || field.Length > SipLimits.MaxFieldBytes)
            {
                tooMany = true;
                return false;
            }

            // RFC 3261 25.1 HCOLON: white space may stand before the colon.
            var colon = field.IndexOf(':');
            var name = colon < 0 ? default : SipText.Trim(field[..colon]);
            if (!SipText.IsToken(name) || SipText.IsWhite(field[0]))
            {
                sound = false;
                continue;
            }

            var value = field[(colon + 1)..];
            if (folded)
            {
                value = value[..Unfold(value)];
            }

            var trimmed = SipText.Trim(value);
            if (!SipText.IsFieldSafe(trimmed))
            {
                sound = false;
                continue;
            }

            into.AddParsed(SipNames.Header(name), SharedStrings.Of(trimmed));
        }

        return sound;
    }

    /// <summary>RFC 3261 7.3.1: a line that begins with white space continues the field before it.</summary>
    private static Span<char> TakeField(ref Span<char> text, out bool folded)
    {
        folded = false;
        var from = 0;
        while (true)
        {
            var end = text[from..].IndexOf("\r\n");
            if (end < 0)
            {
                var last = text;
                text = default;
                return last;
            }

            end += from;
            if (end + 2 < text.Length && SipText.IsWhite(text[end + 2]))
            {
                folded = true;
                from = end + 2;
                continue;
            }

            var field = text[..end];
            text = text[(end + 2)..];
            return field;
        }
    }

    /// <summary>Replaces each line break and the white space around it by one space; returns the new length.</summary>
    private static int Unfold(Span<char> value)
    {
        var write = 0;
        for (var read = 0; read < value.Length; read++)
        {
            if (value[read] != '\r' || read + 2 >= value.Length || value[read + 1] != '\n' || !SipText.IsWhite(value[read + 2]))
            {
                value[write++] = value[read];
                continue;
            }

            while (write > 0 && SipText.IsWhite(value[write - 1]))
            {
                write--;
            }

            read += 2;
            while (read + 1 < value.Length && SipText.IsWhite(value[read + 1]))
            {
                read++;
            }

            value[write++] = ' ';
        }

        return write;
    }
}
