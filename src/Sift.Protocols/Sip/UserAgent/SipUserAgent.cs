using Sift.Protocols.Sip.Dialogs;
using Sift.Protocols.Sip.Messages;
using Sift.Protocols.Sip.Transactions;

namespace Sift.Protocols.Sip.UserAgent;

/// <summary>
/// The SIP user agent core: transactions, dialogs and calls. Sans-IO: the host brings messages and the time, the core answers
/// through <see cref="ISipUserAgentOutput"/>. One owner: never call it from two threads at once. <c>now</c> is any clock that
/// never goes back, the same in every call.
/// </summary>
public sealed class SipUserAgent
{
    private readonly AgentContext _context;
    private readonly InboundDispatch _inbound;
    private readonly OutboundRequests _requests;

    public SipUserAgent(SipUserAgentOptions options, ISipFlows flows, IEntropy entropy)
    {
        _context = new(options, flows, entropy);
        _inbound = new(_context);
        _requests = new(_context);
    }

    /// <summary>When <see cref="OnTimer"/> must be called next; null when there is nothing to wait for.</summary>
    public TimeSpan? Deadline => _context.Timers.Earliest;

    /// <summary>Calls that have not ended.</summary>
    public int CallCount => _context.CallCount;

    /// <summary>While true new incoming calls are refused with 503 and Retry-After.</summary>
    public bool Draining
    {
        get => _inbound.Draining;
        set => _inbound.Draining = value;
    }

    /// <summary>One message that was parsed.</summary>
    public void OnMessage(SipMessage message, in SipFlow flow, TimeSpan now, ISipUserAgentOutput output)
    {
        var turn = new Turn(now, output);
        if (message is SipRequest request)
        {
            _inbound.OnRequest(request, flow, turn);
        }
        else if (message is SipResponse response && !_context.Transactions.OnResponse(response, turn))
        {
            output.OnRefused(SipRefusal.Stray, message, flow);
        }
    }

    /// <summary>True when the response belongs to a request of ours: its sender has seen that request.</summary>
    public bool IsExpected(SipResponse response) => _context.Transactions.IsExpected(response);

    /// <summary>One message that <see cref="SipParser"/> refused: answered with 400 or 505 when it can be answered.</summary>
    public void OnUnparsable(SipMessage? message, SipParseError error, in SipFlow flow, TimeSpan now, ISipUserAgentOutput output)
    {
        if (message is SipRequest request && (error is SipParseError.BadRequest or SipParseError.VersionNotSupported))
        {
            _inbound.OnUnparsable(request, error, flow, new(now, output));
        }
        else if (error != SipParseError.KeepAlive)
        {
            output.OnRefused(SipRefusal.Malformed, message, flow);
        }
    }

    /// <summary>Call at or after <see cref="Deadline"/>.</summary>
    public void OnTimer(TimeSpan now, ISipUserAgentOutput output) => _context.Timers.Fire(new(now, output));

    /// <summary>A send on that flow failed, or its connection closed: what waited for it fails now (RFC 3261 section 17.1.4).</summary>
    public void OnTransportError(in SipFlow flow, TimeSpan now, ISipUserAgentOutput output) => _context.Transactions.OnTransportError(flow, new(now, output));

    /// <summary>Places a call.</summary>
    public SipCallId Invite(SipInvitation invitation, TimeSpan now, ISipUserAgentOutput output) => Call.Place(_context, invitation, new(now, output)).Id;

    /// <summary>Tells the caller of an incoming call 180, 181, 182 or 183.</summary>
    /// <param name="sdp">Early media; empty for none.</param>
    /// <returns>False when the call is not an unanswered incoming one.</returns>
    public bool Provisional(SipCallId call, int status, ReadOnlyMemory<byte> sdp, TimeSpan now, ISipUserAgentOutput output) => _context.TryFind(call, out var found) && found.Provisional(status, sdp, new(now, output));

    /// <summary>Answers an incoming call with 200.</summary>
    /// <param name="sdp">The answer, or the offer when the INVITE had none; empty when the answer went out in a reliable provisional.</param>
    public bool Answer(SipCallId call, ReadOnlyMemory<byte> sdp, TimeSpan now, ISipUserAgentOutput output) => _context.TryFind(call, out var found) && found.Answer(sdp, new(now, output));

    /// <summary>Refuses an incoming call that was not answered.</summary>
    /// <param name="status">300 to 699.</param>
    /// <param name="headers">Extra header fields: WWW-Authenticate, Retry-After, Warning, Contact …</param>
    public bool Reject(SipCallId call, int status, IReadOnlyList<KeyValuePair<string, string>> headers, TimeSpan now, ISipUserAgentOutput output) => _context.TryFind(call, out var found) && found.Reject(status, headers, new(now, output));

