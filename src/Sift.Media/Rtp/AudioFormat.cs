namespace Sift.Media.Rtp;

/// <summary>An audio encoding as SDP names it.</summary>
/// <param name="Name">RFC 3551 encoding name, <c>PCMU</c>.</param>
/// <param name="PayloadType">The static payload type, or the dynamic one that was negotiated.</param>
/// <param name="ClockRate">RTP timestamp units per second (8000 for G.711 and, by RFC 3551 4.5.2, for G.722).</param>
/// <param name="SampleRate">PCM samples per second at the codec's other side.</param>
internal sealed record AudioFormat(string Name, byte PayloadType, int ClockRate, int SampleRate)
{
    public static AudioFormat Pcmu { get; } = new("PCMU", 0, 8000, 8000);

    public static AudioFormat Pcma { get; } = new("PCMA", 8, 8000, 8000);

    /// <summary>Opus: the clock is 48000 by decree (RFC 7587 4.1), whatever rate it is coded at.</summary>
    public static AudioFormat Opus(byte payloadType, int sampleRate) => new(OpusName, payloadType, 48000, sampleRate);

    public const string OpusName = "opus";

    /// <summary>What can be offered and answered, best first.</summary>
    public static IReadOnlyList<AudioFormat> Supported { get; } = [Pcmu, Pcma];

    /// <summary>The supported format with that encoding name and clock rate, carrying the negotiated payload type; null when unsupported.</summary>
    public static AudioFormat? Find(string name, int clockRate, byte payloadType)
    {
        foreach (var format in Supported)
        {
            if (format.ClockRate == clockRate && format.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
            {
                return format with { PayloadType = payloadType };
            }
        }

        return null;
    }
}
