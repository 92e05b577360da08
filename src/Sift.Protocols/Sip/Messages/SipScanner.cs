using System.Diagnostics.CodeAnalysis;

namespace Sift.Protocols.Sip.Messages;

/// <summary>Reads an unfolded header value from left to right, skipping the LWS that RFC 3261 25.1 allows around separators.</summary>
internal ref struct SipScanner(ReadOnlySpan<char> text)
{
    private ReadOnlySpan<char> _rest = text;

    public readonly ReadOnlySpan<char> Rest => _rest;

    public bool AtEnd
    {
        get
        {
            SkipWhite();
            return _rest.IsEmpty;
        }
    }

    public void SkipWhite()
    {
        var i = 0;
        while (i < _rest.Length && SipText.IsWhite(_rest[i]))
        {
            i++;
        }

        _rest = _rest[i..];
    }

    public bool Take(char c)
    {
        SkipWhite();
        if (_rest.IsEmpty || _rest[0] != c)
        {
            return false;
        }

        _rest = _rest[1..];
        return true;
    }

    /// <summary>Drops that many characters.</summary>
    public void Take(int count) => _rest = _rest[count..];

    public bool TakeToken(out ReadOnlySpan<char> token)
    {
        SkipWhite();
        var end = _rest.IndexOfAnyExcept(SipText.Token);
        token = end < 0 ? _rest : _rest[..end];
        _rest = _rest[token.Length..];
        return !token.IsEmpty;
    }

    /// <summary>Everything up to one of the stop characters, trimmed; the stop stays.</summary>
    public ReadOnlySpan<char> TakeUntil(ReadOnlySpan<char> stops)
    {
        var end = _rest.IndexOfAny(stops);
        var taken = end < 0 ? _rest : _rest[..end];
        _rest = _rest[taken.Length..];
        return SipText.Trim(taken);
    }

    /// <summary>A quoted-string, given back without quotes and quoted pairs.</summary>
    public bool TakeQuoted([NotNullWhen(true)] out string? value)
    {
        value = null;
        if (!Take('"'))
        {
            return false;
        }

        var end = QuoteEnd(_rest);
        if (end < 0)
        {
            return false;
        }

        value = SipText.Unquote(_rest[..end]);
        _rest = _rest[(end + 1)..];
        return true;
    }

    /// <summary>Host, then an optional port; brackets around IPv6 are taken off.</summary>
    public bool TakeHostPort(out ReadOnlySpan<char> host, out int? port)
    {
        host = default;
        port = null;
        SkipWhite();
        ReadOnlySpan<char> name;
        if (_rest is ['[', ..])
        {
            var close = _rest.IndexOf(']');
            if (close < 3 || _rest[1..close].ContainsAnyExcept(SipText.Ipv6) || !_rest[1..close].Contains(':'))
            {
                return false;
            }

            name = _rest[1..close];
            _rest = _rest[(close + 1)..];
        }
        else
        {
            var end = _rest.IndexOfAnyExcept(SipText.HostName);
            name = end < 0 ? _rest : _rest[..end];
            if (name.IsEmpty)
            {
                return false;
            }

            _rest = _rest[name.Length..];
        }

        if (Take(':'))
        {
            SkipWhite();
            var digits = 0;
            while (digits < _rest.Length && char.IsAsciiDigit(_rest[digits]))
            {
                digits++;
            }

            if (!SipText.TryNumber(_rest[..digits], out var number) || number is 0 or > ushort.MaxValue)
            {
                return false;
            }

            port = (int)number;
            _rest = _rest[digits..];
        }

        host = name;
        return true;
    }

    /// <summary>All <c>;name[=value]</c> up to the end of the text. An empty parameter (<c>;;</c>) is an error (RFC 4475 3.1.2.1).</summary>
    /// <param name="keep">False to judge only.</param>
    /// <param name="parameters">Null when there are none, or none are kept.</param>
    public bool TakeParameters(bool keep, out SipParameters? parameters)
    {
        parameters = null;
        for (var count = 0; !AtEnd; count++)
        {
            if (!Take(';') || !TakeToken(out var name) || count >= SipLimits.MaxParameters)
            {
                return false;
            }

            ReadOnlySpan<char> bare = default;
            string? quoted = null;
            var valued = false;
            if (Take('='))
            {
                valued = true;
                SkipWhite();
                if (_rest is ['"', ..])
                {
                    if (!TakeQuoted(out quoted))
                    {
                        return false;
                    }
                }
                else
                {
                    bare = TakeUntil(";");
                    if (bare.IsEmpty || bare.IndexOfAny(" \t\",<>") >= 0)
                    {
                        return false;
                    }
                }
            }

            if (keep)
            {
                (parameters ??= new()).Add(SipNames.Parameter(name), valued ? quoted ?? SipNames.Parameter(bare) : null);
            }
        }

        return true;
    }

    /// <summary>As above, for the values that are nothing without their parameters.</summary>
    public bool TakeParameters(out SipParameters parameters)
    {
        var sound = TakeParameters(keep: true, out var found);
        parameters = found ?? new();
        return sound;
    }

    /// <summary>Index of the closing quote, quoted pairs skipped, or -1.</summary>
    public static int QuoteEnd(ReadOnlySpan<char> afterOpening)
    {
        for (var i = 0; i < afterOpening.Length; i++)
        {
            if (afterOpening[i] == '"')
            {
                return i;
            }

            if (afterOpening[i] == '\\')
            {
                i++;
            }
        }

        return -1;
    }
}
