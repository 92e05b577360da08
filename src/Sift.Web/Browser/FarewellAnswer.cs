using System.Security.Cryptography;

namespace Sift.Web.Browser;

/// <summary>
/// An answer to an offer for a call that is gone: well-formed, so that the client accepts it and then understands the hang-up, and leading nowhere.
/// </summary>
internal static class FarewellAnswer
{
    /// <returns>Null when the offer has no audio.</returns>
    public static string? To(string offer)
    {
        string? media = null, mid = null;
        foreach (var raw in offer.Split('\n'))
        {
            var line = raw.TrimEnd('\r');
            if (line.StartsWith("m=", StringComparison.Ordinal) && media is not null)
            {
                break;
            }

            if (line.StartsWith("m=audio ", StringComparison.Ordinal))
            {
                media = line;
            }
            else if (media is not null && line.StartsWith("a=mid:", StringComparison.Ordinal))
            {
                mid = line[6..];
            }
        }

        if (media?.Split(' ', StringSplitOptions.RemoveEmptyEntries) is not [_, _, var protocol, .. { Length: > 0 } formats])
        {
            return null;
        }

        var format = formats.Contains("0") ? "0" : formats[0];
        var map = format == "0" ? "PCMU/8000" : "opus/48000/2";
        var fingerprint = Convert.ToHexString(RandomNumberGenerator.GetBytes(32)).Chunk(2).Select(static pair => new string(pair));
        List<string> lines =
        [
            "v=0", "o=- 1 1 IN IP4 0.0.0.0", "s=-", "t=0 0",
            .. mid is null ? (string[])[] : [$"a=group:BUNDLE {mid}"],
            $"m=audio 9 {protocol} {format}", "c=IN IP4 0.0.0.0", $"a=rtpmap:{format} {map}",
            .. mid is null ? (string[])[] : [$"a=mid:{mid}"],
            $"a=ice-ufrag:{RandomNumberGenerator.GetHexString(8)}", $"a=ice-pwd:{RandomNumberGenerator.GetHexString(24)}",
            $"a=fingerprint:sha-256 {string.Join(':', fingerprint)}", "a=setup:passive", "a=rtcp-mux", "a=msid:sift voice", "a=sendrecv",
        ];
        return string.Join("\r\n", lines) + "\r\n";
    }
}
