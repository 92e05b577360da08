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

    private static bool TryParseFirst(ReadOnlySpan<char> text, out Via? via)
    {
        var list = new SipListSplitter(text);
        list.MoveNext();
        return Via.TryParse(list.Current, out via);
    }
}
