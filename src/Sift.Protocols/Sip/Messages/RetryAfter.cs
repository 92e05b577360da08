namespace Sift.Protocols.Sip.Messages;

/// <summary>Retry-After (RFC 3261 section 20.33); its comment is dropped.</summary>
/// <param name="Seconds">Wait this long before asking again.</param>
/// <param name="Duration">How long the called party is available from then on; null when not said.</param>
public readonly record struct RetryAfter(uint Seconds, uint? Duration)
{
    public static bool TryParse(ReadOnlySpan<char> text, out RetryAfter value)
    {
        value = default;
        var scanner = new SipScanner(text);
        scanner.SkipWhite();
        if (!SipText.TryNumber(scanner.TakeUntil(" \t(;"), out var seconds) || !TrySkipComment(ref scanner))
        {
            return false;
        }

        if (!scanner.TakeParameters(out var parameters))
        {
            return false;
        }

        value = new RetryAfter(seconds, SipText.TryNumber(parameters.Get("duration"), out var duration) ? duration : null);
        return true;
    }

    public override string ToString() => Duration is { } duration ? $"{Seconds};duration={duration}" : $"{Seconds}";

    /// <summary>RFC 3261 25.1 <c>comment</c>: parentheses nest and can be escaped.</summary>
    private static bool TrySkipComment(ref SipScanner scanner)
    {
        if (!scanner.Take('('))
        {
            return true;
        }

        var depth = 1;
        var rest = scanner.Rest;
        for (var i = 0; i < rest.Length; i++)
        {
            switch (rest[i])
            {
                case '\\':
                    i++;
                    break;
                case '(':
                    depth++;
                    break;
                case ')' when --depth == 0:
                    scanner.Take(i + 1);
                    return true;
                default:
                    break;
            }
        }

        return false;
    }
}
