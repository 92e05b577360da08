using Sift.Protocols.Sip.Authentication;
using Sift.Protocols.Sip.Messages;
using Sift.Protocols.Sip.Transactions;

namespace Sift.Protocols.Sip.UserAgent;

/// <summary>RFC 3261 22.2 and 22.3: the same request once more, with credentials for the challenges of a 401 or 407.</summary>
internal static class DigestRetry
{
    private const int MaxChallenges = 3;

    /// <summary>A first challenge is answered; a further one only when it says that just the nonce was stale (RFC 3261 22.1).</summary>
    public static bool IsWorthwhile(SipResponse response, int answered) =>
        response.StatusCode is 401 or 407
        && (answered == 0 || (answered < MaxChallenges && Chosen(response) is { Stale: true }));

    /// <summary>False when no challenge can be answered: unknown algorithm, or none at all.</summary>
    public static bool TryAuthorise(SipRequest request, SipResponse challenge, SipCredentials credentials, SipTokens tokens)
    {
        if (Chosen(challenge) is not { IsAnswerable: true } chosen)
        {
            return false;
        }

        // Each challenge is answered once and no nonce is used again, so the count is always 1.
        var answer = DigestClient.Answer(chosen, credentials.Username, credentials.Password, request.Method, request.RequestUri.ToString(), 1, tokens.Tag());
        request.Headers.Set(challenge.StatusCode == 407 ? "Proxy-Authorization" : "Authorization", answer.ToString());
        return true;
    }

    private static DigestChallenge? Chosen(SipResponse response) =>
        DigestChallenge.Choose(response.Headers.GetAll(response.StatusCode == 407 ? "Proxy-Authenticate" : "WWW-Authenticate"));
}
