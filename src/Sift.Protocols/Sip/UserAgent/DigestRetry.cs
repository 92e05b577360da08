using Sift.Protocols.Sip.Authentication;
using Sift.Protocols.Sip.Messages;
using Sift.Protocols.Sip.Transactions;

namespace Sift.Protocols.Sip.UserAgent;

/// <summary>RFC 3261 22.2 and 22.3: the same request once more, with credentials for the challenges of a 401 or 407.</summary>
internal static class DigestRetry
{
    /// <summary>False when no challenge can be answered: unknown algorithm, or none at all.</summary>
    public static bool TryAuthorise(SipRequest request, SipResponse challenge, SipCredentials credentials, SipTokens tokens)
    {
        var (asked, given) = challenge.StatusCode == 407 ? ("Proxy-Authenticate", "Proxy-Authorization") : ("WWW-Authenticate", "Authorization");
        if (DigestChallenge.Choose(challenge.Headers.GetAll(asked)) is not { IsAnswerable: true } chosen)
        {
            return false;
        }

        // Each challenge is answered once and no nonce is used again, so the count is always 1.
        var answer = DigestClient.Answer(chosen, credentials.Username, credentials.Password, request.Method, request.RequestUri.ToString(), 1, tokens.Tag());
        request.Headers.Set(given, answer.ToString());
        return true;
    }
}
