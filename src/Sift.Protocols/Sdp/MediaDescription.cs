using System.Globalization;

namespace Sift.Protocols.Sdp;

/// <summary>One m= section (RFC 8866 section 5.14). Attributes stay in order, known or not; the properties read them.</summary>
public sealed record MediaDescription
{
    /// <summary>audio, video, application …</summary>
    public required string Type { get; init; }

    /// <summary>0 when the section is refused or ended (RFC 3264 6 and 8.2).</summary>
    public required int Port { get; init; }

    /// <summary>For example RTP/AVP or UDP/TLS/RTP/SAVPF.</summary>
    public required string Protocol { get; init; }

    public required IReadOnlyList<string> Formats { get; init; }

    public SdpConnection? Connection { get; init; }

    public IReadOnlyList<SdpAttribute> Attributes { get; init; } = [];

    public IReadOnlyList<SdpLine> OtherLines { get; init; } = [];

    /// <summary>Null when the section does not say; the session level then counts (RFC 8866 6.7).</summary>
    public MediaDirection? Direction => MediaDirections.Of(Attributes);

    /// <summary>RFC 8866 6.4, milliseconds that the author wants to receive in one packet.</summary>
    public int? Ptime => Milliseconds("ptime");

    /// <summary>RFC 8866 6.5, milliseconds.</summary>
    public int? MaxPtime => Milliseconds("maxptime");

    /// <summary>RFC 5888.</summary>
    public string? Mid => Attributes.Value("mid");

    /// <summary>RFC 5761.</summary>
    public bool RtcpMux => Attributes.Has("rtcp-mux");

    /// <summary>RFC 3605: RTCP port without rtcp-mux, else the one above RTP.</summary>
    public int RtcpPort
    {
        get
        {
            var text = Attributes.Value("rtcp").AsSpan();
            var space = text.IndexOf(' ');
            return TryPort(space < 0 ? text : text[..space], out var port) && port > 0 ? port : Port + 1;
        }
    }

    public string? IceUfrag => Attributes.Value("ice-ufrag");

    public string? IcePwd => Attributes.Value("ice-pwd");

    /// <summary>RFC 8839 5.1, the text behind <c>candidate:</c>.</summary>
    public IEnumerable<string> Candidates => Attributes.Values("candidate");

    public IReadOnlyList<SdpFingerprint> Fingerprints => ReadFingerprints(Attributes);

    public DtlsSetup? Setup => DtlsSetups.Parse(Attributes.Value("setup"));

    /// <summary>RFC 8830.</summary>
    public string? Msid => Attributes.Value("msid");

    /// <summary>RFC 5576: the SSRCs that the author announces, each once.</summary>
    public IReadOnlyList<uint> Ssrcs
    {
        get
        {
            var list = new List<uint>(1);
            foreach (var value in Attributes.Values("ssrc"))
            {
                var space = value.IndexOf(' ', StringComparison.Ordinal);
                if (uint.TryParse(space < 0 ? value : value.AsSpan(0, space), NumberStyles.None, CultureInfo.InvariantCulture, out var ssrc)
                    && !list.Contains(ssrc))
                {
                    list.Add(ssrc);
                }
            }

            return list;
        }
    }

    /// <summary>The a=rtpmap of a payload type, or what RFC 3551 section 6 fixes for the static ones; null when neither is there.</summary>
    public RtpMap? RtpMapOf(int payloadType)
    {
        for (var i = 0; i < Attributes.Count; i++)
        {
            if (Attributes[i] is { Name: "rtpmap", Value: { } value } && IsFor(value, payloadType, out _) && RtpMap.TryParse(value, out var map))
            {
                return map;
            }
        }

        return payloadType switch
        {
            0 => new RtpMap(0, "PCMU", 8000),
            8 => new RtpMap(8, "PCMA", 8000),
            9 => new RtpMap(9, "G722", 8000),
            13 => new RtpMap(13, "CN", 8000),
            _ => null,
        };
    }

    /// <summary>The format parameters of a payload type (RFC 8866 6.15).</summary>
    public string? FormatParametersOf(int payloadType)
    {
        for (var i = 0; i < Attributes.Count; i++)
        {
            if (Attributes[i] is { Name: "fmtp", Value: { } value } && IsFor(value, payloadType, out var rest))
            {
                return value[rest..];
            }
        }

        return null;
    }

    /// <summary>Begins the value with that payload type?</summary>
    private static bool IsFor(string value, int payloadType, out int rest)
    {
        var space = value.IndexOf(' ', StringComparison.Ordinal);
        rest = space + 1;
        return space > 0 && RtpMap.TryPayloadType(value.AsSpan(0, space), out var number) && number == payloadType;
    }

    internal static bool TryPort(ReadOnlySpan<char> text, out int port) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out port) && port <= ushort.MaxValue;

    internal static IReadOnlyList<SdpFingerprint> ReadFingerprints(IReadOnlyList<SdpAttribute> attributes)
    {
        List<SdpFingerprint>? list = null;
        foreach (var value in attributes.Values("fingerprint"))
        {
            if (SdpFingerprint.TryParse(value, out var fingerprint))
            {
                (list ??= new(1)).Add(fingerprint);
            }
        }

        return list ?? (IReadOnlyList<SdpFingerprint>)[];
    }

    private int? Milliseconds(string name)
    {
        // Some senders write a fraction ("20.0"); the whole part is what counts.
        var text = Attributes.Value(name).AsSpan();
        var dot = text.IndexOf('.');
        return int.TryParse(dot < 0 ? text : text[..dot], NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value > 0
            ? value
            : null;
    }
}
