using Sift.Protocols.Sip.Dialogs;
using Sift.Protocols.Sip.Messages;
using Sift.Protocols.Sip.Transactions;

namespace Sift.Protocols.Sip.UserAgent;

/// <summary>The UAS core (RFC 3261 8.2, 12.2.2): finds what an incoming request is for, or refuses it.</summary>
internal sealed class InboundDispatch(AgentContext context)
{
    /// <summary>Without these nobody could tell what a response is for (RFC 3261 8.2.6.2).</summary>
    private static readonly string[] Echoed = ["From", "To", "Call-ID", "CSeq"];

    private readonly Dictionary<SipInboundRequestId, NonInviteServerTransaction> _open = [];
    private long _lastRequest;

    public bool Draining { get; set; }

    public void OnRequest(SipRequest request, in SipFlow flow, in Turn turn)
    {
        if (context.Transactions.StampVia(request, flow, out var replyFlow) is not { } via
            || !RequestFacts.TryRead(request, out var facts))
        {
            turn.Output.OnRefused(SipRefusal.Malformed, request, flow);
            return;
        }

        if (request.Method == "ACK")
        {
            OnAck(request, via, facts, flow, turn);
            return;
        }

        var key = ServerKey.Of(request, via, request.Method, facts);
        if (context.Transactions.FindServer(key) is { } known)
        {
            known.OnRequest(request, turn);
            return;
        }

        if (facts.CSeq.Method != request.Method)
        {
            // RFC 3261 8.1.1.5: the CSeq method is the method of the request.
            RefuseStateless(request, 400, SipRefusal.Malformed, replyFlow, turn);
            return;
        }

        if (request.Method == "CANCEL")
        {
            OnCancel(request, key, facts, replyFlow, turn);
            return;
        }

        if (context.Transactions.IsMerged(facts))
        {
            Refuse(request, key, facts, replyFlow, SipRefusal.Merged, context.Respond(request, 482), turn);
            return;
        }

        if (RequestAdmission.Check(context, request, facts.ToTag is not null) is { } refused)
        {
            Refuse(request, key, facts, replyFlow, refused.Refusal, refused.Response, turn);
        }
        else if (facts.ToTag is not null)
        {
            OnDialogRequest(request, key, facts, replyFlow, turn);
        }
        else if (request.Method == "INVITE")
        {
            OnInvite(request, key, facts, replyFlow, turn);
        }
        else if (request.Method is "BYE" or "PRACK" or "UPDATE" or "INFO")
        {
            Refuse(request, key, facts, replyFlow, SipRefusal.UnknownDialog, context.Respond(request, 481), turn);
        }
        else if (!context.Options.HostMethods.Contains(request.Method))
        {
            AnswerOptions(request, context.Transactions.AddServer(key, facts, replyFlow, turn), Draining ? 503 : 200, turn);
        }
        else
        {
            AskHost(request, context.Transactions.AddServer(key, facts, replyFlow, turn), replyFlow, turn);
        }
    }

    public bool Respond(SipInboundRequestId id, SipResponse response, in Turn turn)
    {
        if (!_open.TryGetValue(id, out var transaction))
        {
            return false;
        }

        if (!response.IsProvisional)
        {
            _open.Remove(id);
        }

        transaction.Respond(response, turn);
        return true;
    }

    /// <summary>Bytes that are no good request but can be answered. No transaction: what repeats is answered alike.</summary>
    public void OnUnparsable(SipRequest request, SipParseError error, in SipFlow flow, in Turn turn)
    {
        var complete = Echoed.All(request.Headers.Contains);
        if (request.Method == "ACK" || !complete || context.Transactions.StampVia(request, flow, out var replyFlow) is null)
        {
            turn.Output.OnRefused(SipRefusal.Malformed, request, flow);
            return;
        }

        var status = SipParser.StatusFor(error);
        RefuseStateless(request, status, status == 505 ? SipRefusal.VersionNotSupported : SipRefusal.Malformed, replyFlow, turn);
    }

    private void AskHost(SipRequest request, NonInviteServerTransaction transaction, in SipFlow replyFlow, in Turn turn)
    {
        var id = new SipInboundRequestId(++_lastRequest);
        transaction.OnEnd = () => _open.Remove(id);
        _open.Add(id, transaction);
        turn.Output.OnRequest(id, request, replyFlow);
    }

    private void OnInvite(SipRequest request, in ServerKey key, in RequestFacts facts, in SipFlow replyFlow, in Turn turn)
    {
        if (Dialog.ContactOf(request) is not { } target)
        {
            // RFC 3261 8.1.1.8: an INVITE has exactly one Contact; without it no dialog can be made.
            Refuse(request, key, facts, replyFlow, SipRefusal.Malformed, context.Respond(request, 400), turn);
            return;
        }

        if (Draining || context.CallCount >= context.Options.MaxCalls)
        {
            var response = context.Respond(request, 503);
            response.Headers.AddParsed("Retry-After", "5");
            Refuse(request, key, facts, replyFlow, SipRefusal.Overloaded, response, turn);
            return;
        }

        var transaction = context.Transactions.AddInviteServer(key, facts, replyFlow);
        var call = Call.Receive(context, request, facts, transaction, target, turn);
        turn.Output.OnIncomingCall(call.Id, request, replyFlow);
        if (transaction.IsUnanswered)
        {
            // RFC 3261 17.2.1: not when something better goes out within 200 ms.
            transaction.Respond(context.Respond(request, 100), turn);
        }
    }

