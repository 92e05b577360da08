using System.Net;

namespace Sift.Media.Sip.Trunks;

/// <summary>All trunks: which ones serve a number, and whose call this is.</summary>
internal sealed class TrunkTable(IReadOnlyList<Trunk> trunks)
{
    public IReadOnlyList<Trunk> All => trunks;

    /// <summary>The trunks for a number in the order to try: longest prefix first, then those that answer, then as configured.</summary>
    public IReadOnlyList<Trunk> For(string number) =>
        [.. trunks
            .Select(trunk => (Trunk: trunk, Length: trunk.Match(number)))
            .Where(static match => match.Length >= 0)
            .OrderByDescending(static match => match.Trunk.IsAvailable)
            .ThenByDescending(static match => match.Length)
            .Select(static match => match.Trunk)];

    /// <summary>Some carrier proves itself by digest, so strangers are challenged rather than refused.</summary>
    public bool TakesDigest { get; } = trunks.Any(static trunk => trunk.Options.InboundUsername.Length > 0);

    /// <summary>The trunk that authenticates to us under that name; null when none does.</summary>
    public Trunk? ByInboundUser(string? user) => string.IsNullOrEmpty(user)
        ? null
        : trunks.FirstOrDefault(trunk => trunk.Options.InboundUsername == user);

    /// <summary>The trunk whose call comes from that address; null when none owns it.</summary>
    public Trunk? OwnerOf(IPAddress source) => trunks.FirstOrDefault(trunk => trunk.Owns(source));
}
