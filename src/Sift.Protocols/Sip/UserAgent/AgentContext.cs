using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Sift.Protocols.Sip.Dialogs;
using Sift.Protocols.Sip.Messages;
using Sift.Protocols.Sip.Transactions;

namespace Sift.Protocols.Sip.UserAgent;

/// <summary>What the parts of one user agent share: constants, transactions, the table of calls, and how our messages are dressed.</summary>
internal sealed class AgentContext
{
    public const string AllowedMethods = "INVITE, ACK, CANCEL, BYE, OPTIONS, PRACK, UPDATE, INFO";
    public const string Extensions = "100rel, timer";
    public const string Sdp = "application/sdp";

    private readonly Dictionary<SipCallId, Call> _calls = [];
    private readonly Dictionary<string, Call> _byLocalTag = [];
    private long _lastCall;

    public AgentContext(SipUserAgentOptions options, ISipFlows flows, IEntropy entropy)
    {
        Options = options;
        Flows = flows;
        Tokens = new(entropy);
        Transactions = new(options.Timings, flows, Tokens);
    }

    public SipUserAgentOptions Options { get; }

    public ISipFlows Flows { get; }

    public SipTokens Tokens { get; }

    public SipTransactions Transactions { get; }

    public DeadlineHeap Timers => Transactions.Timers;

    public SipTimings Timings => Options.Timings;

    public int CallCount => _calls.Count;

    public SipCallId NextId() => new(++_lastCall);

    public void Add(Call call, string localTag)
    {
        _calls.Add(call.Id, call);
        _byLocalTag.Add(localTag, call);
    }

    public bool Knows(string localTag) => _byLocalTag.ContainsKey(localTag);

    public void Remove(Call call, string localTag)
    {
        _calls.Remove(call.Id);
        _byLocalTag.Remove(localTag);
    }

    public bool TryFind(SipCallId id, [NotNullWhen(true)] out Call? call) => _calls.TryGetValue(id, out call);

    public Call? Find(in RequestFacts facts) =>
        facts.ToTag is { } tag && _byLocalTag.TryGetValue(tag, out var call) && call.CallId == facts.CallId ? call : null;

    /// <summary>RFC 3261 12.1.1 and 8.1.1.8: our Contact on that flow.</summary>
    public string Contact(in SipFlow flow, string? user)
    {
        var at = user is null ? "" : "@";
        var transport = flow.Transport switch
        {
            SipTransport.Udp => "",
            SipTransport.Tcp => ";transport=tcp",
            SipTransport.Tls => ";transport=tls",
            SipTransport.Ws or SipTransport.Wss => ";transport=ws",
        };
        var sentBy = Flows.SentBy(flow);
        var escaped = user is null ? "" : SipUri.EscapeUser(user);

        // The same in all messages of a call, mostly.
        return SharedStrings.Of($"<sip:{escaped}{at}{sentBy}{transport}>");
    }

    /// <summary>The header fields of our INVITE, UPDATE and their 2xx: target and capabilities.</summary>
    public void AddCapabilities(SipMessage message, in SipFlow flow, string? user, bool reliable = true)
    {
        message.Headers.AddParsed("Contact", Contact(flow, user));
        message.Headers.AddParsed("Allow", AllowedMethods);
        message.Headers.AddParsed("Supported", reliable ? Extensions : "timer");
    }

    public void SetDescription(SipMessage message, ReadOnlyMemory<byte> sdp)
    {
        if (!sdp.IsEmpty)
        {
            message.Headers.AddParsed("Content-Type", Sdp);
            message.Body = sdp;
        }
    }

    public SipResponse Respond(SipRequest request, int status, string? toTag = null)
    {
        var response = SipResponse.For(request, status, toTag ?? (status == 100 || AddressTag.IsIn(request.Headers.Get("To") ?? "") ? null : Tokens.Tag()));
        if (status > 100)
        {
            response.Headers.AddParsed("Server", Options.Product);
        }

        return response;
    }

    /// <summary>RFC 3261 14.2 and 12.2.2: 500 with a Retry-After of 0 to 10 seconds.</summary>
    public SipResponse OutOfOrder(SipRequest request)
    {
        var response = Respond(request, 500);
        var seconds = (int)Tokens.Between(TimeSpan.Zero, TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(1)).TotalSeconds;
        response.Headers.AddParsed("Retry-After", seconds.ToString(CultureInfo.InvariantCulture));
        return response;
    }

    public static string? ReasonOf(SipMessage message) => message.Headers.Get("Reason");
}
