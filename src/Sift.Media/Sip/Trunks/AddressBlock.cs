using System.Net;

namespace Sift.Media.Sip.Trunks;

/// <summary>An address or CIDR block that calls are trusted from.</summary>
internal static class AddressBlock
{
    /// <summary>Reads <c>192.0.2.10</c>, <c>192.0.2.0/24</c>, <c>2001:db8::/32</c>.</summary>
    public static bool TryParse(string text, out IPNetwork block)
    {
        if (IPNetwork.TryParse(text, out block))
        {
            return true;
        }

        if (IPAddress.TryParse(text, out var address))
        {
            block = new IPNetwork(address, address.GetAddressBytes().Length * 8);
            return true;
        }

        return false;
    }
}
