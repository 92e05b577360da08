namespace Sift.Protocols.Sdp;

/// <summary>Lookups in an attribute list. Attribute names are case-sensitive (RFC 8866 section 5.13).</summary>
public static class SdpAttributes
{
    /// <summary>Value of the first attribute of that name; null when absent or a property attribute.</summary>
    public static string? Value(this IReadOnlyList<SdpAttribute> attributes, string name)
    {
        for (var i = 0; i < attributes.Count; i++)
        {
            if (attributes[i].Name == name)
            {
                return attributes[i].Value;
            }
        }

        return null;
    }

    public static bool Has(this IReadOnlyList<SdpAttribute> attributes, string name)
    {
        for (var i = 0; i < attributes.Count; i++)
        {
            if (attributes[i].Name == name)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Values of all attributes of that name, in order.</summary>
    public static IEnumerable<string> Values(this IReadOnlyList<SdpAttribute> attributes, string name)
    {
        for (var i = 0; i < attributes.Count; i++)
        {
            if (attributes[i].Name == name && attributes[i].Value is { } value)
            {
                yield return value;
            }
        }
    }
}
