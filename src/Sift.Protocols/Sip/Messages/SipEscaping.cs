using System.Buffers;
using System.Text;

namespace Sift.Protocols.Sip.Messages;

/// <summary>
/// Percent escapes of SIP URIs (RFC 3261 25.1 <c>escaped</c>). Escaped bytes that are not UTF-8 become lone surrogates
/// U+DC80..U+DCFF and are written back as the same bytes, so that parsing and writing lose nothing.
/// </summary>
internal static class SipEscaping
{
    private const string Unreserved = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.!~*'()";

    /// <summary>RFC 3261 25.1 <c>user</c>.</summary>
    public static readonly SearchValues<char> User = SearchValues.Create(Unreserved + "&=+$,;?/");

    public static readonly SearchValues<char> Password = SearchValues.Create(Unreserved + "&=+$,");

    /// <summary>RFC 3261 25.1 <c>paramchar</c>.</summary>
    public static readonly SearchValues<char> Parameter = SearchValues.Create(Unreserved + "[]/:&+$");

    private const int FirstRawByte = 0xDC00;

    /// <summary>Decodes escapes; false when a '%' is not followed by two hex digits or a character is not allowed bare.</summary>
    /// <param name="keep">False to judge only: then <paramref name="decoded"/> is null.</param>
    public static bool TryDecode(ReadOnlySpan<char> text, SearchValues<char> allowed, bool keep, out string? decoded)
    {
        decoded = null;
        var bare = text.IndexOfAnyExcept(allowed);
        if (bare < 0)
        {
            decoded = keep ? SipNames.Parameter(text) : null;
            return true;
        }

        var bytes = ArrayPool<byte>.Shared.Rent(text.Length);
        try
        {
            var count = 0;
            for (var i = 0; i < text.Length; i++)
            {
                if (text[i] == '%')
                {
                    if (i + 2 >= text.Length || !char.IsAsciiHexDigit(text[i + 1]) || !char.IsAsciiHexDigit(text[i + 2]))
                    {
                        return false;
                    }

                    bytes[count++] = (byte)((Hex(text[i + 1]) << 4) | Hex(text[i + 2]));
                    i += 2;
                }
                else if (allowed.Contains(text[i]))
                {
                    bytes[count++] = (byte)text[i];
                }
                else
                {
                    return false;
                }
            }

            decoded = keep ? FromBytes(bytes.AsSpan(0, count)) : null;
            return true;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(bytes);
        }
    }

    public static void Append(StringBuilder output, ReadOnlySpan<char> text, SearchValues<char> allowed)
    {
        Span<byte> utf8 = stackalloc byte[4];
        while (true)
        {
            var at = text.IndexOfAnyExcept(allowed);
            if (at < 0)
            {
                output.Append(text);
                return;
            }

            output.Append(text[..at]);
            if (text[at] is >= (char)(FirstRawByte + 0x80) and <= (char)(FirstRawByte + 0xFF))
            {
                AppendByte(output, (byte)(text[at] - FirstRawByte));
                text = text[(at + 1)..];
                continue;
            }

            Rune.DecodeFromUtf16(text[at..], out var rune, out var used);
            foreach (var b in utf8[..rune.EncodeToUtf8(utf8)])
            {
                AppendByte(output, b);
            }

            text = text[(at + used)..];
        }
    }

    private static string FromBytes(ReadOnlySpan<byte> bytes)
    {
        var output = new StringBuilder(bytes.Length);
        while (!bytes.IsEmpty)
        {
            if (Rune.DecodeFromUtf8(bytes, out var rune, out var used) == OperationStatus.Done)
            {
                output.Append(rune.ToString());
            }
            else
            {
                foreach (var b in bytes[..used])
                {
                    output.Append((char)(FirstRawByte + b));
                }
            }

            bytes = bytes[used..];
        }

        return output.ToString();
    }

    private static void AppendByte(StringBuilder output, byte b) =>
        output.Append('%').Append(Digit(b >> 4)).Append(Digit(b & 15));

    private static char Digit(int value) => "0123456789ABCDEF"[value];

    private static int Hex(char c) => c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10;
}
