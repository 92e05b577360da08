using System.Buffers;
using System.Net;
using Sift.Protocols.Sip.Messages;

namespace Sift.Protocols.Sip.Transactions;

/// <summary>The transaction layer (RFC 3261 17): every transaction of one user agent, their matching, and all timers.</summary>
internal sealed class SipTransactions(SipTimings timings, ISipFlows flows, SipTokens tokens)
{
    /// <summary>RFC 3261 18.1.1: a request within 200 bytes of the path MTU, or above 1300 when it is unknown, needs congestion control.</summary>
    public const int MaxDatagramRequest = 1300;

    private readonly Dictionary<ClientKey, IClientTransaction> _clients = [];
    private readonly Dictionary<ServerKey, IServerTransaction> _servers = [];
    private readonly Dictionary<MergeKey, IServerTransaction> _unmerged = [];
    private readonly ArrayBufferWriter<byte> _scratch = new(2048);

    public SipTimings Timings { get; } = timings;

    public DeadlineHeap Timers { get; } = new();

    public int Count => _clients.Count + _servers.Count;

    /// <summary>The bytes are valid until the next call.</summary>
    public ReadOnlySpan<byte> Write(SipMessage message)
    {
        _scratch.ResetWrittenCount();
        SipWriter.Write(message, _scratch);
        return _scratch.WrittenSpan;
    }

    public InviteClientTransaction StartInvite(SipRequest request, in SipFlow wanted, IClientTransactionUser user, in Turn turn)
    {
        var flow = wanted;
        var branch = tokens.Branch();
        var bytes = Prepare(request, branch, ref flow);
        var transaction = new InviteClientTransaction(this, new(branch, "INVITE"), request, flow, user) { Datagram = flow == wanted ? null : wanted };
        _clients.Add(transaction.Key, transaction);
        transaction.Start(bytes, turn);
        return transaction;
    }

    public void StartRequest(SipRequest request, in SipFlow wanted, IClientTransactionUser? user, in Turn turn)
    {
        var flow = wanted;
        var branch = tokens.Branch();
        var bytes = Prepare(request, branch, ref flow);
        Start(new(this, new(branch, request.Method), flow, user) { Datagram = flow == wanted ? null : (request, wanted) }, bytes, turn);
    }

    /// <summary>Begins a client transaction again on another flow, under a branch of its own.</summary>
    public ClientKey Move(IClientTransaction transaction, SipRequest request, in SipFlow flow, out ReadOnlySpan<byte> bytes)
    {
        _clients.Remove(transaction.Key);
        var key = new ClientKey(tokens.Branch(), request.Method);
        _clients.Add(key, transaction);
        request.Headers.RemoveAt(0);
        request.Headers.Insert(0, "Via", ViaValue(flow, key.Branch));
        bytes = Write(request);
        return key;
    }

    /// <summary>RFC 3261 9.1: Request-URI, Call-ID, To, From, CSeq number, Route and the one Via are those of the INVITE.</summary>
    public void StartCancel(InviteClientTransaction invite, string? reason, in Turn turn)
    {
        if (invite.Request is not { } request)
        {
            return;
        }

        var cancel = new SipRequest("CANCEL", request.RequestUri);
        var via = false;
        foreach (var field in request.Headers)
        {
            switch (field.Key)
            {
                case "Via" when !via:
                    via = true;
                    cancel.Headers.Add("Via", field.Value);
                    break;
                case "Route" or "From" or "To" or "Call-ID" or "Max-Forwards":
                    cancel.Headers.Add(field.Key, field.Value);
                    break;
                default:
                    break;
            }
        }

        cancel.Headers.Add("CSeq", WithMethod(request, "CANCEL"));
        if (reason is not null)
        {
            cancel.Headers.Add("Reason", reason);
        }

        var key = new ClientKey(invite.Key.Branch, "CANCEL");
        if (!_clients.ContainsKey(key))
        {
            Start(new(this, key, invite.Flow, null), Write(cancel), turn);
        }
    }

    /// <summary>Sends the ACK of a 2xx, which is no transaction (RFC 3261 13.2.2.4), and gives what its repetition needs.</summary>
    public SentAck SendAck(SipRequest ack, in SipFlow wanted, in Turn turn)
    {
        var flow = wanted;
        var bytes = Prepare(ack, tokens.Branch(), ref flow);
        turn.Output.Send(flow, bytes);
        return new(wanted, flow, ack);
    }

