using System.Diagnostics.CodeAnalysis;

namespace Sift.Protocols.Sdp;

/// <summary>The c= line (RFC 8866 section 5.7), unicast; a multicast TTL or count behind '/' is dropped.</summary>
public sealed record SdpConnection(string Address)
{
    /// <summary>RFC 3264 8.4: the hold of RFC 2543, "send me nothing".</summary>
    public bool IsUnspecified => Address is "0.0.0.0" or "::";

    public override string ToString() => $"IN {AddressType(Address)} {Address}";

    internal static string AddressType(string address) => address.Contains(':', StringComparison.Ordinal) ? "IP6" : "IP4";

    internal static bool TryParse(ReadOnlySpan<char> text, [NotNullWhen(true)] out SdpConnection? connection)
    {
        connection = null;
        Span<Range> parts = stackalloc Range[4];
        if (text.Split(parts, ' ', StringSplitOptions.RemoveEmptyEntries) != 3
            || text[parts[0]] is not "IN"
            || text[parts[1]] is not ("IP4" or "IP6"))
        {
            return false;
        }

        var address = text[parts[2]];
        var slash = address.IndexOf('/');
        if (slash == 0)
        {
            return false;
        }

        connection = new SdpConnection(SharedStrings.Of(slash < 0 ? address : address[..slash]));
        return true;
    }
}
