namespace Sift.Protocols.Sip.Messages;

/// <summary>Typed readings of the fields. Each is null (a list: empty) when the field is absent or cannot be read. Treat what they return as read-only.</summary>
public abstract partial class SipMessage
{
    private ParsedField<NameAddress> _from;
    private ParsedField<NameAddress> _to;
    private ParsedField<Via> _topVia;
    private string? _cseqText;
    private CSeq? _cseq;

    public NameAddress? From => _from.Read(Headers.Get("From"), NameAddress.TryParse);

    public NameAddress? To => _to.Read(Headers.Get("To"), NameAddress.TryParse);

    public string? CallId => Headers.Get("Call-ID");

    public CSeq? CSeq
    {
        get
        {
            var text = Headers.Get("CSeq");
            if (!ReferenceEquals(text, _cseqText))
            {
                _cseqText = text;
                _cseq = Messages.CSeq.TryParse(text, out var cseq) ? cseq : null;
            }

            return _cseq;
        }
    }

    /// <summary>The topmost Via value.</summary>
    public Via? TopVia => _topVia.Read(Headers.Get("Via"), TryParseFirst);

    /// <summary>All Via values, topmost first.</summary>
    public IReadOnlyList<Via> Vias => ViaList.Of(Headers);

    /// <summary>RFC 3261 20.22, 0 to 255.</summary>
    public int? MaxForwards => SipText.TryNumber(Headers.Get("Max-Forwards"), out var hops) && hops <= 255 ? (int)hops : null;

    /// <summary>RFC 3261 20.19, seconds.</summary>
    public uint? Expires => SipText.TryNumber(Headers.Get("Expires"), out var seconds) ? seconds : null;

    /// <summary>RFC 3261 20.23, seconds.</summary>
    public uint? MinExpires => SipText.TryNumber(Headers.Get("Min-Expires"), out var seconds) ? seconds : null;

    public ContactList? Contacts => ContactList.Of(Headers);

    /// <summary>The first Contact address: the remote target of a dialog (RFC 3261 12.1).</summary>
    public NameAddress? Contact => Contacts is { Addresses: [var first, ..] } ? first : null;

    public IReadOnlyList<NameAddress> Routes => NameAddressList.Of(Headers, "Route");

    /// <summary>In wire order; the caller of a dialog reverses it (RFC 3261 12.1.2).</summary>
    public IReadOnlyList<NameAddress> RecordRoutes => NameAddressList.Of(Headers, "Record-Route");

    /// <summary>RFC 3325.</summary>
    public IReadOnlyList<NameAddress> AssertedIdentities => NameAddressList.Of(Headers, "P-Asserted-Identity");

    /// <summary>Option tags of Require (RFC 3261 20.32).</summary>
    public IReadOnlyList<string> Require => TokenList.Of(Headers, "Require");

    public IReadOnlyList<string> ProxyRequire => TokenList.Of(Headers, "Proxy-Require");

    /// <summary>Option tags of Supported (RFC 3261 20.37).</summary>
    public IReadOnlyList<string> Supported => TokenList.Of(Headers, "Supported");

    public IReadOnlyList<string> Unsupported => TokenList.Of(Headers, "Unsupported");

    /// <summary>Methods of Allow (RFC 3261 20.5).</summary>
    public IReadOnlyList<string> Allow => TokenList.Of(Headers, "Allow");

    /// <summary>RFC 3262 7.1: number of a reliable provisional response.</summary>
    public uint? RSeq => SipText.TryNumber(Headers.Get("RSeq"), out var number) && number > 0 ? number : null;

    public RAck? RAck => Messages.RAck.TryParse(Headers.Get("RAck"), out var rack) ? rack : null;

    public SessionExpires? SessionExpires =>
        Messages.SessionExpires.TryParse(Headers.Get("Session-Expires"), out var value) ? value : null;

    /// <summary>RFC 4028 section 5, seconds.</summary>
    public uint? MinSessionExpires => DeltaSeconds.TryParse(Headers.Get("Min-SE"), out var seconds, out _) ? seconds : null;

    public IReadOnlyList<Reason> Reasons => Reason.Of(Headers);

    public RetryAfter? RetryAfter => Messages.RetryAfter.TryParse(Headers.Get("Retry-After"), out var value) ? value : null;

    public EventPackage? Event => EventPackage.TryParse(Headers.Get("Event"), out var value) ? value : null;

    public NameAddress? ReferTo => NameAddress.TryParse(Headers.Get("Refer-To"), out var value) ? value : null;

    public NameAddress? ReferredBy => NameAddress.TryParse(Headers.Get("Referred-By"), out var value) ? value : null;

    public Replaces? Replaces => Messages.Replaces.TryParse(Headers.Get("Replaces"), out var value) ? value : null;

    public MediaType? ContentType => MediaType.TryParse(Headers.Get("Content-Type"), out var value) ? value : null;

    /// <summary>True when the option tag stands in Supported or Require.</summary>
    public bool Supports(string optionTag) =>
        TokenList.Contains(Headers, "Supported", optionTag) || TokenList.Contains(Headers, "Require", optionTag);

    /// <summary>True when the method stands in Allow.</summary>
    public bool Allows(string method) => TokenList.Contains(Headers, "Allow", method);

    private static bool TryParseFirst(ReadOnlySpan<char> text, out Via? via)
    {
        var list = new SipListSplitter(text);
        list.MoveNext();
        return Via.TryParse(list.Current, out via);
    }
}
