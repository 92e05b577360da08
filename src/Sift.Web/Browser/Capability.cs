using System.Text.Json.Nodes;

namespace Sift.Web.Browser;

/// <summary>What a browser may do, as its verified token says.</summary>
/// <param name="AccountId">The account that signed it; <see cref="SandboxIssuer"/> for a virtual phone.</param>
/// <param name="ExpiresAt">From then on it is worth nothing.</param>
/// <param name="Secret">The secret it was signed with: when the account has another one now, it is worth nothing either.</param>
internal sealed record Capability(string AccountId, DateTimeOffset ExpiresAt, string Secret)
{
    /// <summary>The issuer of virtual phones; no account can have this id.</summary>
    public const string SandboxIssuer = "sandbox";

    /// <summary>Receives calls under that name; null when it may not.</summary>
    public string? ClientName { get; init; }

    /// <summary>Calls that application; null when it may not.</summary>
    public OutgoingGrant? Outgoing { get; init; }

    /// <summary>The sandbox number this browser plays the phone of; null for a client of an account.</summary>
    public string? PhoneNumber { get; init; }

    /// <summary>The endpoint others see in <c>from</c> and <c>to</c>.</summary>
    public string Endpoint => PhoneNumber ?? "webrtc:" + (ClientName ?? Outgoing?.ClientName ?? "anonymous");
}

/// <summary>Permission to call one application.</summary>
/// <param name="Parameters">What the token passes on to it (<c>appParams</c>); null when nothing.</param>
/// <param name="ClientName">The name the caller is shown by, when the token does not permit incoming calls.</param>
internal sealed record OutgoingGrant(string ApplicationId, JsonObject? Parameters, string? ClientName);
