namespace Sift.Protocols.Sip.Messages;

/// <summary>Sequence number and method (RFC 3261 section 20.16).</summary>
public readonly record struct CSeq(uint Number, string Method)
{
    public static bool TryParse(ReadOnlySpan<char> text, out CSeq cseq)
    {
        cseq = default;
        return false;
    }

    public override string ToString() => $"{Number} {Method}";
}
