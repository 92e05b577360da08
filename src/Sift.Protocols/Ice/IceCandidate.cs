using System.Globalization;
using System.Net;
using Sift.Protocols.Rtp;

namespace Sift.Protocols.Ice;

/// <summary>One candidate for RTP with RTCP on the same port, as <c>a=candidate</c> tells it (RFC 8839 5.1).</summary>
/// <param name="Foundation">Equal for candidates that are likely to work or fail together.</param>
/// <param name="Address">Empty when it cannot be used as it stands: a host name (mDNS among them), a protocol other than UDP, port 0.</param>
/// <param name="Ufrag">The generation it belongs to (RFC 8838 9); null when not told.</param>
public sealed record IceCandidate(string Foundation, uint Priority, TransportAddress Address, IceCandidateType Type, string? Ufrag = null)
{
    /// <summary>The preference of our only local interface, or the first of several.</summary>
    public const ushort HighestLocalPreference = ushort.MaxValue;

    private const int RtpComponent = 1;
    private const int LongestText = 512;
    private const int LongestFoundation = 32;

    /// <summary>RFC 8445 5.1.2.1.</summary>
    public static uint PriorityOf(int typePreference, ushort localPreference) =>
        ((uint)typePreference << 24) | ((uint)localPreference << 8) | (256 - RtpComponent);

    /// <summary>Takes the attribute's value, with or without <c>a=</c> and <c>candidate:</c>.</summary>
    /// <returns>False when it is no candidate at all.</returns>
    public static bool TryParse(ReadOnlySpan<char> text, out IceCandidate candidate)
    {
        candidate = null!;
        if (text.Length > LongestText || text.ContainsAnyInRange('\0', '\u001F'))
        {
            return false;
        }

        text = Without(Without(text, "a="), "candidate:");
        const int needed = 8;
        Span<Range> parts = stackalloc Range[needed + 1];
        if (text.Split(parts, ' ') < needed
            || text[parts[0]] is not { Length: > 0 and <= LongestFoundation } foundation
            || !TryNumber(text[parts[1]], 256, out var component)
            || text[parts[2]] is not { IsEmpty: false } transport
            || !TryNumber(text[parts[3]], uint.MaxValue, out var priority)
            || text[parts[4]] is not { IsEmpty: false } host
            || !TryNumber(text[parts[5]], ushort.MaxValue, out var port)
            || !text[parts[6]].SequenceEqual("typ"))
        {
            return false;
        }

        var kind = text[parts[7]];
        if (kind.IsEmpty)
        {
            return false;
        }

        var type = kind switch
        {
            "host" => IceCandidateType.Host,
            "srflx" => IceCandidateType.ServerReflexive,
            "prflx" => IceCandidateType.PeerReflexive,
            _ => IceCandidateType.Relayed,
        };
        var usable = component == RtpComponent && transport.Equals("udp", StringComparison.OrdinalIgnoreCase);
        var rest = text[parts[7].End.GetOffset(text.Length)..];
        candidate = new IceCandidate(foundation.ToString(), priority, usable ? AddressOf(host, (ushort)port) : default, type, Extension(rest, "ufrag"));
        return true;
    }

    private static TransportAddress AddressOf(ReadOnlySpan<char> host, ushort port)
    {
        // "1" would be read as 0.0.0.1.
        var looksLikeAddress = host.Contains(':') || host.Count('.') == 3;
        return port != 0 && looksLikeAddress && IPAddress.TryParse(host, out var address) && IsUnicast(address)
            ? TransportAddress.From(new IPEndPoint(address, port))
            : default;
    }

    // Nothing is ever sent to what no single host can be reached by.
    private static bool IsUnicast(IPAddress address)
    {
        if (address.IsIPv6LinkLocal || address.IsIPv6Multicast || address.Equals(IPAddress.IPv6Any))
        {
            return false;
        }

        var mapped = TransportAddress.From(new IPEndPoint(address, 1));
        return !mapped.IsIPv4 || (mapped.IPv4 >> 24) is > 0 and < 224;
    }

    private static string? Extension(ReadOnlySpan<char> rest, string name)
    {
        string? found = null;
        var isName = true;
        var isWanted = false;
        foreach (var part in rest.TrimStart(' ').Split(' '))
        {
            var word = rest.TrimStart(' ')[part];
            if (!isName && isWanted)
            {
                found = word.ToString();
            }

            isWanted = isName && word.SequenceEqual(name);
            isName = !isName;
        }

        return found;
    }

    private static ReadOnlySpan<char> Without(ReadOnlySpan<char> text, string prefix) =>
        text.StartsWith(prefix, StringComparison.Ordinal) ? text[prefix.Length..] : text;

    private static bool TryNumber(ReadOnlySpan<char> text, uint most, out uint number) =>
        uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number <= most;
}