    /// <summary>True when our INVITE has had any response, be it 100: the next hop lives.</summary>
    public bool HasProceeded(SipCallId call) => _context.TryFind(call, out var found) && found.HasProceeded;

    /// <summary>Sends the ACK with our answer after <see cref="ISipUserAgentOutput.OnAnswered"/> said that we owe one.</summary>
    public bool Acknowledge(SipCallId call, ReadOnlyMemory<byte> answer, TimeSpan now, ISipUserAgentOutput output) => _context.TryFind(call, out var found) && found.Acknowledge(answer, new(now, output));

    /// <summary>Ends a call whatever its state: CANCEL, BYE, or 480. <see cref="ISipUserAgentOutput.OnEnded"/> follows: at once, or at the latest 32 s after the CANCEL, which itself waits for a first response (RFC 3261 9.1).</summary>
    /// <param name="reason">A Reason header value (RFC 3326), such as <c>Q.850;cause=16;text="Normal"</c>; null for none.</param>
    public bool HangUp(SipCallId call, string? reason, TimeSpan now, ISipUserAgentOutput output) => _context.TryFind(call, out var found) && found.HangUp(reason, new(now, output));

    /// <summary>Offers a changed session: UPDATE before the call is answered, else re-INVITE. Queued while another change is open.</summary>
    /// <returns>False when the call is gone or has not reached a dialog.</returns>
    public bool Reoffer(SipCallId call, ReadOnlyMemory<byte> offer, TimeSpan now, ISipUserAgentOutput output) => _context.TryFind(call, out var found) && found.Change.Offer(offer, new(now, output));

    /// <summary>Accepts the change that <see cref="ISipUserAgentOutput.OnReoffer"/> told of.</summary>
    /// <param name="sdp">The answer, or our offer when the request had none.</param>
    public bool AnswerReoffer(SipCallId call, ReadOnlyMemory<byte> sdp, TimeSpan now, ISipUserAgentOutput output) => _context.TryFind(call, out var found) && found.Change.Answer(sdp, new(now, output));

    /// <summary>Refuses the change (488 and the like); the session stays as it was.</summary>
    public bool RefuseReoffer(SipCallId call, int status, TimeSpan now, ISipUserAgentOutput output) => _context.TryFind(call, out var found) && found.Change.Refuse(status, new(now, output));

    /// <summary>Sends INFO in the dialog.</summary>
    public bool Info(SipCallId call, string contentType, ReadOnlyMemory<byte> body, TimeSpan now, ISipUserAgentOutput output) => _context.TryFind(call, out var found) && found.Info(contentType, body, new(now, output));

    /// <summary>
    /// Sends a request outside a dialog (REGISTER, OPTIONS). Via, Max-Forwards, and where missing From tag, Call-ID, CSeq and
    /// Contact are added. A challenge is answered once when credentials are given.
    /// </summary>
    public SipOutboundRequestId Request(SipRequest request, in SipFlow flow, SipCredentials? credentials, TimeSpan now, ISipUserAgentOutput output) => _requests.Send(request, flow, credentials, new(now, output));

    /// <summary>A response to <paramref name="request"/> with its Via, From, To (with a tag), Call-ID and CSeq, to be completed by the host.</summary>
    public SipResponse CreateResponse(SipRequest request, int status) => _context.Respond(request, status);

    /// <summary>Answers a request that came by <see cref="ISipUserAgentOutput.OnRequest"/>.</summary>
    /// <returns>False when its transaction is gone.</returns>
    public bool Respond(SipInboundRequestId id, SipResponse response, TimeSpan now, ISipUserAgentOutput output) => _inbound.Respond(id, response, new(now, output));

    /// <summary>What a restarted process needs to go on with the call; null unless it is answered and acknowledged.</summary>
    public SipDialogSnapshot? Snapshot(SipCallId call, TimeSpan now) => _context.TryFind(call, out var found) ? found.Snapshot(now) : null;

    /// <summary>The flow a call's requests use now; null when the call is gone. Belongs to a snapshot, in the host's own terms.</summary>
    public SipFlow? FlowOf(SipCallId call) => _context.TryFind(call, out var found) ? found.Dialog?.Flow : null;

    /// <summary>Takes up a call from its snapshot.</summary>
    /// <returns>Null when the dialog is already known here or the snapshot is unreadable.</returns>
    public SipCallId? Restore(SipDialogSnapshot snapshot, in SipFlow flow, TimeSpan now) => Call.Restore(_context, snapshot, flow, now)?.Id;
}
