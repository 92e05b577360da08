using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Sift.Protocols.Sdp;

/// <summary>a=rtpmap (RFC 8866 section 6.6).</summary>
public sealed record RtpMap(int PayloadType, string Encoding, int ClockRate, int Channels = 1)
{
    public override string ToString() => Channels == 1
        ? $"{PayloadType} {Encoding}/{ClockRate}"
        : $"{PayloadType} {Encoding}/{ClockRate}/{Channels}";

    internal static bool TryParse(ReadOnlySpan<char> text, [NotNullWhen(true)] out RtpMap? map)
    {
        map = null;
        var space = text.IndexOf(' ');
        if (space < 0 || !TryPayloadType(text[..space], out var payloadType))
        {
            return false;
        }

        Span<Range> parts = stackalloc Range[4];
        var encoding = text[(space + 1)..].Trim(' ');
        var count = encoding.Split(parts, '/');
        var channels = 1;
        if (count is not (2 or 3)
            || encoding[parts[0]].IsEmpty
            || !TryNumber(encoding[parts[1]], out var clockRate)
            || (count == 3 && !TryNumber(encoding[parts[2]], out channels)))
        {
            return false;
        }

        map = new RtpMap(payloadType, new string(encoding[parts[0]]), clockRate, channels);
        return true;
    }

    internal static bool TryPayloadType(ReadOnlySpan<char> text, out int payloadType) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out payloadType) && payloadType <= 127;

    private static bool TryNumber(ReadOnlySpan<char> text, out int number) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number > 0;
}
