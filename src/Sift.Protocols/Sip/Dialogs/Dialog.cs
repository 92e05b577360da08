using Sift.Protocols.Sip.Messages;
using Sift.Protocols.Sip.Transactions;

namespace Sift.Protocols.Sip.Dialogs;

/// <summary>RFC 3261 12: what two user agents share about one call between them.</summary>
internal sealed class Dialog
{
    private static readonly string[] NoRoutes = [];

    /// <summary>Via, Max-Forwards, From, To, Call-ID, CSeq, User-Agent and one more.</summary>
    private const int LeastFields = 8;

    /// <summary>With Contact, Allow, Supported, the session timer and a body.</summary>
    private const int MostFields = 14;


    private string[] _routeSet = NoRoutes;
    private string? _contact;
    private string? _from;
    private string? _to;

    public required string CallId { get; init; }

    public required string LocalTag { get; init; }

    public required string RemoteTag { get; init; }

    /// <summary>Our address without tag.</summary>
    public required string LocalAddress { get; init; }

    public required string RemoteAddress { get; init; }

    public required SipUri RemoteTarget { get; set; }

    public required SipFlow Flow { get; set; }

    /// <summary>We sent the INVITE that made it.</summary>
    public required bool IsCaller { get; init; }

    public uint LocalSequence { get; set; }

    public uint? RemoteSequence { get; set; }

    public string? ContactUser { get; init; }

    /// <summary>RFC 3262: the RSeq of the last reliable provisional we took in this dialog.</summary>
    public uint? RemoteReliable { get; set; }

    public bool PeerTakesUpdate { get; set; }

    public IReadOnlyList<string> RouteSet => _routeSet;

    /// <summary>RFC 3261 12.1.1: the UAS takes the Record-Route values in their order.</summary>
    public static Dialog OfIncoming(SipRequest invite, in RequestFacts facts, string localTag, SipUri remoteTarget, in SipFlow flow) => new()
    {
        CallId = facts.CallId,
        LocalTag = localTag,
        RemoteTag = facts.FromTag,
        LocalAddress = AddressTag.Without(invite.Headers.Get("To") ?? ""),
        RemoteAddress = AddressTag.Without(invite.Headers.Get("From") ?? ""),
        RemoteTarget = remoteTarget,
        Flow = flow,
        IsCaller = false,
        RemoteSequence = facts.CSeq.Number,
        ContactUser = invite.RequestUri.User,
        PeerTakesUpdate = invite.Allows("UPDATE"),
        _routeSet = Routes(invite, reverse: false),
    };

    /// <summary>RFC 3261 12.1.2: the UAC takes the Record-Route values in reverse.</summary>
    public static Dialog OfOutgoing(SipResponse response, in RequestFacts facts, string localAddress, SipUri remoteTarget, in SipFlow flow, uint localSequence, string? contactUser) => new()
    {
        CallId = facts.CallId,
        LocalTag = facts.FromTag,
        RemoteTag = facts.ToTag ?? "",
        LocalAddress = localAddress,
        RemoteAddress = AddressTag.Without(response.Headers.Get("To") ?? ""),
        RemoteTarget = ContactOf(response) ?? remoteTarget,
        Flow = flow,
        IsCaller = true,
        LocalSequence = localSequence,
        ContactUser = contactUser,
        PeerTakesUpdate = response.Allows("UPDATE"),
        _contact = response.Headers.Get("Contact"),
        _routeSet = Routes(response, reverse: true),
    };

    public static Dialog? OfSnapshot(SipDialogSnapshot snapshot, in SipFlow flow)
    {
        if (!SipUri.TryParse(snapshot.RemoteTarget, out var target))
        {
            return null;
        }

        return new()
        {
            CallId = snapshot.CallId,
            LocalTag = snapshot.LocalTag,
            RemoteTag = snapshot.RemoteTag,
            LocalAddress = snapshot.LocalAddress,
            RemoteAddress = snapshot.RemoteAddress,
            RemoteTarget = target,
            Flow = flow,
            IsCaller = snapshot.IsCaller,
            LocalSequence = snapshot.LocalSequence,
            RemoteSequence = snapshot.RemoteSequence,
            ContactUser = snapshot.ContactUser,
            PeerTakesUpdate = snapshot.PeerTakesUpdate,
            _routeSet = [.. snapshot.RouteSet],
        };
    }

    /// <summary>The first Contact URI of a message, when it is one we can send to.</summary>
    public static SipUri? ContactOf(SipMessage message) =>
        message.Headers.TryGet("Contact", out var value) && First(value) is var first
        && SipUri.TryParse(AddressTag.UriText(first), out var uri) && uri.IsSip ? uri : null;

