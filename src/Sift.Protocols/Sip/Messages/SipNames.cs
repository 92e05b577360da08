namespace Sift.Protocols.Sip.Messages;

/// <summary>Shared strings for the names that nearly every message uses, so that parsing them allocates nothing.</summary>
internal static class SipNames
{
    /// <summary>
    /// Canonical long name of a header (RFC 3261 7.3.3 compact forms, and those of RFC 3265, 3515, 3841, 3892, 4028, 4474 and 4538);
    /// an unknown name keeps its spelling.
    /// </summary>
    public static string Header(ReadOnlySpan<char> name)
    {
        const int longest = 24;
        if (name.Length > longest)
        {
            return new string(name);
        }

        Span<char> lower = stackalloc char[longest];
        lower = lower[..name.Length];
        for (var i = 0; i < name.Length; i++)
        {
            var c = name[i];
            lower[i] = c is >= 'A' and <= 'Z' ? (char)(c | 0x20) : c;
        }

        return (ReadOnlySpan<char>)lower switch
        {
            "v" or "via" => "Via",
            "f" or "from" => "From",
            "t" or "to" => "To",
            "i" or "call-id" => "Call-ID",
            "m" or "contact" => "Contact",
            "l" or "content-length" => "Content-Length",
            "c" or "content-type" => "Content-Type",
            "e" or "content-encoding" => "Content-Encoding",
            "s" or "subject" => "Subject",
            "k" or "supported" => "Supported",
            "o" or "event" => "Event",
            "u" or "allow-events" => "Allow-Events",
            "r" or "refer-to" => "Refer-To",
            "b" or "referred-by" => "Referred-By",
            "x" or "session-expires" => "Session-Expires",
            "a" or "accept-contact" => "Accept-Contact",
            "j" or "reject-contact" => "Reject-Contact",
            "d" or "request-disposition" => "Request-Disposition",
            "y" or "identity" => "Identity",
            "n" or "identity-info" => "Identity-Info",
            "cseq" => "CSeq",
            "max-forwards" => "Max-Forwards",
            "route" => "Route",
            "record-route" => "Record-Route",
            "path" => "Path",
            "service-route" => "Service-Route",
            "user-agent" => "User-Agent",
            "server" => "Server",
            "allow" => "Allow",
            "accept" => "Accept",
            "accept-encoding" => "Accept-Encoding",
            "accept-language" => "Accept-Language",
            "require" => "Require",
            "proxy-require" => "Proxy-Require",
            "unsupported" => "Unsupported",
            "expires" => "Expires",
            "min-expires" => "Min-Expires",
            "min-se" => "Min-SE",
            "authorization" => "Authorization",
            "proxy-authorization" => "Proxy-Authorization",
            "www-authenticate" => "WWW-Authenticate",
            "proxy-authenticate" => "Proxy-Authenticate",
            "authentication-info" => "Authentication-Info",
            "content-disposition" => "Content-Disposition",
            "content-language" => "Content-Language",
            "date" => "Date",
            "timestamp" => "Timestamp",
            "warning" => "Warning",
            "reason" => "Reason",
            "retry-after" => "Retry-After",
            "rseq" => "RSeq",
            "rack" => "RAck",
            "replaces" => "Replaces",
            "refer-sub" => "Refer-Sub",
            "subscription-state" => "Subscription-State",
            "p-asserted-identity" => "P-Asserted-Identity",
            "p-preferred-identity" => "P-Preferred-Identity",
            "privacy" => "Privacy",
            "diversion" => "Diversion",
            "history-info" => "History-Info",
            "organization" => "Organization",
            "mime-version" => "MIME-Version",
            "in-reply-to" => "In-Reply-To",
            "reply-to" => "Reply-To",
            "alert-info" => "Alert-Info",
            "call-info" => "Call-Info",
            "error-info" => "Error-Info",
            "priority" => "Priority",
            _ => new string(name),
        };
    }

    /// <summary>Methods are case-sensitive (RFC 3261 7.1).</summary>
    public static string Method(ReadOnlySpan<char> method) => method switch
    {
        "INVITE" => "INVITE",
        "ACK" => "ACK",
        "BYE" => "BYE",
        "CANCEL" => "CANCEL",
        "REGISTER" => "REGISTER",
        "OPTIONS" => "OPTIONS",
        "PRACK" => "PRACK",
        "UPDATE" => "UPDATE",
        "INFO" => "INFO",
        "REFER" => "REFER",
        "NOTIFY" => "NOTIFY",
        "SUBSCRIBE" => "SUBSCRIBE",
        "MESSAGE" => "MESSAGE",
        "PUBLISH" => "PUBLISH",
        _ => new string(method),
    };

    /// <summary>Frequent parameter names and values in their usual spelling.</summary>
    public static string Parameter(ReadOnlySpan<char> text) => text switch
    {
        "" => "",
        "branch" => "branch",
        "tag" => "tag",
        "rport" => "rport",
        "received" => "received",
        "lr" => "lr",
        "transport" => "transport",
        "udp" => "udp",
        "tcp" => "tcp",
        "tls" => "tls",
        "ws" => "ws",
        "wss" => "wss",
        "expires" => "expires",
        "q" => "q",
        "maddr" => "maddr",
        "ttl" => "ttl",
        "user" => "user",
        "phone" => "phone",
        "method" => "method",
        "ob" => "ob",
        "refresher" => "refresher",
        "uac" => "uac",
        "uas" => "uas",
        "cause" => "cause",
        "text" => "text",
        "alias" => "alias",
        _ => SharedStrings.Of(text),
    };

    public static string Transport(ReadOnlySpan<char> transport) => transport switch
    {
        "UDP" => "UDP",
        "TCP" => "TCP",
        "TLS" => "TLS",
        "WS" => "WS",
        "WSS" => "WSS",
        _ => new string(transport).ToUpperInvariant(),
    };

    public static string Scheme(ReadOnlySpan<char> scheme)
    {
        if (scheme.Equals("sip", StringComparison.OrdinalIgnoreCase))
        {
            return "sip";
        }

        if (scheme.Equals("sips", StringComparison.OrdinalIgnoreCase))
        {
            return "sips";
        }

        return scheme.Equals("tel", StringComparison.OrdinalIgnoreCase) ? "tel" : new string(scheme).ToLowerInvariant();
    }
}
