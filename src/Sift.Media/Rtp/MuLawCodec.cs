using Sift.Protocols.Rtp;

namespace Sift.Media.Rtp;

/// <summary>PCMU (RFC 3551 4.5.14). Stateless, hence shared.</summary>
internal sealed class MuLawCodec : IAudioCodec
{
    public static MuLawCodec Instance { get; } = new();

    public int Encode(ReadOnlySpan<short> pcm, Span<byte> payload)
    {
        G711.EncodeMuLaw(pcm, payload);
        return pcm.Length;
    }

    public int Decode(ReadOnlySpan<byte> payload, Span<short> pcm)
    {
        var count = Math.Min(payload.Length, pcm.Length);
        G711.DecodeMuLaw(payload[..count], pcm);
        return count;
    }

    public int CountSamples(ReadOnlySpan<byte> payload) => payload.Length;

    public void Dispose()
    {
    }
}
