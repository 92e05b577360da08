using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Sift.Protocols.Sdp;

/// <summary>The o= line (RFC 8866 section 5.2): together the id of the session, and the version of its description.</summary>
public sealed record SdpOrigin(string UserName, string SessionId, ulong Version, string Address)
{
    /// <summary>Same session, whatever the version (RFC 8866 5.2).</summary>
    public bool IsSameSession(SdpOrigin other) =>
        UserName == other.UserName && SessionId == other.SessionId && Address == other.Address;

    public override string ToString() =>
        $"{UserName} {SessionId} {Version.ToString(CultureInfo.InvariantCulture)} IN {SdpConnection.AddressType(Address)} {Address}";

    internal static bool TryParse(ReadOnlySpan<char> text, [NotNullWhen(true)] out SdpOrigin? origin)
    {
        origin = null;
        Span<Range> parts = stackalloc Range[7];
        if (text.Split(parts, ' ', StringSplitOptions.RemoveEmptyEntries) != 6
            || text[parts[3]] is not "IN"
            || text[parts[4]] is not ("IP4" or "IP6")
            || text[parts[1]].ContainsAnyExceptInRange('0', '9'))
        {
            return false;
        }

        // The version is a number of any length; what does not fit is cut to its low digits, since only equality and +1 count.
        var digits = text[parts[2]];
        if (digits.ContainsAnyExceptInRange('0', '9'))
        {
            return false;
        }

        const int most = 19;
        var tail = digits.Length > most ? digits[^most..] : digits;
        origin = new SdpOrigin(
            SharedStrings.Of(text[parts[0]]),
            SharedStrings.Of(text[parts[1]]),
            ulong.Parse(tail, NumberStyles.None, CultureInfo.InvariantCulture),
            SharedStrings.Of(text[parts[5]]));
        return true;
    }
}