    /// <summary>Sends it again for a repeated 2xx: as it was, or anew where its next hop has turned out to be elsewhere.</summary>
    public SentAck RepeatAck(in SentAck sent, in SipFlow wanted, in Turn turn)
    {
        if (sent.Wanted != wanted)
        {
            sent.Request.Headers.RemoveAt(0);
            return SendAck(sent.Request, wanted, turn);
        }

        turn.Output.Send(sent.Flow, Write(sent.Request));
        return sent;
    }

    /// <summary>True when the response belongs to a request of ours.</summary>
    public bool IsExpected(SipResponse response) =>
        response.TopVia is { Branch: { } branch } && response.CSeq is { } cseq && _clients.ContainsKey(new(branch, cseq.Method));

    /// <summary>False when the response belongs to no transaction.</summary>
    public bool OnResponse(SipResponse response, in Turn turn)
    {
        // RFC 3261 8.1.3.3: a response with more than one Via value is not ours.
        if (response.TopVia is not { Branch: { } branch } || ViaCount(response) != 1
            || !RequestFacts.TryRead(response, out var facts)
            || !_clients.TryGetValue(new(branch, facts.CSeq.Method), out var transaction))
        {
            return false;
        }

        transaction.OnResponse(response, facts, turn);
        return true;
    }

    /// <summary>Reads the top Via, notes received and rport in it (RFC 3261 18.2.1, RFC 3581 4), and finds where responses go.</summary>
    public Via? StampVia(SipRequest request, in SipFlow flow, out SipFlow replyFlow)
    {
        replyFlow = flow;
        if (request.TopVia is not { } via)
        {
            return null;
        }

        var source = flow.Remote.Address;
        var symmetric = via.Parameters.Contains("rport");
        if (symmetric)
        {
            Span<char> port = stackalloc char[5];
            flow.Remote.Port.TryFormat(port, out var digits, provider: System.Globalization.CultureInfo.InvariantCulture);
            via.Parameters.Set("rport", SharedStrings.Of(port[..digits]));
        }

        var sameHost = via.Host == source.ToString() || (IPAddress.TryParse(via.Host, out var sentBy) && sentBy.Equals(source));
        if (symmetric || !sameHost)
        {
            via.Parameters.Set("received", source.ToString());
            ReplaceTopVia(request, via);
        }

        if (!flow.IsReliable && !symmetric)
        {
            // RFC 3261 18.2.2: to the source address and the sent-by port. maddr is not followed: it would let anyone point our answers at others.
            var port = via.Port ?? 5060;
            if (port != flow.Remote.Port)
            {
                replyFlow = flow with { Remote = new IPEndPoint(source, port) };
            }
        }

        return via;
    }

    public IServerTransaction? FindServer(in ServerKey key) => _servers.GetValueOrDefault(key);

    public InviteServerTransaction? FindInvite(in ServerKey cancelled) => _servers.GetValueOrDefault(cancelled with { Method = "INVITE" }) as InviteServerTransaction;

    /// <summary>RFC 3261 8.2.2.2: a request without To tag that is already being answered under another branch.</summary>
    public bool IsMerged(in RequestFacts facts) => facts.ToTag is null && _unmerged.ContainsKey(MergeOf(facts));

    public InviteServerTransaction AddInviteServer(in ServerKey key, in RequestFacts facts, in SipFlow replyFlow)
    {
        var transaction = new InviteServerTransaction(this, key, facts.ToTag is null ? MergeOf(facts) : null, replyFlow);
        Add(transaction);
        return transaction;
    }

    public NonInviteServerTransaction AddServer(in ServerKey key, in RequestFacts facts, in SipFlow replyFlow, in Turn turn)
    {
        // CANCEL shares everything with its INVITE and cannot be told from a merged one.
        var merge = facts.ToTag is null && key.Method != "CANCEL" ? MergeOf(facts) : (MergeKey?)null;
        var transaction = new NonInviteServerTransaction(this, key, merge, replyFlow);
        Add(transaction);

        // A host that never answers must not leave the transaction behind.
        Timers.Set(transaction, turn.Now + Timings.Timeout);
        return transaction;
    }

