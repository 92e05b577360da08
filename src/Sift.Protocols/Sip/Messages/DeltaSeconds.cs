namespace Sift.Protocols.Sip.Messages;

/// <summary><c>delta-seconds *( ; parameter )</c>: Session-Expires, Min-SE.</summary>
internal static class DeltaSeconds
{
    public static bool TryParse(ReadOnlySpan<char> text, out uint seconds, out SipParameters parameters)
    {
        parameters = new SipParameters();
        var scanner = new SipScanner(text);
        scanner.SkipWhite();
        return SipText.TryNumber(scanner.TakeUntil(";"), out seconds) && scanner.TakeParameters(parameters);
    }
}
