using Sift.Protocols.Sip.Messages;

namespace Sift.Protocols.Sip.Transactions;

/// <summary>RFC 3261 17.1.3: a response belongs to the client transaction with its top branch and CSeq method.</summary>
internal readonly record struct ClientKey(string Branch, string Method);

/// <summary>
/// RFC 3261 17.2.3: a request belongs to the server transaction with its branch, sent-by and method (ACK counts as INVITE).
/// Without the magic cookie the branch is made of the fields that RFC 2543 compares.
/// </summary>
internal readonly record struct ServerKey(string Branch, string Host, int Port, string Method)
{
    public static ServerKey Of(SipRequest request, Via via, string method, in RequestFacts facts)
    {
        if (via.HasUniqueBranch)
        {
            return new(via.Branch!, Lower(via.Host), via.Port ?? 0, method);
        }

        // RFC 3261 17.2.3: Request-URI, From tag, Call-ID, CSeq number and top Via. The To tag is left out: an ACK carries the
        // one of our response, and within one dialog the CSeq number tells requests apart.
        var legacy = $"2543 {request.RequestUri} {facts.FromTag} {facts.CallId} {facts.CSeq.Number} {via.Branch}";
        return new(legacy, Lower(via.Host), via.Port ?? 0, method);
    }

    private static string Lower(string host)
    {
        foreach (var c in host)
        {
            if (char.IsAsciiLetterUpper(c))
            {
                return host.ToLowerInvariant();
            }
        }

        return host;
    }
}

/// <summary>RFC 3261 8.2.2.2: one request that reached us over two paths has these in common.</summary>
internal readonly record struct MergeKey(string CallId, string FromTag, uint Sequence, string Method);
