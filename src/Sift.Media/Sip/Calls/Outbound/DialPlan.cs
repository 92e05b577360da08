using Sift.Media.Legs;
using Sift.Media.Sip.Trunks;
using Sift.Protocols.Sip.Messages;
using Sift.Protocols.Sip.Transactions;
using Sift.Protocols.Sip.UserAgent;

namespace Sift.Media.Sip.Calls.Outbound;

/// <summary>One address to call.</summary>
/// <param name="Trunk">The carrier it leads to; null for a phone of the sandbox.</param>
internal sealed record DialTarget(
    SipUri Uri,
    SipFlow Flow,
    string From,
    string To,
    IReadOnlyList<KeyValuePair<string, string>> Headers,
    SipCredentials? Credentials,
    Trunk? Trunk);

/// <summary>
/// How to reach a destination: rounds one after another, the targets of a round at once. Several phones of one number make one
/// round; several carriers make a round each.
/// </summary>
internal sealed record DialPlan(IReadOnlyList<IReadOnlyList<DialTarget>> Rounds);

/// <summary>Why there is no plan.</summary>
internal sealed record DialRefusal(LegEndCause Cause, int? Status, string Detail);
