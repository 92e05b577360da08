namespace Sift.Protocols.Sip.Messages;

/// <summary>The tag parameter of a From or To value, read without building the whole address.</summary>
internal static class AddressTag
{
    public static string? Of(string address)
    {
        var (start, end) = Find(address);
        return start < 0 ? null : SharedStrings.Of(address.AsSpan(start, end - start));
    }

    public static bool IsIn(string address) => Find(address).Start >= 0;

    /// <summary>The value with a tag where it has none. Null when it cannot be put behind as it is: a bare URI would take it for its own.</summary>
    public static string? With(string address, string tag)
    {
        if (!address.EndsWith('>') || !SipText.IsToken(tag))
        {
            return null;
        }

        // The responses to one INVITE all carry the same.
        return SharedStrings.Of($"{address};tag={tag}");
    }

    /// <summary>The value with its tag parameter cut out.</summary>
    public static string Without(string address)
    {
        var (start, end) = Find(address);
        if (start < 0)
        {
            return address;
        }

        var from = address.LastIndexOf(';', start - 1);
        var head = address.AsSpan(0, from).TrimEnd();
        return end == address.Length ? SharedStrings.Of(head) : string.Concat(head, address.AsSpan(end).TrimStart());
    }

    /// <summary>The text between angle brackets, or the whole value up to its parameters.</summary>
    public static ReadOnlySpan<char> UriText(ReadOnlySpan<char> address)
    {
        var at = SkipQuoted(address);
        var open = address[at..].IndexOf('<');
        if (open >= 0)
        {
            var inside = address[(at + open + 1)..];
            var close = inside.IndexOf('>');
            return close < 0 ? inside : inside[..close];
        }

        var semicolon = address[at..].IndexOf(';');
        return (semicolon < 0 ? address[at..] : address[at..(at + semicolon)]).Trim();
    }

    private static (int Start, int End) Find(string address)
    {
        var at = SkipQuoted(address);
        var close = address.IndexOf('>', at);
        if (close >= 0)
        {
            at = close + 1;
        }

        while (true)
        {
            var semicolon = address.IndexOf(';', at);
            if (semicolon < 0)
            {
                return (-1, -1);
            }

            at = semicolon + 1;
            var end = ValueEnd(address, at);
            var parameter = address.AsSpan(at, end - at);
            var equals = parameter.IndexOf('=');
            if (equals > 0 && parameter[..equals].Trim().Equals("tag", StringComparison.OrdinalIgnoreCase))
            {
                var start = at + equals + 1;
                while (start < end && address[start] is (' ' or '\t'))
                {
                    start++;
                }

                while (end > start && address[end - 1] is (' ' or '\t'))
                {
                    end--;
                }

                return (start, end);
            }

            at = end;
        }
    }

    /// <summary>The end of a parameter; a quoted value may hold semicolons.</summary>
    private static int ValueEnd(string text, int at)
    {
        var quoted = false;
        for (; at < text.Length; at++)
        {
            switch (text[at])
            {
                case '"':
                    quoted = !quoted;
                    break;
                case '\\' when quoted:
                    at++;
                    break;
                case ';' when !quoted:
                    return at;
                default:
                    break;
            }
        }

        return text.Length;
    }

    private static int SkipQuoted(ReadOnlySpan<char> text)
    {
        var at = 0;
        while (at < text.Length && text[at] is (' ' or '\t'))
        {
            at++;
        }

        if (at >= text.Length || text[at] != '"')
        {
            return 0;
        }

        for (at++; at < text.Length; at++)
        {
            if (text[at] == '\\')
            {
                at++;
            }
            else if (text[at] == '"')
            {
                return at + 1;
            }
        }

        return text.Length;
    }
}
