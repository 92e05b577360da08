namespace Sift.Media.Sip;

/// <summary>Turns what phones and carriers write in user parts into E.164 with a plus.</summary>
internal static class DialledNumber
{
    private const int MinDigits = 7;
    private const int MaxDigits = 15;

    /// <summary>Accepts <c>+15554443333</c>, <c>15554443333</c>, <c>0015554443333</c> and visual separators (RFC 3966 5.1.1).</summary>
    public static bool TryNormalise(string? text, out string number)
    {
        number = "";
        if (string.IsNullOrEmpty(text) || text.Length > 40)
        {
            return false;
        }

        Span<char> digits = stackalloc char[MaxDigits + 3];
        var count = 0;
        var plus = false;
        foreach (var c in text)
        {
            if (char.IsAsciiDigit(c))
            {
                if (count == digits.Length)
                {
                    return false;
                }

                digits[count++] = c;
            }
            else if (c == '+' && count == 0 && !plus)
            {
                plus = true;
            }
            else if (c is not ('-' or '.' or '(' or ')' or ' '))
            {
                return false;
            }
        }

        ReadOnlySpan<char> national = digits[..count];
        if (!plus && national.StartsWith("00"))
        {
            national = national[2..];
        }

        if (national.Length is < MinDigits or > MaxDigits || national[0] == '0')
        {
            return false;
        }

        number = string.Concat("+", national);
        return true;
    }
}
