using System.Globalization;

namespace Sift.Media.WebRtc.Calls;

/// <summary>The grammar of a candidate (RFC 8839 5.1), as far as it concerns one who does not use it.</summary>
internal static class CandidateText
{
    private const int Longest = 512;

    /// <summary>foundation, component, transport, priority, address, port, "typ", type; extensions may follow.</summary>
    public static bool IsWellFormed(ReadOnlySpan<char> candidate)
    {
        const int needed = 8;
        if (candidate.Length > Longest || candidate.ContainsAnyInRange('\0', '\u001F'))
        {
            return false;
        }

        if (candidate.StartsWith("a=", StringComparison.Ordinal))
        {
            candidate = candidate[2..];
        }

        if (candidate.StartsWith("candidate:", StringComparison.Ordinal))
        {
            candidate = candidate["candidate:".Length..];
        }

        Span<Range> parts = stackalloc Range[needed + 1];
        return candidate.Split(parts, ' ') >= needed
            && !candidate[parts[0]].IsEmpty
            && IsNumber(candidate[parts[1]], 256)
            && !candidate[parts[2]].IsEmpty
            && IsNumber(candidate[parts[3]], uint.MaxValue)
            && !candidate[parts[4]].IsEmpty
            && IsNumber(candidate[parts[5]], ushort.MaxValue)
            && candidate[parts[6]].SequenceEqual("typ")
            && !candidate[parts[7]].IsEmpty;
    }

    private static bool IsNumber(ReadOnlySpan<char> text, uint most) =>
        uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= most;
}
