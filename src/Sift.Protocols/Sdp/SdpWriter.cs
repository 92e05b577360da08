using System.Buffers;
using System.Text;

namespace Sift.Protocols.Sdp;

/// <summary>Writes session descriptions in the line order of RFC 8866 section 9.</summary>
internal static class SdpWriter
{
    public static byte[] ToArray(SessionDescription description)
    {
        var output = BuilderCache.Take();
        Write(description, output);
        var characters = ArrayPool<char>.Shared.Rent(output.Length);
        try
        {
            output.CopyTo(0, characters, output.Length);
            return Encoding.UTF8.GetBytes(characters, 0, output.Length);
        }
        finally
        {
            ArrayPool<char>.Shared.Return(characters);
            BuilderCache.GiveUnread(output);
        }
    }

    public static string ToText(SessionDescription description)
    {
        var output = BuilderCache.Take();
        Write(description, output);
        return BuilderCache.Give(output);
    }

    private static void Write(SessionDescription description, StringBuilder output)
    {
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
    }

    private static void Attributes(StringBuilder output, IReadOnlyList<SdpAttribute> attributes)
    {
        for (var i = 0; i < attributes.Count; i++)
        {
            var (name, value) = attributes[i];
            Line(output, 'a', name, value);
        }
    }

    private static void Others(StringBuilder output, IReadOnlyList<SdpLine> lines, string types)
    {
        for (var i = 0; i < lines.Count; i++)
        {
            var (type, value) = lines[i];
            if (types.Contains(type))
            {
                Line(output, type, value);
            }
        }
    }

    /// <exception cref="ArgumentException">The value would start another line.</exception>
    private static void Line(StringBuilder output, char type, string value, string? rest = null)
    {
        if (value.AsSpan().ContainsAny('\r', '\n', '\0') || rest.AsSpan().ContainsAny('\r', '\n', '\0'))
        {
            throw new ArgumentException($"An SDP {type}= value is one line.", nameof(value));
        }

        output.Append(type).Append('=').Append(value);
        if (rest is not null)
        {
            output.Append(':').Append(rest);
        }

        output.Append("\r\n");
    }
}