    /// <summary>The 2xx of a proxy chain may name another route set than the provisional did (RFC 3261 13.2.2.4).</summary>
    public void TakeRoutes(SipResponse response) => _routeSet = Routes(response, reverse: true);

    /// <summary>RFC 3261 12.2.1.1: a request inside the dialog, with the next CSeq.</summary>
    public SipRequest CreateRequest(string method) => Create(method, ++LocalSequence);

    /// <summary>RFC 3261 13.2.2.4: the ACK has the CSeq number of the INVITE it acknowledges.</summary>
    public SipRequest CreateAck(uint sequence) => Create("ACK", sequence);

    /// <summary>RFC 3261 12.2.2: a lower number than seen is out of order; gaps are fine.</summary>
    public bool TryAdvance(uint sequence)
    {
        if (RemoteSequence is { } seen && sequence <= seen)
        {
            return false;
        }

        RemoteSequence = sequence;
        return true;
    }

    /// <summary>RFC 3261 12.2: re-INVITE and UPDATE move the remote target, and here the flow with it.</summary>
    public void RefreshTarget(SipMessage message)
    {
        // Mostly the 200 says what the 180 said, in the very string.
        var contact = message.Headers.Get("Contact");
        if (!ReferenceEquals(contact, _contact) && ContactOf(message) is { } target)
        {
            RemoteTarget = target;
            _contact = contact;
        }

        if (message.Headers.Contains("Allow"))
        {
            PeerTakesUpdate = message.Allows("UPDATE");
        }
    }

    /// <summary>Where requests of the dialog go: the first route, or the remote target (RFC 3261 8.1.2).</summary>
    public SipFlow RouteFlow(ISipFlows flows) => flows.TryRoute(NextHop, Flow, out var flow) ? flow : Flow;

    /// <summary>Lets the host find out where that is before a request has to go there.</summary>
    public void PrepareRoute(ISipFlows flows) => flows.Prepare(NextHop);

    /// <summary>Where else they can go after a server failed (RFC 3263 4.3).</summary>
    public bool TryOtherFlow(ISipFlows flows, in SipFlow failed, out SipFlow flow) => flows.TryAnother(NextHop, failed, out flow);

    private SipUri NextHop => _routeSet.Length > 0 && SipUri.TryParse(AddressTag.UriText(_routeSet[0]), out var first) ? first : RemoteTarget;

    private static ReadOnlySpan<char> First(string list)
    {
        var splitter = new SipListSplitter(list);
        splitter.MoveNext();
        return splitter.Current;
    }

    private static string[] Routes(SipMessage message, bool reverse)
    {
        List<string>? routes = null;
        foreach (var field in message.Headers)
        {
            if (field.Key != "Record-Route")
            {
                continue;
            }

            foreach (var value in new SipListSplitter(field.Value))
            {
                if (!value.IsEmpty)
                {
                    (routes ??= []).Add(new string(value));
                }
            }
        }

        if (routes is null)
        {
            return NoRoutes;
        }

        if (reverse)
        {
            routes.Reverse();
        }

        return [.. routes];
    }

    private SipRequest Create(string method, uint sequence)
    {
        var target = RemoteTarget;
        string? last = null;
        var skip = 0;
        if (_routeSet.Length > 0 && SipUri.TryParse(AddressTag.UriText(_routeSet[0]), out var first) && !first.IsLooseRouter)
        {
            // RFC 3261 12.2.1.1: a strict router gets itself as Request-URI, the remote target goes last.
            target = first;
            skip = 1;
            last = $"<{RemoteTarget}>";
        }

        var request = new SipRequest(method, target);
        request.Headers.Expect(_routeSet.Length + (method is "INVITE" or "UPDATE" ? MostFields : LeastFields));
        for (var i = skip; i < _routeSet.Length; i++)
        {
            request.Headers.AddParsed("Route", _routeSet[i]);
        }

        if (last is not null)
        {
            request.Headers.AddParsed("Route", last);
        }

        request.Headers.AddParsed("Max-Forwards", "70");
        request.Headers.AddParsed("From", _from ??= SharedStrings.Of($"{LocalAddress};tag={LocalTag}"));
        request.Headers.AddParsed("To", _to ??= RemoteTag.Length == 0 ? RemoteAddress : SharedStrings.Of($"{RemoteAddress};tag={RemoteTag}"));
        request.Headers.AddParsed("Call-ID", CallId);
        request.Headers.AddParsed("CSeq", SharedStrings.Of($"{sequence} {method}"));
        return request;
    }
}
