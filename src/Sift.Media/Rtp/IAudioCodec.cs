using Sift.Media.WebRtc.Opus;

namespace Sift.Media.Rtp;

/// <summary>Turns PCM into payloads and back. One instance per direction and session unless it has no state; used by one thread.</summary>
internal interface IAudioCodec : IDisposable
{
    /// <summary>Encodes one packet's worth of samples.</summary>
    /// <returns>Bytes written.</returns>
    int Encode(ReadOnlySpan<short> pcm, Span<byte> payload);

    /// <summary>Decodes a payload; never throws, a broken one gives no samples.</summary>
    /// <returns>Samples written.</returns>
    int Decode(ReadOnlySpan<byte> payload, Span<short> pcm);

    /// <summary>Makes up audio in place of a lost packet, for codecs that know better than to repeat the last pitch period.</summary>
    /// <param name="next">The packet after the lost one, which may carry a copy of it (Opus in-band FEC); empty when it is not there.</param>
    /// <returns>Samples written; 0 when the codec leaves it to its host.</returns>
    int Conceal(ReadOnlySpan<byte> next, Span<short> pcm) => 0;

    /// <summary>The far end told how much of what was encoded got lost, for codecs that can protect themselves.</summary>
    /// <param name="share">0 to 1, of the packets since the report before (RFC 3550 6.4.1).</param>
    void OnLossReported(double share)
    {
    }

    /// <summary>The longest payload that is worth keeping, in bytes.</summary>
    int LargestPayload => Sift.Protocols.Rtp.JitterBuffer.DefaultPayloadSize;

    /// <summary>Samples a payload would decode to, without decoding it.</summary>
    int CountSamples(ReadOnlySpan<byte> payload);
}

internal static class AudioCodecs
{
    /// <summary>The codec of a supported format.</summary>
    public static IAudioCodec Create(AudioFormat format) => format.Name switch
    {
        "PCMU" => MuLawCodec.Instance,
        "PCMA" => ALawCodec.Instance,
        AudioFormat.OpusName => new OpusCodec(format.SampleRate),
        _ => throw new ArgumentOutOfRangeException(nameof(format), format.Name, "Not a supported encoding"),
    };
}