    private void OnAck(SipRequest ack, Via via, in RequestFacts facts, in SipFlow flow, in Turn turn)
    {
        // RFC 3261 17.1.1.3 and 13.2.2.4: the ACK of a refusal has the branch of its INVITE, the ACK of a 2xx one of its own.
        if (context.Transactions.FindServer(ServerKey.Of(ack, via, "INVITE", facts)) is InviteServerTransaction { State: not InviteServerState.Accepted } invite)
        {
            invite.OnRequest(ack, turn);
        }
        else if (context.Find(facts) is { } call)
        {
            call.OnAck(ack, facts, turn);
        }
        else
        {
            turn.Output.OnRefused(SipRefusal.Stray, ack, flow);
        }
    }

    /// <summary>RFC 3261 9.2.</summary>
    private void OnCancel(SipRequest cancel, in ServerKey key, in RequestFacts facts, in SipFlow replyFlow, in Turn turn)
    {
        var transaction = context.Transactions.AddServer(key, facts, replyFlow, turn);
        if (context.Transactions.FindInvite(key) is not { } invite)
        {
            transaction.Respond(context.Respond(cancel, 481), turn);
            turn.Output.OnRefused(SipRefusal.UnknownDialog, cancel, replyFlow);
            return;
        }

        // RFC 3261 9.2: with the To tag that the INVITE is answered with.
        transaction.Respond(context.Respond(cancel, 200, invite.User?.LocalTag), turn);
        invite.User?.OnCancel(cancel, turn);
    }

    /// <summary>RFC 3261 12.2.2.</summary>
    private void OnDialogRequest(SipRequest request, in ServerKey key, in RequestFacts facts, in SipFlow replyFlow, in Turn turn)
    {
        if (context.Find(facts) is not { } call || call.DialogFor(request) is not { } dialog)
        {
            Refuse(request, key, facts, replyFlow, SipRefusal.UnknownDialog, context.Respond(request, 481), turn);
            return;
        }

        if (!dialog.TryAdvance(facts.CSeq.Number))
        {
            Refuse(request, key, facts, replyFlow, SipRefusal.OutOfOrder, context.OutOfOrder(request), turn);
            return;
        }

        if (request.Method is "INVITE" or "UPDATE" && call.Change.Conflict(request) is { } conflict)
        {
            var response = conflict == SipRefusal.Glare ? context.Respond(request, 491) : context.OutOfOrder(request);
            Refuse(request, key, facts, replyFlow, conflict, response, turn);
            return;
        }

        if (request.Method == "INVITE")
        {
            dialog.Flow = replyFlow;
            call.Change.OnOffer(request, context.Transactions.AddInviteServer(key, facts, replyFlow), turn);
            return;
        }

        var transaction = context.Transactions.AddServer(key, facts, replyFlow, turn);
        switch (request.Method)
        {
            case "BYE":
                call.OnBye(request, transaction, turn);
                break;
            case "UPDATE":
                dialog.Flow = replyFlow;
                call.Change.OnOffer(request, transaction, turn);
                break;
            case "PRACK" when call.TryPrack(request, transaction, turn):
                break;
            case "PRACK":
                transaction.Respond(context.Respond(request, 481), turn);
                turn.Output.OnRefused(SipRefusal.UnknownDialog, request, replyFlow);
                break;
            case "INFO":
                transaction.Respond(context.Respond(request, 200), turn);
                turn.Output.OnInfo(call.Id, request);
                break;
            case "OPTIONS":
                AnswerOptions(request, transaction, 200, turn);
                break;
            default:
                // REGISTER and the like have no meaning inside a dialog.
                transaction.Respond(context.Respond(request, 403), turn);
                turn.Output.OnRefused(SipRefusal.MethodNotAllowed, request, replyFlow);
                break;
        }
    }

    /// <summary>RFC 3261 11.2: what an INVITE would meet here.</summary>
    private void AnswerOptions(SipRequest request, IServerTransaction transaction, int status, in Turn turn)
    {
        var response = context.Respond(request, status);
        response.Headers.AddParsed("Allow", RequestAdmission.Allowed(context));
        response.Headers.AddParsed("Accept", AgentContext.Sdp);
        response.Headers.AddParsed("Supported", AgentContext.Extensions);
        transaction.Respond(response, turn);
    }

    private void Refuse(SipRequest request, in ServerKey key, in RequestFacts facts, in SipFlow replyFlow, SipRefusal refusal, SipResponse response, in Turn turn)
    {
        // A merged request must not take the place of the one it doubles.
        var alone = refusal == SipRefusal.Merged ? facts with { ToTag = "" } : facts;
        IServerTransaction transaction = request.Method == "INVITE"
            ? context.Transactions.AddInviteServer(key, alone, replyFlow)
            : context.Transactions.AddServer(key, alone, replyFlow, turn);
        transaction.Respond(response, turn);
        turn.Output.OnRefused(refusal, request, replyFlow);
    }

    private void RefuseStateless(SipRequest request, int status, SipRefusal refusal, in SipFlow replyFlow, in Turn turn)
    {
        turn.Output.Send(replyFlow, context.Transactions.Write(context.Respond(request, status)));
        turn.Output.OnRefused(refusal, request, replyFlow);
    }
}
