using System.Runtime.CompilerServices;

namespace Sift.Protocols;

/// <summary>
/// Strings seen a moment ago, so that text which comes again costs no memory: a Call-ID, From and tag stand in every message of a call, a
/// phone's Contact, Allow and User-Agent in every call of that phone. A fixed number of slots, the newest text wins: what a peer sends can
/// make it useless, not large. Used by several threads at once: a slot is one reference and its string never changes.
/// </summary>
internal static class SharedStrings
{
    private const int Slots = 4096;

    /// <summary>Longer text is rarely repeated: credentials, identities.</summary>
    private const int Longest = 128;

    private static readonly string?[] Recent = new string?[Slots];

    /// <summary>As below, for text that we put together: what a peer echoes of it is then known already.</summary>
    public static string Of(ref DefaultInterpolatedStringHandler text)
    {
        var shared = Of(text.Text);
        text.Clear();
        return shared;
    }

    /// <summary>A string of that text.</summary>
    public static string Of(ReadOnlySpan<char> text)
    {
        if (text.Length is 0 or > Longest)
        {
            return new string(text);
        }

        ref var slot = ref Recent[string.GetHashCode(text) & (Slots - 1)];
        if (slot is { } known && text.SequenceEqual(known))
        {
            return known;
        }

        var added = new string(text);
        slot = added;
        return added;
    }
}
