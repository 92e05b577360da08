using System.Text;
using Sift.Protocols.Sip.Messages;

namespace Sift.Media.Sip.Calls;

/// <summary>Keys in INFO bodies: <c>application/dtmf-relay</c> (<c>Signal=5</c>) and <c>application/dtmf</c> (<c>5</c>).</summary>
internal static class InfoDigits
{
    public static bool TryRead(SipRequest info, out char digit)
    {
        digit = '\0';
        if (info.ContentType is not { } type || info.Body.Length > 256)
        {
            return false;
        }

        var body = Encoding.UTF8.GetString(info.Body.Span);
        if (type.Is("application/dtmf"))
        {
            return TryReadKey(body.AsSpan().Trim(), out digit);
        }

        if (!type.Is("application/dtmf-relay"))
        {
            return false;
        }

        foreach (var line in body.AsSpan().EnumerateLines())
        {
            var equals = line.IndexOf('=');
            if (equals > 0 && line[..equals].Trim().Equals("Signal", StringComparison.OrdinalIgnoreCase))
            {
                return TryReadKey(line[(equals + 1)..].Trim(), out digit);
            }
        }

        return false;
    }

    private static bool TryReadKey(ReadOnlySpan<char> text, out char digit)
    {
        // Some phones write the event code of RFC 4733 3.2 for star and pound.
        digit = text switch
        {
            "10" => '*',
            "11" => '#',
            [var key] => char.ToUpperInvariant(key),
            _ => '\0',
        };
        return digit is (>= '0' and <= '9') or '*' or '#' or (>= 'A' and <= 'D');
    }
}
