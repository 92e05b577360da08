namespace Sift.Protocols.Sip.Messages;

/// <summary>Comma-joined tokens: Require, Supported, Allow and their like (RFC 3261 sections 20.5, 20.32, 20.37).</summary>
internal static class TokenList
{
    /// <summary>All tokens of the fields of that name; what is no token is left out.</summary>
    public static IReadOnlyList<string> Of(SipHeaders headers, string field)
    {
        List<string>? list = null;
        foreach (var (name, value) in headers)
        {
            if (!name.Equals(field, StringComparison.OrdinalIgnoreCase))
            {
                continue;
            }

            foreach (var item in new SipListSplitter(value))
            {
                if (SipText.IsToken(item) && (list is null || list.Count < SipLimits.MaxListValues))
                {
                    (list ??= new(4)).Add(SipNames.Method(item));
                }
            }
        }

        return list ?? (IReadOnlyList<string>)[];
    }

    /// <summary>Without allocating: is the token in one of the fields? Option tags compare without case (RFC 3261 7.3.1).</summary>
    public static bool Contains(SipHeaders headers, string field, ReadOnlySpan<char> token)
    {
        foreach (var (name, value) in headers)
        {
            if (!name.Equals(field, StringComparison.OrdinalIgnoreCase))
            {
                continue;
            }

            foreach (var item in new SipListSplitter(value))
            {
                if (item.Equals(token, StringComparison.OrdinalIgnoreCase))
                {
                    return true;
                }
            }
        }

        return false;
    }
}
