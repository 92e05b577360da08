using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace Sift.Protocols.Sip.Messages;

public sealed partial class SipUri
{
    private static readonly SearchValues<char> SchemeCharacters =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-.");

    /// <summary>RFC 3966 section 3: digits, visual separators, and the letters that local numbers may hold.</summary>
    private static readonly SearchValues<char> TelNumber = SearchValues.Create("0123456789abcdefABCDEF*#+-.()");

    /// <summary>RFC 3261 25.1 <c>hnv-unreserved</c>, <c>unreserved</c>, escapes and the separators of a header part.</summary>
    private static readonly SearchValues<char> HeaderCharacters =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.!~*'()[]/?:+$%=&;,@");

    private static bool IsScheme(ReadOnlySpan<char> text) =>
        char.IsAsciiLetter(text[0]) && !text.ContainsAnyExcept(SchemeCharacters);

    private static bool TryParseSip(string scheme, ReadOnlySpan<char> rest, [NotNullWhen(true)] out SipUri? uri)
    {
        uri = null;
        string? user = null;
        string? password = null;

        // RFC 3261 25.1: '@' is escaped everywhere but behind userinfo, while ';' and '?' may stand bare in the user part.
        var at = rest.IndexOf('@');
        if (at >= 0)
        {
            var userinfo = rest[..at];
            rest = rest[(at + 1)..];
            var colon = userinfo.IndexOf(':');
            if (colon >= 0)
            {
                if (!SipEscaping.TryDecode(userinfo[(colon + 1)..], SipEscaping.Password, out password))
                {
                    return false;
                }

                userinfo = userinfo[..colon];
            }

            if (userinfo.IsEmpty || !SipEscaping.TryDecode(userinfo, SipEscaping.User, out user))
            {
                return false;
            }
        }

        string? headers = null;
        var question = rest.IndexOf('?');
        if (question >= 0)
        {
            if (rest[(question + 1)..].IsEmpty || rest[(question + 1)..].ContainsAnyExcept(HeaderCharacters))
            {
                return false;
            }

            headers = new string(rest[(question + 1)..]);
            rest = rest[..question];
        }

        var semicolon = rest.IndexOf(';');
        var hostPort = semicolon < 0 ? rest : rest[..semicolon];
        if (hostPort.ContainsAny(' ', '\t'))
        {
            return false;
        }

        var scanner = new SipScanner(hostPort);
        var parameters = new SipParameters();
        if (!scanner.TakeHostPort(out var host, out var port)
            || !scanner.Rest.IsEmpty
            || (semicolon >= 0 && !TryParameters(rest[semicolon..], parameters)))
        {
            return false;
        }

        uri = new SipUri
        {
            Scheme = scheme,
            User = user,
            Password = password,
            Host = host,
            Port = port,
            Parameters = parameters,
            HeaderPart = headers,
        };
        return true;
    }

    private static bool TryParseTel(ReadOnlySpan<char> rest, [NotNullWhen(true)] out SipUri? uri)
    {
        uri = null;
        var semicolon = rest.IndexOf(';');
        var number = semicolon < 0 ? rest : rest[..semicolon];
        var parameters = new SipParameters();
        if (number.IsEmpty
            || number.ContainsAnyExcept(TelNumber)
            || (semicolon >= 0 && !TryParameters(rest[semicolon..], parameters)))
        {
            return false;
        }

        uri = new SipUri { Scheme = "tel", User = new string(number), Parameters = parameters };
        return true;
    }

    private static bool TryParseOpaque(string scheme, ReadOnlySpan<char> rest, [NotNullWhen(true)] out SipUri? uri)
    {
        uri = null;
        foreach (var c in rest)
        {
            if (c is <= ' ' or '<' or '>' or '"' or (>= '\x7f' and < '\xa0'))
            {
                return false;
            }
        }

        if (rest.IsEmpty)
        {
            return false;
        }

        uri = new SipUri { Scheme = scheme, Opaque = new string(rest) };
        return true;
    }

    private static bool TryParameters(ReadOnlySpan<char> text, SipParameters into)
    {
        while (!text.IsEmpty)
        {
            text = text[1..];
            var end = text.IndexOf(';');
            var pair = end < 0 ? text : text[..end];
            text = end < 0 ? default : text[end..];

            var equals = pair.IndexOf('=');
            var name = equals < 0 ? pair : pair[..equals];
            string? value = null;
            if (name.IsEmpty
                || into.Count >= SipLimits.MaxParameters
                || !SipEscaping.TryDecode(name, SipEscaping.Parameter, out var decodedName)
                || (equals >= 0 && (pair.Length == equals + 1 || !SipEscaping.TryDecode(pair[(equals + 1)..], SipEscaping.Parameter, out value))))
            {
                return false;
            }

            into.Add(decodedName, value);
        }

        return true;
    }
}
