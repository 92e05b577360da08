using System.Globalization;

namespace Sift.Web.ConsolePages.Trunks;

/// <summary>What an INVITE offers to talk in, read from its text for people.</summary>
/// <param name="Encodings">Names as the offer has them: PCMU, G729.</param>
/// <param name="Profile">RTP/AVP, or RTP/SAVP for encrypted media.</param>
internal sealed record SdpOffer(IReadOnlyList<string> Encodings, string Profile)
{
    // RFC 3551 6: payload types whose meaning needs no rtpmap.
    private static readonly Dictionary<int, string> Static = new() { [0] = "PCMU", [3] = "GSM", [4] = "G723", [8] = "PCMA", [9] = "G722", [15] = "G728", [18] = "G729" };

    /// <summary>Null when the message holds no audio stream.</summary>
    public static SdpOffer? Of(string message)
    {
        var lines = message.Split('\n', StringSplitOptions.TrimEntries);
        var at = Array.FindIndex(lines, line => line.StartsWith("m=audio ", StringComparison.Ordinal));
        if (at < 0 || lines[at][8..].Split(' ', StringSplitOptions.RemoveEmptyEntries) is not [_, var profile, .. var types])
        {
            return null;
        }

        var named = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var line in lines.Skip(at + 1).TakeWhile(line => !line.StartsWith("m=", StringComparison.Ordinal)))
        {
            if (line.StartsWith("a=rtpmap:", StringComparison.Ordinal) && line[9..].Split(' ', 2) is [var type, var encoding])
            {
                named.TryAdd(type, encoding.Split('/')[0]);
            }
        }

        return new SdpOffer(
            [.. types.Select(type => named.TryGetValue(type, out var name) ? name : int.TryParse(type, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? Static.GetValueOrDefault(number, $"type {number}") : type)
                .Where(name => !name.Equals("telephone-event", StringComparison.OrdinalIgnoreCase)).Distinct(StringComparer.OrdinalIgnoreCase)],
            profile);
    }
}
