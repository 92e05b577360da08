using Sift.Protocols.Sip.Messages;

namespace Sift.Protocols.Sip.UserAgent;

/// <summary>RFC 3261 22.2 and 22.3: the same request once more, with credentials for the challenges of a 401 or 407.</summary>
internal static class DigestRetry
{
    /// <summary>False when no challenge can be answered: unknown algorithm, or none at all.</summary>
    public static bool TryAuthorise(SipRequest request, SipResponse challenge, SipCredentials credentials, IEntropy entropy) =>
        false;
}
