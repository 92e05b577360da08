using System.Text.RegularExpressions;

namespace Sift.Media.Sip.Tracing;

/// <summary>Takes out of a message what nobody may read afterwards: digest answers, media keys, digits that a caller entered.</summary>
internal static partial class TraceMask
{
    public static string Apply(string message)
    {
        message = Credentials().Replace(message, "$1\"…\"");
        message = MediaKey().Replace(message, "$1…");
        return DigitBody().IsMatch(message) && message.IndexOf("\r\n\r\n", StringComparison.Ordinal) is > 0 and var end
            ? message[..(end + 4)] + "(digits are not shown)"
            : message;
    }

    // RFC 3261 22.4: what proves the password. The user name and the realm help to find mistakes and stay.
    [GeneratedRegex(@"(?<=^(?:proxy-)?authorization[^\r\n]*)\b(response\s*=\s*|cnonce\s*=\s*)(?:""[^""\r\n]*""|[^\s,""]+)", RegexOptions.IgnoreCase | RegexOptions.Multiline, 250)]
    private static partial Regex Credentials();

    // RFC 4568 6.1.
    [GeneratedRegex(@"(a=crypto:[^\r\n]*?inline:)[^\s|;]+", RegexOptions.IgnoreCase, 250)]
    private static partial Regex MediaKey();

    [GeneratedRegex(@"^(?:content-type|c)\s*:\s*application/(?:dtmf|vnd\.nortelnetworks\.digits|kpml-response)", RegexOptions.IgnoreCase | RegexOptions.Multiline, 250)]
    private static partial Regex DigitBody();
}
