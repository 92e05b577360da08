using System.Globalization;

namespace Sift.Protocols.Sip.Messages;

/// <summary>SIP-date (RFC 3261 20.17): RFC 1123 form, always GMT.</summary>
internal static class SipDate
{
    public static bool IsValid(ReadOnlySpan<char> text) =>
        DateTimeOffset.TryParseExact(text, "ddd, dd MMM yyyy HH:mm:ss 'GMT'", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out _);
}