    public void OnTransportError(in SipFlow flow, in Turn turn)
    {
        List<IClientTransaction>? failedClients = null;
        foreach (var transaction in _clients.Values)
        {
            if (Same(transaction.Flow, flow))
            {
                (failedClients ??= []).Add(transaction);
            }
        }

        List<IServerTransaction>? failedServers = null;
        foreach (var transaction in _servers.Values)
        {
            if (Same(transaction.ReplyFlow, flow))
            {
                (failedServers ??= []).Add(transaction);
            }
        }

        foreach (var transaction in failedClients ?? [])
        {
            transaction.OnTransportError(turn);
        }

        foreach (var transaction in failedServers ?? [])
        {
            transaction.OnTransportError(turn);
        }
    }

    public void Remove(IClientTransaction transaction)
    {
        _clients.Remove(transaction.Key);
        Timers.Set((ITimed)transaction, null);
    }

    public void Remove(IServerTransaction transaction)
    {
        _servers.Remove(transaction.Key);
        if (transaction.Merge is { } merge)
        {
            _unmerged.Remove(merge);
        }

        Timers.Set((ITimed)transaction, null);
    }

    public static string WithMethod(SipRequest request, string method)
    {
        var value = request.Headers.Get("CSeq") ?? "";
        var space = value.IndexOf(' ');
        return string.Concat(space < 0 ? value : value.AsSpan(0, space), " ", method);
    }

    private static int ViaCount(SipMessage message)
    {
        var count = 0;
        foreach (var field in message.Headers)
        {
            if (field.Key == "Via")
            {
                foreach (var _ in new SipListSplitter(field.Value))
                {
                    count++;
                }
            }
        }

        return count;
    }

    private static void ReplaceTopVia(SipRequest request, Via via)
    {
        for (var i = 0; i < request.Headers.Count; i++)
        {
            if (request.Headers[i].Key != "Via")
            {
                continue;
            }

            var splitter = new SipListSplitter(request.Headers[i].Value);
            splitter.MoveNext();
            List<string>? others = null;
            while (splitter.MoveNext())
            {
                (others ??= []).Add(new string(splitter.Current));
            }

            request.Headers.SetAt(i, others is null ? via.ToString() : $"{via}, {string.Join(", ", others)}");
            return;
        }
    }

    private static MergeKey MergeOf(in RequestFacts facts) => new(facts.CallId, facts.FromTag, facts.CSeq.Number, facts.CSeq.Method);

    private static bool Same(in SipFlow a, in SipFlow b) =>
        a.Transport == b.Transport && a.Connection == b.Connection && a.Remote.Equals(b.Remote);

    /// <summary>Puts our Via on top and writes the request, over a stream when it is too large for a datagram (RFC 3261 18.1.1).</summary>
    private ReadOnlySpan<byte> Prepare(SipRequest request, string branch, ref SipFlow flow)
    {
        request.Headers.Insert(0, "Via", ViaValue(flow, branch));
        var bytes = Write(request);
        if (flow.IsReliable || bytes.Length <= MaxDatagramRequest || !flows.TryReliable(flow, out var reliable))
        {
            return bytes;
        }

        flow = reliable;
        request.Headers.RemoveAt(0);
        request.Headers.Insert(0, "Via", ViaValue(flow, branch));
        return Write(request);
    }

    private string ViaValue(in SipFlow flow, string branch) =>
        SharedStrings.Of($"SIP/2.0/{flow.ViaTransport} {flows.SentBy(flow)};branch={branch};rport");

    private void Start(NonInviteClientTransaction transaction, ReadOnlySpan<byte> bytes, in Turn turn)
    {
        _clients.Add(transaction.Key, transaction);
        transaction.Start(bytes, turn);
    }

    private void Add(IServerTransaction transaction)
    {
        _servers[transaction.Key] = transaction;
        if (transaction.Merge is { } merge)
        {
            _unmerged[merge] = transaction;
        }
    }
}

/// <summary>An ACK as it went out, to be repeated for each repeated 2xx.</summary>
/// <param name="Wanted">Where it had to go; <paramref name="Flow"/> is another only when it was too large for a datagram.</param>
internal readonly record struct SentAck(SipFlow Wanted, SipFlow Flow, SipRequest Request);
