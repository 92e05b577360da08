using System.Text;

namespace Sift.Media.Sip.Tracing;

/// <summary>
/// Blots out of a message what nobody may read afterwards: digest answers, media keys, digits that a caller entered. Every byte becomes an
/// asterisk, so that the message keeps its length and its lengths stay true. It runs for each message of each call and allocates nothing.
/// </summary>
internal static class TraceMask
{
    private const byte Blot = (byte)'*';

    public static void Apply(Span<byte> message)
    {
        var rest = message;
        var secret = Secret.None;
        var digits = false;
        while (!rest.IsEmpty)
        {
            var line = NextLine(ref rest);
            if (line.IsEmpty)
            {
                break;
            }

            // RFC 3261 7.3.1: a line that begins with white space goes on with the header before it.
            var value = line;
            if (line[0] is not ((byte)' ' or (byte)'\t'))
            {
                secret = (line[0] | 0x20) is 'a' or 'p' ? SecretOf(line, out value) : Secret.None;
            }

            if (secret == Secret.Digest)
            {
                BlotProofs(value);
            }
            else if (secret == Secret.Whole)
            {
                BlotAll(value);
            }

            digits |= IsDigitsType(line);
        }

        var body = rest;
        while (!rest.IsEmpty && !digits)
        {
            var line = NextLine(ref rest);
            digits = IsDigitsType(line);
            if (!line.IsEmpty && line[0] == (byte)'a')
            {
                BlotKey(line);
            }
        }

        if (digits)
        {
            BlotAll(body);
        }
    }

    private static Span<byte> NextLine(ref Span<byte> rest)
    {
        var end = rest.IndexOf((byte)'\n');
        var line = end < 0 ? rest : rest[..end];
        rest = end < 0 ? default : rest[(end + 1)..];
        return line.TrimEnd((byte)'\r');
    }

    private enum Secret { None, Digest, Whole }

    /// <summary>What a header line holds that must go, and the part of the line where it is.</summary>
    private static Secret SecretOf(Span<byte> line, out Span<byte> value)
    {
        value = default;
        var name = NameOf(line);
        var isInfo = Ascii.EqualsIgnoreCase(name, "Authentication-Info"u8);
        if (!isInfo && !Ascii.EqualsIgnoreCase(name, "Authorization"u8) && !Ascii.EqualsIgnoreCase(name, "Proxy-Authorization"u8))
        {
            return Secret.None;
        }

        value = line[(line.IndexOf((byte)':') + 1)..].TrimStart(" \t"u8);
        if (isInfo)
        {
            return Secret.Digest;
        }

        // Any other scheme, Basic and Bearer among them, is a secret as it stands.
        var scheme = value.IndexOfAny((byte)' ', (byte)'\t') is >= 0 and var end ? value[..end] : value;
        value = value[scheme.Length..];
        return Ascii.EqualsIgnoreCase(scheme, "Digest"u8) ? Secret.Digest : Secret.Whole;
    }

    private static bool IsDigitsType(ReadOnlySpan<byte> line)
    {
        if (line.IsEmpty || (line[0] | 0x20) != 'c' || NameOf(line) is not { IsEmpty: false } name || !(name.Length == 1 || Ascii.EqualsIgnoreCase(name, "Content-Type"u8)))
        {
            return false;
        }

        var type = line[(line.IndexOf((byte)':') + 1)..].TrimStart(" \t"u8);
        return StartsWith(type, "application/dtmf"u8) || StartsWith(type, "application/vnd.nortelnetworks.digits"u8) || StartsWith(type, "application/kpml-response"u8);
    }

    private static ReadOnlySpan<byte> NameOf(ReadOnlySpan<byte> line) => line.IndexOf((byte)':') is > 0 and var colon ? line[..colon].TrimEnd(" \t"u8) : default;

    // RFC 3261 22.4: what proves the password. The user name and the realm help to find mistakes and stay.
    private static void BlotProofs(Span<byte> parameters)
    {
        while (parameters.IndexOf((byte)'=') is >= 0 and var equals)
        {
            var name = parameters[..equals].Trim(" \t,"u8);
            var value = parameters[(equals + 1)..].TrimStart(" \t"u8);
            var isQuoted = !value.IsEmpty && value[0] == (byte)'"';
            value = isQuoted ? value[1..] : value;
            var length = isQuoted ? QuotedLength(value) : value.IndexOfAny((byte)',', (byte)' ', (byte)'\t') is >= 0 and var end ? end : value.Length;
            if (Ascii.EqualsIgnoreCase(name, "response"u8) || Ascii.EqualsIgnoreCase(name, "cnonce"u8) || Ascii.EqualsIgnoreCase(name, "rspauth"u8))
            {
                value[..length].Fill(Blot);
            }

            parameters = value[Math.Min(value.Length, isQuoted ? length + 1 : length)..];
        }
    }

    private static int QuotedLength(ReadOnlySpan<byte> value)
    {
        for (var i = 0; i < value.Length; i++)
        {
            if (value[i] == (byte)'\\')
            {
                i++;
            }
            else if (value[i] == (byte)'"')
            {
                return i;
            }
        }

        return value.Length;
    }

    // RFC 4568 6.1 (inline), RFC 4567 (key-mgmt).
    private static void BlotKey(Span<byte> line)
    {
        if (StartsWith(line, "a=crypto:"u8))
        {
            var rest = line;
            while (rest.IndexOf("inline:"u8) is >= 0 and var at)
            {
                rest = rest[(at + "inline:"u8.Length)..];
                var length = rest.IndexOfAny("|; \t"u8) is >= 0 and var end ? end : rest.Length;
                rest[..length].Fill(Blot);
                rest = rest[length..];
            }
        }
        else if (StartsWith(line, "a=key-mgmt:"u8))
        {
            BlotAll(line["a=key-mgmt:"u8.Length..]);
        }
    }

    private static void BlotAll(Span<byte> text)
    {
        foreach (ref var letter in text)
        {
            if (letter is not ((byte)'\r' or (byte)'\n'))
            {
                letter = Blot;
            }
        }
    }

    private static bool StartsWith(ReadOnlySpan<byte> text, ReadOnlySpan<byte> start) => text.Length >= start.Length && Ascii.EqualsIgnoreCase(text[..start.Length], start);
}
