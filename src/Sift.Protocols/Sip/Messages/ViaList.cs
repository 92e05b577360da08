using System.Diagnostics.CodeAnalysis;

namespace Sift.Protocols.Sip.Messages;

/// <summary>Comma-joined Via values (RFC 3261 section 7.3.1).</summary>
public static class ViaList
{
    public static bool TryParse(ReadOnlySpan<char> text, [NotNullWhen(true)] out IReadOnlyList<Via>? vias)
    {
        var list = new List<Via>(2);
        vias = TryAppend(text, list) ? list : null;
        return vias is not null;
    }

    internal static IReadOnlyList<Via> Of(SipHeaders headers)
    {
        var list = new List<Via>(2);
        foreach (var (name, value) in headers)
        {
            if (name == "Via" && !TryAppend(value, list))
            {
                return [];
            }
        }

        return list;
    }

    private static bool TryAppend(ReadOnlySpan<char> text, List<Via> into)
    {
        foreach (var item in new SipListSplitter(text))
        {
            if (into.Count >= SipLimits.MaxListValues || !Via.TryParse(item, out var via))
            {
                return false;
            }

            into.Add(via);
        }

        return true;
    }
}
