using System.Globalization;

namespace Sift.Web.ConsolePages.Trunks;

/// <summary>What the other end answered to an INVITE, read from its text for people.</summary>
/// <param name="Warnings">Code and text of each Warning header (RFC 3261 20.43).</param>
internal sealed record SipAnswer(int Status, string Reason, IReadOnlyList<string> Warnings, string Message)
{
    /// <summary>Null when the message answers something else, or only asks for credentials.</summary>
    public static SipAnswer? ToInvite(string message)
    {
        var head = message.Split('\n', StringSplitOptions.TrimEntries).TakeWhile(static line => line.Length > 0).ToList();
        if (head is not [var first, ..] || first.Split(' ', 3) is not ["SIP/2.0", var code, .. var reason] || !int.TryParse(code, NumberStyles.None, CultureInfo.InvariantCulture, out var status))
        {
            return null;
        }

        var isInvite = Values(head, "CSeq").Any(static value => value.EndsWith(" INVITE", StringComparison.Ordinal));
        return isInvite && status is not (401 or 407) ? new SipAnswer(status, string.Join(' ', reason), [.. Values(head, "Warning").Select(Readable)], message) : null;
    }

    private static IEnumerable<string> Values(List<string> head, string name) => head
        .Where(line => line.StartsWith(name, StringComparison.OrdinalIgnoreCase) && line.AsSpan(name.Length).TrimStart().StartsWith(":"))
        .Select(static line => line[(line.IndexOf(':') + 1)..].Trim());

    // 305 carrier.example "Incompatible media format": who says so is known.
    private static string Readable(string warning) => warning.Split(' ', 3) is [var code, _, var text] ? $"{code} {text.Trim('"')}" : warning;
}
