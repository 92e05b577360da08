using System.Text;

namespace Sift.Protocols;

/// <summary>One string builder per thread for header values and descriptions, so that only the text itself is allocated.</summary>
internal static class BuilderCache
{
    private const int LargestKept = 4096;

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
        GiveUnread(builder);
        return text;
    }

    public static void GiveUnread(StringBuilder builder)
    {
        if (builder.Capacity <= LargestKept)
        {
            _kept = builder.Clear();
        }
    }
}
