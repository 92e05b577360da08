using System.Buffers;
using System.Text;

namespace Sift.Protocols.Sip.Messages;

/// <summary>Character classes and quoting of RFC 3261 25.1.</summary>
internal static class SipText
{
    private const string AlphaNumeric = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

    /// <summary>RFC 3261 25.1 <c>token</c>.</summary>
    public static readonly SearchValues<char> Token = SearchValues.Create(AlphaNumeric + "-.!%*_+`'~");

    /// <summary>RFC 3261 25.1 <c>word</c>, with the '@' that joins the halves of a Call-ID.</summary>
    public static readonly SearchValues<char> Word = SearchValues.Create(AlphaNumeric + "-.!%*_+`'~()<>:\\\"/[]?{}@");

    public static readonly SearchValues<char> HostName = SearchValues.Create(AlphaNumeric + "-._");

    public static readonly SearchValues<char> Ipv6 = SearchValues.Create("0123456789abcdefABCDEF:.");

    private static readonly SearchValues<char> TokenOrHost = SearchValues.Create(AlphaNumeric + "-.!%*_+`'~[]:");

    private static readonly SearchValues<char> LineBreaks = SearchValues.Create("\r\n");

    private static readonly SearchValues<char> LineBreaksAndNul = SearchValues.Create("\r\n\0");

    public static bool IsToken(ReadOnlySpan<char> text) => !text.IsEmpty && !text.ContainsAnyExcept(Token);

    public static bool IsWhite(char c) => c is ' ' or '\t';

    public static ReadOnlySpan<char> Trim(ReadOnlySpan<char> text) => text.Trim(" \t");

    public static bool HasLineBreak(ReadOnlySpan<char> text) => text.ContainsAny(LineBreaks);

    /// <summary>
    /// True when the text can stand in a header line. NUL is legal only as a quoted pair (RFC 3261 25.1); a CR or LF would start another line.
    /// </summary>
    public static bool IsFieldSafe(ReadOnlySpan<char> text)
    {
        for (var from = 0; ;)
        {
            var at = text[from..].IndexOfAny(LineBreaksAndNul);
            if (at < 0)
            {
                return true;
            }

            at += from;
            if (text[at] != '\0' || at == 0 || text[at - 1] != '\\')
            {
                return false;
            }

            from = at + 1;
        }
    }

    /// <summary>Writes a parameter value: bare when it is a token or a host, quoted otherwise.</summary>
    public static void AppendParameterValue(StringBuilder output, string value)
    {
        if (value.Length > 0 && !value.AsSpan().ContainsAnyExcept(TokenOrHost))
        {
            output.Append(value);
        }
        else
        {
            AppendQuoted(output, value);
        }
    }

    /// <summary>Writes a quoted-string. CR and LF have no escaped form (RFC 3261 25.1 <c>quoted-pair</c>) and become spaces.</summary>
    public static void AppendQuoted(StringBuilder output, ReadOnlySpan<char> text)
    {
        output.Append('"');
        foreach (var c in text)
        {
            switch (c)
            {
                case '"' or '\\' or < ' ' and not ('\r' or '\n' or '\t') or '\x7f':
                    output.Append('\\').Append(c);
                    break;
                case '\r' or '\n':
                    output.Append(' ');
                    break;
                default:
                    output.Append(c);
                    break;
            }
        }

        output.Append('"');
    }

    /// <summary>Takes the quoted pairs out of the inside of a quoted-string.</summary>
    public static string Unquote(ReadOnlySpan<char> inside)
    {
        if (!inside.Contains('\\'))
        {
            return new string(inside);
        }

        var output = new StringBuilder(inside.Length);
        for (var i = 0; i < inside.Length; i++)
        {
            if (inside[i] == '\\' && i + 1 < inside.Length)
            {
                i++;
            }

            output.Append(inside[i]);
        }

        return output.ToString();
    }

    /// <summary>Decimal digits only; leading zeros are fine (RFC 4475 3.1.1.1), signs and overflow are not.</summary>
    public static bool TryNumber(ReadOnlySpan<char> text, out uint number)
    {
        number = 0;
        if (text.IsEmpty)
        {
            return false;
        }

        ulong sum = 0;
        foreach (var c in text)
        {
            if (!char.IsAsciiDigit(c))
            {
                return false;
            }

            sum = (sum * 10) + (uint)(c - '0');
            if (sum > uint.MaxValue)
            {
                return false;
            }
        }

        number = (uint)sum;
        return true;
    }
}
