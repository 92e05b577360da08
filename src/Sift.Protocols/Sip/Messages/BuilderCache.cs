using System.Text;

namespace Sift.Protocols.Sip.Messages;

/// <summary>One string builder per thread for the short texts of header values, so that only the text itself is allocated.</summary>
internal static class BuilderCache
{
    private const int LargestKept = 1024;

    [ThreadStatic]
    private static StringBuilder? _kept;

    public static StringBuilder Take()
    {
        var builder = _kept ?? new StringBuilder(256);
        _kept = null;
        return builder;
    }

    /// <summary>The text, and the builder back.</summary>
    public static string Give(StringBuilder builder)
    {
        var text = builder.ToString();
        if (builder.Capacity <= LargestKept)
        {
            _kept = builder.Clear();
        }

        return text;
    }
}
