using System.Text;

namespace Sift.Protocols.Sdp;

/// <summary>Writes session descriptions in the line order of RFC 8866 section 9.</summary>
internal static class SdpWriter
{
    public static byte[] ToArray(SessionDescription description) => Encoding.UTF8.GetBytes(ToText(description));

    public static string ToText(SessionDescription description)
    {
        var output = new StringBuilder(512);
        Line(output, 'v', "0");
        Line(output, 'o', description.Origin.ToString());
        Line(output, 's', description.Name);
        Others(output, description.OtherLines, "iuep");
        if (description.Connection is not null)
        {
            Line(output, 'c', description.Connection.ToString());
        }

        Others(output, description.OtherLines, "b");
        Others(output, description.OtherLines, "trz");
        Others(output, description.OtherLines, "k");
        Attributes(output, description.Attributes);
        foreach (var media in description.Media)
        {
            Line(output, 'm', $"{media.Type} {media.Port} {media.Protocol} {string.Join(' ', media.Formats)}");
            Others(output, media.OtherLines, "i");
            if (media.Connection is not null)
            {
                Line(output, 'c', media.Connection.ToString());
            }

            Others(output, media.OtherLines, "b");
            Others(output, media.OtherLines, "k");
            Attributes(output, media.Attributes);
        }

        return output.ToString();
    }

    private static void Attributes(StringBuilder output, IReadOnlyList<SdpAttribute> attributes)
    {
        foreach (var attribute in attributes)
        {
            Line(output, 'a', attribute.ToString());
        }
    }

    private static void Others(StringBuilder output, IReadOnlyList<SdpLine> lines, string types)
    {
        foreach (var (type, value) in lines)
        {
            if (types.Contains(type))
            {
                Line(output, type, value);
            }
        }
    }

    /// <exception cref="ArgumentException">The value would start another line.</exception>
    private static void Line(StringBuilder output, char type, string value)
    {
        if (value.AsSpan().ContainsAny('\r', '\n', '\0'))
        {
            throw new ArgumentException($"An SDP {type}= value is one line.", nameof(value));
        }

        output.Append(type).Append('=').Append(value).Append("\r\n");
    }
}
