namespace Sift.Protocols.Sip.Messages;

/// <summary>
/// What must hold in every message before a transaction may see it: the mandatory fields of RFC 3261 8.1.1, at most one of each
/// single-valued field, and sound syntax of the fields that routing and dialogs depend on. Other fields are left to their readers.
/// </summary>
internal static class SipFieldRules
{
    public static bool Hold(SipMessage message)
    {
        var seen = Single.None;
        var sound = true;
        var vias = 0;
        foreach (var (name, value) in message.Headers)
        {
            var single = SingleOf(name);
            if (single != Single.None)
            {
                sound &= (seen & single) == 0;
                seen |= single;
            }

            if (name == "Via")
            {
                sound &= IsViaList(message, value, vias == 0, ref vias);
            }
            else
            {
                sound &= IsSound(message, name, value);
            }
        }

        // RFC 3261 8.1.1. Max-Forwards is mandatory too, but RFC 2543 requests come without (RFC 4475 3.4.1).
        const Single mandatory = Single.From | Single.To | Single.CallId | Single.CSeq;
        return sound && vias > 0 && (seen & mandatory) == mandatory;
    }

    [Flags]
    private enum Single
    {
        None = 0,
        From = 1,
        To = 2,
        CallId = 4,
        CSeq = 8,
        MaxForwards = 16,
        ContentLength = 32,
        ContentType = 64,
        Expires = 128,
        Date = 256,
        Event = 512,
        ReferTo = 1024,
        SessionExpires = 2048,
        RSeq = 4096,
        RAck = 8192,
    }

    private static Single SingleOf(string name) => name switch
    {
        "From" => Single.From,
        "To" => Single.To,
        "Call-ID" => Single.CallId,
        "CSeq" => Single.CSeq,
        "Max-Forwards" => Single.MaxForwards,
        "Content-Length" => Single.ContentLength,
        "Content-Type" => Single.ContentType,
        "Expires" => Single.Expires,
        "Date" => Single.Date,
        "Event" => Single.Event,
        "Refer-To" => Single.ReferTo,
        "Session-Expires" => Single.SessionExpires,
        "RSeq" => Single.RSeq,
        "RAck" => Single.RAck,
        _ => Single.None,
    };

    private static bool IsSound(SipMessage message, string name, string value) => name switch
    {
        "From" or "To" => NameAddress.IsSound(value),
        "Call-ID" => value.Length > 0 && !value.AsSpan().ContainsAnyExcept(SipText.Word),

        // RFC 3261 8.1.1.5: the method of the CSeq is that of the request (RFC 4475 3.1.2.17).
        "CSeq" => message.CSeq is { } cseq && (message is not SipRequest request || request.Method == cseq.Method),

        // RFC 3261 20.22: 0 to 255.
        "Max-Forwards" => SipText.TryNumber(value, out var hops) && hops <= 255,
        "Content-Length" => SipText.TryNumber(value, out _),
        "Expires" => message is SipResponse || SipText.TryNumber(value, out _),
        "Contact" => SipText.Trim(value) is "*" || IsAddressList(value),
        "Route" or "Record-Route" => IsAddressList(value),
        "Date" => message is SipResponse || SipDate.IsValid(value),
        _ => true,
    };

    private static bool IsViaList(SipMessage message, string value, bool top, ref int count)
    {
        foreach (var item in new SipListSplitter(value))
        {
            var sound = top ? message.TopVia is { Version: "2.0" } : Via.IsSound(item);
            if (!sound || ++count > SipLimits.MaxListValues)
            {
                return false;
            }

            top = false;
        }

        return true;
    }

    private static bool IsAddressList(string value)
    {
        var count = 0;
        foreach (var item in new SipListSplitter(value))
        {
            if (!NameAddress.IsSound(item) || ++count > SipLimits.MaxListValues)
            {
                return false;
            }
        }

        return true;
    }
}
