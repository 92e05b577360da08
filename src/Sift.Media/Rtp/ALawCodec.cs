using Sift.Protocols.Rtp;

namespace Sift.Media.Rtp;

/// <summary>PCMA (RFC 3551 4.5.14). Stateless, hence shared.</summary>
internal sealed class ALawCodec : IAudioCodec
{
    public static ALawCodec Instance { get; } = new();

    public int Encode(ReadOnlySpan<short> pcm, Span<byte> payload)
    {
        G711.EncodeALaw(pcm, payload);
        return pcm.Length;
    }

    public int Decode(ReadOnlySpan<byte> payload, Span<short> pcm)
    {
        var count = Math.Min(payload.Length, pcm.Length);
        G711.DecodeALaw(payload[..count], pcm);
        return count;
    }

    public int CountSamples(ReadOnlySpan<byte> payload) => payload.Length;

    public void Dispose()
    {
    }
}
