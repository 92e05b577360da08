using System.Diagnostics.CodeAnalysis;
using System.Text;
using Sift.Protocols.Sip.Messages;

namespace Sift.Protocols.Sip.Authentication;

/// <summary><c>Digest name=value, name="value", …</c> as challenges and credentials share it (RFC 3261 25.1).</summary>
internal static class DigestParameters
{
    private const int MaxParameters = 32;

    /// <summary>False when the scheme is not Digest, the syntax is broken or a name comes twice.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, [NotNullWhen(true)] out SipParameters? parameters)
    {
        parameters = null;
        var scanner = new SipScanner(text);
        if (!scanner.TakeToken(out var scheme) || !scheme.Equals("Digest", StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }

        var read = new SipParameters();
        do
        {
            if (read.Count >= MaxParameters
                || !scanner.TakeToken(out var nameText)
                || !scanner.Take('=')
                || !TryValue(ref scanner, out var value))
            {
                return false;
            }

            var name = new string(nameText);
            if (read.Contains(name))
            {
                return false;
            }

            read.Add(name, value);
        }
        while (scanner.Take(','));

        if (!scanner.AtEnd)
        {
            return false;
        }

        parameters = read;
        return true;
    }

    public static void AppendQuoted(StringBuilder output, string name, string? value)
    {
        if (value is null)
        {
            return;
        }

        Separate(output);
        output.Append(name).Append('=');
        SipText.AppendQuoted(output, value);
    }

    public static void AppendToken(StringBuilder output, string name, string? value)
    {
        if (value is null)
        {
            return;
        }

        Separate(output);
        output.Append(name).Append('=').Append(value);
    }

    private static void Separate(StringBuilder output) => output.Append(output.Length == 0 ? "Digest " : ", ");

    private static bool TryValue(ref SipScanner scanner, [NotNullWhen(true)] out string? value)
    {
        scanner.SkipWhite();
        if (scanner.Rest is ['"', ..])
        {
            return scanner.TakeQuoted(out value);
        }

        value = null;
        if (!scanner.TakeToken(out var token))
        {
            return false;
        }

        value = new string(token);
        return true;
    }
}
