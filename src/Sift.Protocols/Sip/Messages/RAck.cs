namespace Sift.Protocols.Sip.Messages;

/// <summary>RAck of a PRACK (RFC 3262 section 7.2): the RSeq of the provisional response and the CSeq of its INVITE.</summary>
public readonly record struct RAck(uint ResponseNumber, CSeq CSeq)
{
    public static bool TryParse(ReadOnlySpan<char> text, out RAck rack)
    {
        rack = default;
        text = SipText.Trim(text);
        var space = text.IndexOfAny(' ', '\t');
        if (space < 0
            || !SipText.TryNumber(text[..space], out var number)
            || number == 0
            || !CSeq.TryParse(text[space..], out var cseq))
        {
            return false;
        }

        rack = new RAck(number, cseq);
        return true;
    }

    public override string ToString() => $"{ResponseNumber} {CSeq}";
}
