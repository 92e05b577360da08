using System.Diagnostics.CodeAnalysis;

namespace Sift.Protocols.Sip.Messages;

/// <summary>Comma-joined addresses: Route, Record-Route, Contact, P-Asserted-Identity (RFC 3261 section 7.3.1).</summary>
public static class NameAddressList
{
    public static bool TryParse(ReadOnlySpan<char> text, [NotNullWhen(true)] out IReadOnlyList<NameAddress>? addresses)
    {
        var list = new List<NameAddress>(2);
        addresses = TryAppend(text, list) ? list : null;
        return addresses is not null;
    }

    internal static bool TryAppend(ReadOnlySpan<char> text, List<NameAddress> into)
    {
        foreach (var item in new SipListSplitter(text))
        {
            if (into.Count >= SipLimits.MaxListValues || !NameAddress.TryParse(item, out var address))
            {
                return false;
            }

            into.Add(address);
        }

        return true;
    }

    /// <summary>All addresses of the fields of that name, top to bottom; empty when one cannot be read.</summary>
    internal static IReadOnlyList<NameAddress> Of(SipHeaders headers, string field)
    {
        List<NameAddress>? list = null;
        foreach (var (name, value) in headers)
        {
            if (name.Equals(field, StringComparison.OrdinalIgnoreCase) && !TryAppend(value, list ??= new(2)))
            {
                return [];
            }
        }

        return list ?? (IReadOnlyList<NameAddress>)[];
    }
}
