using System.Diagnostics.CodeAnalysis;

namespace Sift.Protocols.Sdp;

/// <summary>a=fingerprint (RFC 8122 section 5): hash name in lower case, value as upper-case hex pairs with colons.</summary>
public sealed record SdpFingerprint(string Hash, string Value)
{
    public override string ToString() => $"{Hash} {Value}";

    internal static bool TryParse(ReadOnlySpan<char> text, [NotNullWhen(true)] out SdpFingerprint? fingerprint)
    {
        fingerprint = null;
        var space = text.IndexOf(' ');
        if (space <= 0)
        {
            return false;
        }

        var value = text[(space + 1)..].Trim(' ');
        for (var i = 0; i < value.Length; i++)
        {
            if (i % 3 == 2 ? value[i] != ':' : !char.IsAsciiHexDigit(value[i]))
            {
                return false;
            }
        }

        if (value.Length % 3 != 2)
        {
            return false;
        }

        fingerprint = new SdpFingerprint(new string(text[..space]).ToLowerInvariant(), new string(value).ToUpperInvariant());
        return true;
    }
}
