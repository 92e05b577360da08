using System.Text;

namespace Sift.Media.Sip.Tracing;

/// <summary>Finds the Call-ID of a message without parsing the rest of it.</summary>
internal static class CallIdText
{
    /// <summary>Null when the head of the message has none.</summary>
    public static string? Of(ReadOnlySpan<byte> message) => Find(message) is { IsEmpty: false } id ? Encoding.UTF8.GetString(id) : null;

    /// <summary>Empty when the head of the message has none.</summary>
    public static ReadOnlySpan<byte> Find(ReadOnlySpan<byte> message)
    {
        while (true)
        {
            var end = message.IndexOf((byte)'\n');
            if (end < 0)
            {
                return default;
            }

            var line = message[..end].TrimEnd((byte)'\r');
            message = message[(end + 1)..];
            if (line.IsEmpty)
            {
                return default;
            }

            var colon = line.IndexOf((byte)':');
            if (colon > 0 && IsCallId(line[..colon].TrimEnd(" \t"u8)))
            {
                return line[(colon + 1)..].Trim(" \t"u8);
            }
        }
    }

    // RFC 3261 7.3.3: "i" is the compact form.
    private static bool IsCallId(ReadOnlySpan<byte> name) =>
        Ascii.EqualsIgnoreCase(name, "Call-ID"u8) || Ascii.EqualsIgnoreCase(name, "i"u8);
}
