using System.Diagnostics.CodeAnalysis;

namespace Sift.Protocols.Sip.Messages;

/// <summary>A name-addr or addr-spec with header parameters: From, To, Contact, Route, Record-Route … (RFC 3261 section 20.10).</summary>
public sealed class NameAddress
{
    private SipParameters? _parameters;

    /// <summary>Display name without quotes, unescaped; null when absent.</summary>
    public string? DisplayName { get; init; }

    public required SipUri Uri { get; init; }

    /// <summary>Header parameters (behind the angle brackets).</summary>
    public SipParameters Parameters
    {
        get => _parameters ??= new();
        init => _parameters = value;
    }

    /// <summary>The tag of a From or To header.</summary>
    public string? Tag => _parameters?.Get("tag");

    public static bool TryParse(ReadOnlySpan<char> text, [NotNullWhen(true)] out NameAddress? address) =>
        TryRead(text, keep: true, out address) && address is not null;

    /// <summary>As <see cref="TryParse"/>, without building anything.</summary>
    internal static bool IsSound(ReadOnlySpan<char> text) => TryRead(text, keep: false, out _);

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
        var output = BuilderCache.Take();
        if (DisplayName is { Length: > 0 })
        {
            SipText.AppendQuoted(output, DisplayName);
            output.Append(' ');
        }

        output.Append('<');
        Uri.AppendTo(output);
        output.Append('>');
        _parameters?.AppendTo(output);
        return BuilderCache.Give(output);
    }

    private static bool TryRead(ReadOnlySpan<char> text, bool keep, out NameAddress? address)
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
            if (!scanner.TakeQuoted(out displayName) || !scanner.Take('<') || !TryBracketed(ref scanner, keep, out uri))
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
                if (!TryTokens(scanner.TakeUntil("<"), keep, out displayName) || !scanner.Take('<') || !TryBracketed(ref scanner, keep, out uri))
                {
                    return false;
                }
            }
            else
            {
                // RFC 3261 20.10: without brackets, what follows ';' belongs to the header, and ',' and '?' may not occur.
                var bare = scanner.TakeUntil(";");
                if (bare.ContainsAny(',', '?') || !SipUri.TryRead(bare, keep, out uri))
                {
                    return false;
                }
            }
        }

        if (!scanner.TakeParameters(keep, out var parameters))
        {
            return false;
        }

        if (keep)
        {
            address = new NameAddress { DisplayName = displayName, Uri = uri!, _parameters = parameters };
        }

        return true;
    }

    private static bool TryBracketed(ref SipScanner scanner, bool keep, out SipUri? uri)
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
        return SipUri.TryRead(inside, keep, out uri);
    }

    /// <summary>
    /// RFC 3261 25.1 <c>display-name</c>: tokens parted by white space (RFC 4475 3.1.2.15 is one with a comma). Letters beyond ASCII should
    /// be quoted, but phones send names as their owners typed them, and no separator is among them.
    /// </summary>
    private static bool TryTokens(ReadOnlySpan<char> text, bool keep, out string? displayName)
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

        displayName = keep ? SharedStrings.Of(text) : null;
        return true;
    }
}
