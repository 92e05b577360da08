using Sift.Protocols.Sip.Messages;

namespace Sift.Protocols.Sip.Transactions;

/// <summary>The fields that every request is judged by, read once.</summary>
internal readonly record struct RequestFacts(string CallId, string FromTag, string? ToTag, CSeq CSeq)
{
    public static bool TryRead(SipMessage message, out RequestFacts facts)
    {
        facts = default;
        if (message.Headers.Get("Call-ID") is not { Length: > 0 } callId
            || message.Headers.Get("From") is not { } from
            || message.Headers.Get("To") is not { } to
            || message.Headers.Get("CSeq") is not { } sequence
            || !CSeq.TryParse(sequence, out var cseq))
        {
            return false;
        }

        facts = new(callId, AddressTag.Of(from) ?? "", AddressTag.Of(to), cseq);
        return true;
    }
}
