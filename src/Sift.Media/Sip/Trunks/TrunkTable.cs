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

    /// <summary>The trunk whose call comes from that address; null when none owns it.</summary>
    public Trunk? OwnerOf(IPAddress source) => trunks.FirstOrDefault(trunk => trunk.Owns(source));
}
