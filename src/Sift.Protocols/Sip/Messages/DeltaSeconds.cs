namespace Sift.Protocols.Sip.Messages;

/// <summary><c>delta-seconds *( ; parameter )</c>: Session-Expires, Min-SE.</summary>
internal static class DeltaSeconds
{
    public static bool TryParse(ReadOnlySpan<char> text, out uint seconds, out SipParameters parameters)
    {
        var scanner = new SipScanner(text);
        scanner.SkipWhite();
        var sound = SipText.TryNumber(scanner.TakeUntil(";"), out seconds);
        return scanner.TakeParameters(out parameters) && sound;
    }
}
