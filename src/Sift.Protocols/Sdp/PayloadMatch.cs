using System.Globalization;

namespace Sift.Protocols.Sdp;

/// <summary>Finds our codecs among the formats of an m= section.</summary>
internal static class PayloadMatch
{
    /// <summary>The first of the section's formats that we can do, in its order or in ours; null when none fits.</summary>
    public static (AudioCodec Codec, int PayloadType)? Codec(MediaDescription media, LocalAudio local)
    {
        (AudioCodec Codec, int PayloadType)? best = null;
        var bestRank = int.MaxValue;
        foreach (var (payloadType, map) in Maps(media))
        {
            for (var rank = 0; rank < local.Codecs.Count; rank++)
            {
                if (!local.Codecs[rank].Matches(map))
                {
                    continue;
                }

                if (!local.PreferOwnOrder)
                {
                    return (local.Codecs[rank], payloadType);
                }

                if (rank < bestRank)
                {
                    bestRank = rank;
                    best = (local.Codecs[rank], payloadType);
                }
            }
        }

        return best;
    }

    /// <summary>RFC 4733 2.1: events use the clock of the audio that they interrupt.</summary>
    public static int? TelephoneEvent(MediaDescription media, int clockRate)
    {
        foreach (var (payloadType, map) in Maps(media))
        {
            if (map.ClockRate == clockRate && map.Encoding.Equals("telephone-event", StringComparison.OrdinalIgnoreCase))
            {
                return payloadType;
            }
        }

        return null;
    }

    private static IEnumerable<(int PayloadType, RtpMap Map)> Maps(MediaDescription media)
    {
        foreach (var format in media.Formats)
        {
            if (int.TryParse(format, NumberStyles.None, CultureInfo.InvariantCulture, out var payloadType)
                && payloadType <= 127
                && media.RtpMapOf(payloadType) is { } map)
            {
                yield return (payloadType, map);
            }
        }
    }
}
