namespace Sift.Protocols.Sdp;

/// <summary>An audio encoding as SDP names it.</summary>
/// <param name="Encoding">Name of the rtpmap; compares without case.</param>
/// <param name="ClockRate">RTP clock of the rtpmap. For G.722 that is 8000 by decree (RFC 3551 section 4.5.2).</param>
/// <param name="PayloadType">The number offered: the static one, or Sift's own choice for a dynamic one.</param>
/// <param name="FormatParameters">a=fmtp to send; null for none.</param>
public sealed record AudioCodec(string Encoding, int ClockRate, int Channels, int PayloadType, string? FormatParameters = null)
{
    public static readonly AudioCodec Pcmu = new("PCMU", 8000, 1, 0);

    public static readonly AudioCodec Pcma = new("PCMA", 8000, 1, 8);

    public static readonly AudioCodec G722 = new("G722", 8000, 1, 9);

    /// <summary>RFC 7587 4.1: always 48000/2, whatever is coded inside.</summary>
    public static readonly AudioCodec Opus = new("opus", 48000, 2, 111, "minptime=10;useinbandfec=1");

    public bool Matches(RtpMap map) =>
        map.ClockRate == ClockRate && map.Channels == Channels && map.Encoding.Equals(Encoding, StringComparison.OrdinalIgnoreCase);

    internal RtpMap MapAs(int payloadType) => new(payloadType, Encoding, ClockRate, Channels);
}
