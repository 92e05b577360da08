namespace Sift.Protocols.Sip.Messages;

/// <summary>Sequence number and method (RFC 3261 section 20.16).</summary>
public readonly record struct CSeq(uint Number, string Method)
{
    public static bool TryParse(ReadOnlySpan<char> text, out CSeq cseq)
    {
        cseq = default;
        text = SipText.Trim(text);
        var space = text.IndexOfAny(' ', '\t');
        if (space < 0 || !SipText.TryNumber(text[..space], out var number) || number > SipLimits.MaxCSeq)
        {
            return false;
        }

        var method = SipText.Trim(text[space..]);
        if (!SipText.IsToken(method))
        {
            return false;
        }

        cseq = new CSeq(number, SipNames.Method(method));
        return true;
    }

    public override string ToString() => $"{Number} {Method}";
}
