using Sift.Protocols.Sdp;
using Direction = Sift.Protocols.Sdp.MediaDirection;
using Flow = Sift.Media.Rtp.MediaDirection;

namespace Sift.Media.Rtp;

/// <summary>What offers and answers say, in the terms of a media session.</summary>
internal static class NegotiatedMedia
{
    public static Flow ToFlow(this Direction direction) => direction switch
    {
        Direction.SendRecv => Flow.SendReceive,
        Direction.SendOnly => Flow.SendOnly,
        Direction.RecvOnly => Flow.ReceiveOnly,
        Direction.Inactive => Flow.Inactive,
    };

    /// <summary>The codecs, those first that are preferred by name, in the order of the preferences.</summary>
    public static IReadOnlyList<AudioCodec> Preferring(this IReadOnlyList<AudioCodec> codecs, IReadOnlyList<string> preferred) =>
        preferred.Count == 0 ? codecs : [.. codecs.OrderBy(codec => Rank(preferred, codec.Encoding))];

    private static int Rank(IReadOnlyList<string> preferred, string encoding)
    {
        for (var i = 0; i < preferred.Count; i++)
        {
            if (preferred[i].Equals(encoding, StringComparison.OrdinalIgnoreCase))
            {
                return i;
            }
        }

        return preferred.Count;
    }
}
