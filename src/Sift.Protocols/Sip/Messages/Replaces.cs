using System.Diagnostics.CodeAnalysis;

namespace Sift.Protocols.Sip.Messages;

/// <summary>Replaces (RFC 3891 section 6.1): the dialog that this INVITE takes over.</summary>
public sealed record Replaces(string CallId, string ToTag, string FromTag, bool EarlyOnly)
{
    public static bool TryParse(ReadOnlySpan<char> text, [NotNullWhen(true)] out Replaces? replaces)
    {
        replaces = null;
        var scanner = new SipScanner(text);
        scanner.SkipWhite();
        var callId = scanner.TakeUntil(";");
        if (callId.IsEmpty
            || callId.ContainsAnyExcept(SipText.Word)
            || !scanner.TakeParameters(out var parameters)
            || parameters.Get("to-tag") is not { } toTag
            || parameters.Get("from-tag") is not { } fromTag)
        {
            return false;
        }

        replaces = new Replaces(new string(callId), toTag, fromTag, parameters.Contains("early-only"));
        return true;
    }

    public override string ToString() => $"{CallId};to-tag={ToTag};from-tag={FromTag}{(EarlyOnly ? ";early-only" : "")}";
}
