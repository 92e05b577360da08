using Sift.Protocols.Sip.Messages;
using Sift.Protocols.Sip.Transactions;

namespace Sift.Protocols.Sip.UserAgent;

/// <summary>Our requests outside any dialog: REGISTER, OPTIONS (RFC 3261 8.1, 10.2).</summary>
internal sealed class OutboundRequests(AgentContext context)
{
    private long _last;

    public SipOutboundRequestId Send(SipRequest request, in SipFlow flow, SipCredentials? credentials, in Turn turn)
    {
        var id = new SipOutboundRequestId(++_last);
        Complete(request, flow);
        new Pending(context, id, request, flow, credentials).Send(turn);
        return id;
    }

    private void Complete(SipRequest request, in SipFlow flow)
    {
        var headers = request.Headers;
        if (!headers.Contains("Max-Forwards"))
        {
            headers.AddParsed("Max-Forwards", "70");
        }

        if (headers.Get("From") is { } from && AddressTag.Of(from) is null)
        {
            headers.Set("From", $"{from};tag={context.Tokens.Tag()}");
        }

        if (!headers.Contains("Call-ID"))
        {
            headers.AddParsed("Call-ID", context.Tokens.CallId());
        }

        if (!headers.Contains("CSeq"))
        {
            headers.AddParsed("CSeq", $"{context.Tokens.Sequence()} {request.Method}");
        }

        if (!headers.Contains("Contact"))
        {
            headers.AddParsed("Contact", context.Contact(flow, null));
        }

        if (!headers.Contains("User-Agent"))
        {
            headers.AddParsed("User-Agent", context.Options.Product);
        }
    }

    private sealed class Pending(AgentContext context, SipOutboundRequestId id, SipRequest request, SipFlow flow, SipCredentials? credentials) : IClientTransactionUser
    {
        private int _challenges;

        public void Send(in Turn turn) => context.Transactions.StartRequest(request, flow, this, turn);

        public void OnResponse(SipResponse response, in RequestFacts facts, in Turn turn)
        {
            if (response.IsProvisional)
            {
                return;
            }

            if (DigestRetry.IsWorthwhile(response, _challenges) && credentials is not null && TryRetry(response, facts))
            {
                _challenges++;
                Send(turn);
                return;
            }

            turn.Output.OnResponse(id, response);
        }

        public void OnFailure(TransactionFailure failure, in Turn turn) => turn.Output.OnResponse(id, null);

        /// <summary>RFC 3261 22.2: the same request with the next CSeq, a new branch, and credentials.</summary>
        private bool TryRetry(SipResponse challenge, in RequestFacts facts)
        {
            request.Headers.RemoveAt(0);
            request.Headers.Set("CSeq", $"{facts.CSeq.Number + 1} {request.Method}");
            return DigestRetry.TryAuthorise(request, challenge, credentials!, context.Tokens);
        }
    }
}
