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

    private static bool TryParseSip(string scheme, ReadOnlySpan<char> rest, bool keep, out SipUri? uri)
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
                if (!SipEscaping.TryDecode(userinfo[(colon + 1)..], SipEscaping.Password, keep, out password))
                {
                    return false;
                }

                userinfo = userinfo[..colon];
            }

            if (userinfo.IsEmpty || !SipEscaping.TryDecode(userinfo, SipEscaping.User, keep, out user))
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

            headers = keep ? new string(rest[(question + 1)..]) : null;
            rest = rest[..question];
        }

        var semicolon = rest.IndexOf(';');
        var hostPort = semicolon < 0 ? rest : rest[..semicolon];
        if (hostPort.ContainsAny(' ', '\t'))
        {
            return false;
        }

        var scanner = new SipScanner(hostPort);
        SipParameters? parameters = null;
        if (!scanner.TakeHostPort(out var host, out var port)
            || !scanner.Rest.IsEmpty
            || (semicolon >= 0 && !TryParameters(rest[semicolon..], keep, out parameters)))
        {
            return false;
        }

        if (keep)
        {
            uri = new SipUri
            {
                Scheme = scheme,
                User = user,
                Password = password,
                Host = SharedStrings.Of(host),
                Port = port,
                _parameters = parameters,
                HeaderPart = headers,
            };
        }

        return true;
    }

    private static bool TryParseTel(ReadOnlySpan<char> rest, bool keep, out SipUri? uri)
    {
        uri = null;
        var semicolon = rest.IndexOf(';');
        var number = semicolon < 0 ? rest : rest[..semicolon];
        SipParameters? parameters = null;
        if (number.IsEmpty
            || number.ContainsAnyExcept(TelNumber)
            || (semicolon >= 0 && !TryParameters(rest[semicolon..], keep, out parameters)))
        {
            return false;
        }

        uri = keep ? new SipUri { Scheme = "tel", User = SharedStrings.Of(number), _parameters = parameters } : null;
        return true;
    }

    private static bool TryParseOpaque(string scheme, ReadOnlySpan<char> rest, bool keep, out SipUri? uri)
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

        uri = keep ? new SipUri { Scheme = scheme, Opaque = new string(rest) } : null;
        return true;
    }

    private static bool TryParameters(ReadOnlySpan<char> text, bool keep, out SipParameters? parameters)
    {
        parameters = null;
        for (var count = 0; !text.IsEmpty; count++)
        {
            text = text[1..];
            var end = text.IndexOf(';');
            var pair = end < 0 ? text : text[..end];
            text = end < 0 ? default : text[end..];

            var equals = pair.IndexOf('=');
            var name = equals < 0 ? pair : pair[..equals];
            string? value = null;
            if (name.IsEmpty
                || count >= SipLimits.MaxParameters
                || !SipEscaping.TryDecode(name, SipEscaping.Parameter, keep, out var decodedName)
                || (equals >= 0 && (pair.Length == equals + 1 || !SipEscaping.TryDecode(pair[(equals + 1)..], SipEscaping.Parameter, keep, out value))))
            {
                return false;
            }

            if (keep)
            {
                (parameters ??= new()).Add(decodedName!, value);
            }
        }

        return true;
    }
}
