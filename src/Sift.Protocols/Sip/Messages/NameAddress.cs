using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Sift.Protocols.Sip.Messages;

/// <summary>A name-addr or addr-spec with header parameters: From, To, Contact, Route, Record-Route … (RFC 3261 section 20.10).</summary>
public sealed class NameAddress
{
    /// <summary>Display name without quotes, unescaped; null when absent.</summary>
    public string? DisplayName { get; init; }

    public required SipUri Uri { get; init; }

    /// <summary>Header parameters (behind the angle brackets).</summary>
    public SipParameters Parameters { get; init; } = new();

    /// <summary>The tag of a From or To header.</summary>
    public string? Tag => Parameters.Get("tag");

    public static bool TryParse(ReadOnlySpan<char> text, [NotNullWhen(true)] out NameAddress? address)
    {
        address = null;
        var scanner = new SipScanner(text);
        string? displayName = null;
        SipUri? uri;
        if (scanner.AtEnd)
        {
            return false;
        }

        if (scanner.Rest[0] == '"')
        {
            if (!scanner.TakeQuoted(out displayName) || !scanner.Take('<') || !TryBracketed(ref scanner, out uri))
            {
                return false;
            }
        }
        else
        {
            var open = scanner.Rest.IndexOf('<');
            var semicolon = scanner.Rest.IndexOf(';');

            // A '<' behind the first ';' of a bare address can only be part of a parameter.
            if (open >= 0 && (semicolon < 0 || open < semicolon))
            {
                if (!TryTokens(scanner.TakeUntil("<"), out displayName) || !scanner.Take('<') || !TryBracketed(ref scanner, out uri))
                {
                    return false;
                }
            }
            else
            {
                // RFC 3261 20.10: without brackets, what follows ';' belongs to the header, and ',' and '?' may not occur.
                var bare = scanner.TakeUntil(";");
                if (bare.ContainsAny(',', '?') || !SipUri.TryParse(bare, out uri))
                {
                    return false;
                }
            }
        }

        var parameters = new SipParameters();
        if (!scanner.TakeParameters(parameters))
        {
            return false;
        }

        address = new NameAddress { DisplayName = displayName, Uri = uri, Parameters = parameters };
        return true;
    }

    /// <summary>The same address with another tag.</summary>
    public NameAddress WithTag(string tag)
    {
        var parameters = new SipParameters();
        foreach (var (name, value) in Parameters)
        {
            parameters.Add(name, value);
        }

        parameters.Set("tag", tag);
        return new NameAddress { DisplayName = DisplayName, Uri = Uri, Parameters = parameters };
    }

    public override string ToString()
    {
        var output = new StringBuilder(96);
        if (DisplayName is { Length: > 0 })
        {
            SipText.AppendQuoted(output, DisplayName);
            output.Append(' ');
        }

        output.Append('<');
        Uri.AppendTo(output);
        output.Append('>');
        Parameters.AppendTo(output);
        return output.ToString();
    }

    private static bool TryBracketed(ref SipScanner scanner, [NotNullWhen(true)] out SipUri? uri)
    {
        uri = null;
        var close = scanner.Rest.IndexOf('>');
        if (close < 0)
        {
            return false;
        }

        // RFC 3261 25.1 has no white space inside the brackets (RFC 4475 3.1.2.14); SipUri refuses it.
        var inside = scanner.Rest[..close];
        scanner.Take(close + 1);
        return SipUri.TryParse(inside, out uri);
    }

    /// <summary>
    /// RFC 3261 25.1 <c>display-name</c>: tokens parted by white space (RFC 4475 3.1.2.15 is one with a comma). Letters beyond ASCII should
    /// be quoted, but phones send names as their owners typed them, and no separator is among them.
    /// </summary>
    private static bool TryTokens(ReadOnlySpan<char> text, out string? displayName)
    {
        displayName = null;
        if (text.IsEmpty)
        {
            return true;
        }

        foreach (var c in text)
        {
            if (!SipText.Token.Contains(c) && !SipText.IsWhite(c) && c < '\xa0')
            {
                return false;
            }
        }

        displayName = new string(text);
        return true;
    }
}
