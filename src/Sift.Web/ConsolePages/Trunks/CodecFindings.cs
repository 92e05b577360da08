using Sift.Media.Sip;
using Sift.Media.Sip.Tracing;

namespace Sift.Web.ConsolePages.Trunks;

/// <summary>Whether both ends found something to talk in, by the last call in each direction.</summary>
internal static class CodecFindings
{
    private const string AllowPlain = "Let the carrier send plain RTP, and protect the network between both, for example with a VPN.";
    private const string AllowOurs = "Let the carrier allow G.711: PCMU (µ-law) in America and Japan, PCMA (A-law) elsewhere.";

    private static string Ours => string.Join(" and ", SipLegs.Encodings);

    public static Finding Incoming(ReceivedCall? last)
    {
        const string Question = "Codec, calls in";
        if (last is null || SdpOffer.Of(last.Messages[0].Text) is not { } offer)
        {
            return new Finding(Question, Verdict.Unknown, last is null ? "No call came in yet." : "The last call offered no sound: it waits for our offer, which is what some carriers do.", null);
        }

        if (last.Status != 488 && IsShared(offer))
        {
            return new Finding(Question, Verdict.Good, $"The last call offered {Named(offer)}; Sift takes {Ours}.", null);
        }

        return IsEncrypted(offer)
            ? new Finding(Question, Verdict.Bad, $"The last call offered encrypted media only ({offer.Profile}), which Sift does not take on trunks.", AllowPlain)
            : new Finding(Question, Verdict.Bad, $"The last call offered {Named(offer)}; Sift takes {Ours} on trunks, so there was nothing in common (488).", AllowOurs);
    }

    public static Finding Outgoing(PlacedCall? last)
    {
        const string Question = "Codec, calls out";
        if (last is null)
        {
            return new Finding(Question, Verdict.Unknown, "No call went out over it yet.", null);
        }

        var offered = last.Messages.Select(static message => message.Received ? null : SdpOffer.Of(message.Text)).FirstOrDefault(static offer => offer is not null) is { } offer ? Named(offer) : "nothing";
        if (last.Messages.Where(static message => message.Received).Select(static message => SipAnswer.ToInvite(message.Text)).LastOrDefault(static answer => answer is { Status: >= 200 }) is not { } answer)
        {
            return new Finding(Question, Verdict.Unknown, $"The last call offered {offered} and has no final answer.", null);
        }

        var taken = SdpOffer.Of(answer.Message);

        // RFC 3261 21.4.26, 21.6.4: the media was not acceptable. 21.4.13: nor was the type of its description.
        if (answer.Status is 488 or 606 or 415)
        {
            var says = answer.Warnings.Count > 0 ? $" The carrier says: “{string.Join("”, “", answer.Warnings)}”." : " The carrier gives no reason (no Warning header).";
            var would = taken is null ? "" : $" It would take {(IsEncrypted(taken) ? "encrypted media only, " : "")}{Named(taken)}.";
            return new Finding(
                Question, Verdict.Bad, $"The last call offered {offered}, and the carrier refused it with {answer.Status} {answer.Reason}.{says}{would}", taken is not null && IsEncrypted(taken) ? AllowPlain : AllowOurs);
        }

        if (answer.Status >= 300)
        {
            return new Finding(Question, Verdict.Unknown, $"The last call offered {offered} and ended with {answer.Status} {answer.Reason}, which is not about codecs.", null);
        }

        return taken is null || !IsShared(taken)
            ? new Finding(Question, Verdict.Bad, $"The last call offered {offered}; the carrier answered with {(taken is null ? "no sound at all" : $"{Named(taken)}, which was not offered")}.", AllowOurs)
            : new Finding(Question, Verdict.Good, $"The last call offered {offered}; the carrier took {Named(taken)}.", null);
    }

    private static bool IsShared(SdpOffer offer) => offer.Encodings.Any(static name => SipLegs.Encodings.Contains(name, StringComparer.OrdinalIgnoreCase));

    private static bool IsEncrypted(SdpOffer offer) => offer.Profile.Contains("SAVP", StringComparison.OrdinalIgnoreCase);

    private static string Named(SdpOffer offer) => offer.Encodings.Count == 0 ? "nothing" : string.Join(", ", offer.Encodings);
}
