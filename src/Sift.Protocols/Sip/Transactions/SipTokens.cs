using Sift.Protocols.Sip.Messages;

namespace Sift.Protocols.Sip.Transactions;

/// <summary>Tags, branches, Call-IDs and random delays from one source of entropy.</summary>
internal sealed class SipTokens(IEntropy entropy)
{
    /// <summary>RFC 3261 19.3: at least 32 bits of randomness; 64 here.</summary>
    public string Tag() => Hex(8, "");

    /// <summary>RFC 3261 8.1.1.7.</summary>
    public string Branch() => Hex(8, Via.MagicCookie);

    public string CallId() => Hex(12, "");

    /// <summary>RFC 3261 8.1.1.5: below 2^31; small enough here to leave room for a long dialog.</summary>
    public uint Sequence() => 1 + (uint)(Next() % 30_000);

    /// <summary>A delay between the bounds, in steps of <paramref name="step"/>, both ends included.</summary>
    public TimeSpan Between(TimeSpan low, TimeSpan high, TimeSpan step) => low + (step * (Next() % ((high - low).Ticks / step.Ticks + 1)));

    private long Next()
    {
        Span<byte> bytes = stackalloc byte[8];
        entropy.Fill(bytes);
        return BitConverter.ToInt64(bytes) & long.MaxValue;
    }

    private string Hex(int count, string prefix)
    {
        Span<byte> bytes = stackalloc byte[12];
        bytes = bytes[..count];
        entropy.Fill(bytes);
        Span<char> text = stackalloc char[32];
        prefix.CopyTo(text);
        Convert.TryToHexStringLower(bytes, text[prefix.Length..], out var written);
        return SharedStrings.Of(text[..(prefix.Length + written)]);
    }
}
