using System.Net;
using Sift.Media.Sip.Sandbox;
using Sift.Media.Sip.Trunks;
using Sift.Protocols.Sip.Messages;
using Sift.Protocols.Sip.Transactions;

namespace Sift.Media.Sip.Calls;

/// <summary>What the gate decided about an INVITE.</summary>
internal abstract record GateDecision
{
    /// <summary>Let in.</summary>
    public sealed record Admit(string From, string To, string Origin, string? BenchScenario = null) : GateDecision;

    /// <summary>Answered with a status.</summary>
    public sealed record Refuse(int Status, string Reason, IReadOnlyList<KeyValuePair<string, string>> Headers) : GateDecision;
}

/// <summary>
/// Decides whose INVITE is taken: a carrier's by its source address, a sandbox phone's by its password, a load generator's in bench
/// mode. Everybody else is refused: an open server is dialled through within hours.
/// </summary>
internal sealed class IncomingGate(SipOptions options, TrunkTable trunks, DigestGate digest, SandboxAccess? sandbox)
{
    private static readonly string[] Scanners =
        ["friendly-scanner", "sipvicious", "sipcli", "sip-scan", "sipsak", "iWar", "sundayddr", "VaxSIPUserAgent", "pplsip"];

    public static bool IsScanner(SipRequest request)
    {
        var agent = request.Headers.Get("User-Agent");
        return agent is not null && Array.Exists(Scanners, name => agent.Contains(name, StringComparison.OrdinalIgnoreCase));
    }

    public GateDecision Decide(SipRequest invite, in SipFlow flow, TimeSpan now)
    {
        var user = invite.RequestUri.User;
        if (options.BenchEnabled && (user is "say" or "play" or "bridge" or "hook") && IPAddress.IsLoopback(flow.Remote.Address))
        {
            return new GateDecision.Admit(invite.From?.Uri.User ?? "anonymous", user, "bench", user);
        }

        if (trunks.OwnerOf(flow.Remote.Address) is { } trunk)
        {
            return FromTrunk(invite, trunk);
        }

        if (trunks.ByInboundUser(digest.UserOf(invite)) is { } named)
        {
            return digest.Check(invite, named.Options.InboundPassword, now) switch
            {
                DigestGateVerdict.Granted => FromTrunk(invite, named),
                DigestGateVerdict.Stale => new GateDecision.Refuse(401, "nonce expired", digest.Challenge(invite, stale: true)),
                DigestGateVerdict.Challenge => new GateDecision.Refuse(401, "wrong credentials", digest.Challenge(invite, stale: false)),
            };
        }

        if (sandbox is null)
        {
            return trunks.TakesDigest
                ? new GateDecision.Refuse(401, "not authenticated", digest.Challenge(invite, stale: false))
                : new GateDecision.Refuse(403, "unknown source", []);
        }

        if (!DialledNumber.TryNormalise(invite.From?.Uri.User, out var from))
        {
            // A carrier that shows no number may still prove itself.
            return trunks.TakesDigest && digest.UserOf(invite) is null
                ? new GateDecision.Refuse(401, "not authenticated", digest.Challenge(invite, stale: false))
                : new GateDecision.Refuse(403, "unknown source: the caller is no sandbox number", []);
        }

        return sandbox.Check(invite, from, now) switch
        {
            SandboxVerdict.Granted => new GateDecision.Admit(from, Normal(user), "sandbox"),
            SandboxVerdict.Challenge => new GateDecision.Refuse(401, "not authenticated", sandbox.Challenge(invite, stale: false)),
            SandboxVerdict.Stale => new GateDecision.Refuse(401, "nonce expired", sandbox.Challenge(invite, stale: true)),
            SandboxVerdict.Wrong => new GateDecision.Refuse(403, "wrong credentials", []),
        };
    }

    private static GateDecision.Admit FromTrunk(SipRequest invite, Trunk trunk) =>
        new(CallerOf(invite), CalledOf(invite, trunk), "trunk:" + trunk.Options.Name);

    /// <summary>RFC 3325 9.1: an asserted identity counts, because it comes from a carrier that we trust.</summary>
    private static string CallerOf(SipRequest invite)
    {
        var user = invite.AssertedIdentities is [var asserted, ..] ? asserted.Uri.User : invite.From?.Uri.User;
        var wantsPrivacy = invite.Headers.Get("Privacy") is { } privacy && privacy.Contains("id", StringComparison.OrdinalIgnoreCase);
        return wantsPrivacy || string.IsNullOrEmpty(user) || user.Equals("anonymous", StringComparison.OrdinalIgnoreCase)
            ? "anonymous"
            : Normal(user);
    }

    private static string CalledOf(SipRequest invite, Trunk trunk)
    {
        // A carrier that we register with calls our Contact; the number called then stands in To.
        var user = invite.RequestUri.User;
        return user is null || user == trunk.Options.Username ? Normal(invite.To?.Uri.User) : Normal(user);
    }

    private static string Normal(string? user) => DialledNumber.TryNormalise(user, out var number) ? number : user ?? "";
}
