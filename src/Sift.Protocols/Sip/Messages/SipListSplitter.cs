namespace Sift.Protocols.Sip.Messages;

/// <summary>
/// Splits a comma-joined header value (RFC 3261 7.3.1). Commas inside quoted strings and angle brackets do not separate.
/// </summary>
public ref struct SipListSplitter(ReadOnlySpan<char> text)
{
    private ReadOnlySpan<char> _rest = text;
    private bool _done;

    /// <summary>The current value without white space around it; empty when the list has an empty element.</summary>
    public ReadOnlySpan<char> Current { get; private set; }

    public readonly SipListSplitter GetEnumerator() => this;

    public bool MoveNext()
    {
        if (_done)
        {
            return false;
        }

        var end = FindComma(_rest);
        if (end < 0)
        {
            Current = SipText.Trim(_rest);
            _done = true;
            return true;
        }

        Current = SipText.Trim(_rest[..end]);
        _rest = _rest[(end + 1)..];
        return true;
    }

    private static int FindComma(ReadOnlySpan<char> text)
    {
        if (!text.Contains(','))
        {
            return -1;
        }

        var bracketed = false;
        for (var i = 0; i < text.Length; i++)
        {
            switch (text[i])
            {
                case '"' when !bracketed:
                    var close = SipScanner.QuoteEnd(text[(i + 1)..]);
                    if (close < 0)
                    {
                        return -1;
                    }

                    i += close + 1;
                    break;
                case '<':
                    bracketed = true;
                    break;
                case '>':
                    bracketed = false;
                    break;
                case ',' when !bracketed:
                    return i;
                default:
                    break;
            }
        }

        return -1;
    }
}
