namespace Sift.Protocols.Sip.Messages;

/// <summary>Request-Line and Status-Line (RFC 3261 7.1 and 7.2).</summary>
internal static class SipStartLine
{
    private const string Version = "SIP/2.0";

    internal enum Outcome
    {
        Good,
        NotSip,
        BadRequest,
        BadResponse,
        OtherVersion,
    }

    public static Outcome Read(ReadOnlySpan<char> line, out SipMessage? message)
    {
        message = null;
        return line.StartsWith("SIP/", StringComparison.OrdinalIgnoreCase) ? ReadStatus(line, out message) : ReadRequest(line, out message);
    }

    private static Outcome ReadStatus(ReadOnlySpan<char> line, out SipMessage? message)
    {
        message = null;
        if (line.Length > SipLimits.MaxStartLineBytes
            || !line.StartsWith(Version, StringComparison.OrdinalIgnoreCase)
            || line.Length < Version.Length + 4
            || line[Version.Length] != ' '
            || line[(Version.Length + 1)..].IndexOf(' ') is not (3 or -1))
        {
            return Outcome.BadResponse;
        }

        // The space behind the code is required, but stacks that leave it out together with the phrase are common.
        var code = line[(Version.Length + 1)..];
        var phrase = code.Length > 4 ? code[4..] : default;
        if (!SipText.TryNumber(code[..3], out var status)
            || status is < 100 or > 699
            || (code.Length > 3 && code[3] != ' ')
            || SipText.HasLineBreak(phrase)
            || phrase.Contains('\0'))
        {
            return Outcome.BadResponse;
        }

        message = new SipResponse((int)status, SipReasonPhrases.Shared((int)status, phrase));
        return Outcome.Good;
    }

    private static Outcome ReadRequest(ReadOnlySpan<char> line, out SipMessage? message)
    {
        message = null;

        // RFC 3261 25.1: single spaces, none at the end. A line that breaks this still shows what it wanted to be.
        var tidy = SipText.Trim(line);
        var first = tidy.IndexOf(' ');
        var last = tidy.LastIndexOf(' ');
        if (first <= 0 || last <= first || !SipText.IsToken(tidy[..first]))
        {
            return Outcome.NotSip;
        }

        var version = tidy[(last + 1)..];
        if (!version.StartsWith("SIP/", StringComparison.OrdinalIgnoreCase))
        {
            return Outcome.NotSip;
        }

        var target = tidy[(first + 1)..last];
        var readable = SipUri.TryParse(target, out var uri);
        message = new SipRequest(SipNames.Method(tidy[..first]), uri ?? SipUri.Unreadable(target));
        if (!version.Equals(Version, StringComparison.OrdinalIgnoreCase))
        {
            return Outcome.OtherVersion;
        }

        // RFC 3261 19.1.1: no header part in a Request-URI.
        return readable && uri!.HeaderPart is null && tidy.Length == line.Length && line.Length <= SipLimits.MaxStartLineBytes
            ? Outcome.Good
            : Outcome.BadRequest;
    }
}
