namespace Sift.Protocols.Sdp;

/// <summary>One a= line (RFC 8866 section 5.13); a property attribute has a null value.</summary>
public readonly record struct SdpAttribute(string Name, string? Value = null)
{
    public override string ToString() => Value is null ? Name : $"{Name}:{Value}";

    internal static SdpAttribute Parse(ReadOnlySpan<char> text)
    {
        var colon = text.IndexOf(':');
        return colon < 0
            ? new SdpAttribute(SharedStrings.Of(text))
            : new SdpAttribute(SharedStrings.Of(text[..colon]), SharedStrings.Of(text[(colon + 1)..].Trim(' ')));
    }
}
