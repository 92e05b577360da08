namespace Sift.Protocols.Sdp;

/// <summary>What our side brings to an offer or an answer.</summary>
public sealed record LocalAudio
{
    /// <summary>Decimal digits, one id per call and side (RFC 8866 5.2).</summary>
    public required string SessionId { get; init; }

    /// <summary>Address in c= and o=: where media is to be sent.</summary>
    public required string Address { get; init; }

    public required int Port { get; init; }

    /// <summary>Best first.</summary>
    public IReadOnlyList<AudioCodec> Codecs { get; init; } = [AudioCodec.Pcmu, AudioCodec.Pcma];

    /// <summary>
    /// False: the offer's order decides, as RFC 3264 6.1 recommends. True: ours does, for example to relay G.711 without decoding.
    /// </summary>
    public bool PreferOwnOrder { get; init; }

    public bool TelephoneEvents { get; init; } = true;

    /// <summary>What we want and allow; an answer never goes beyond what the offer allows.</summary>
    public MediaDirection Direction { get; init; } = MediaDirection.SendRecv;

    /// <summary>Milliseconds per packet that we want to receive, and send when the peer does not ask.</summary>
    public int Ptime { get; init; } = 20;

    /// <summary>Longest packet that we can receive, milliseconds.</summary>
    public int MaxPtime { get; init; } = 60;

    /// <summary>Set for ICE and DTLS-SRTP (UDP/TLS/RTP/SAVPF); null for plain RTP.</summary>
    public LocalSecurity? Security { get; init; }

    /// <summary>RFC 5761 for plain RTP: we take RTCP on the RTP port when the peer offers it. With <see cref="Security"/> it is always so.</summary>
    public bool RtcpMux { get; init; }

    public uint? Ssrc { get; init; }

    public string? Cname { get; init; }

    /// <summary>RFC 8830 stream id announced with <see cref="Ssrc"/> to browsers.</summary>
    public string? StreamId { get; init; }
}

/// <summary>Our ICE and DTLS lines (RFC 8839, RFC 8842).</summary>
public sealed record LocalSecurity
{
    public required string IceUfrag { get; init; }

    public required string IcePwd { get; init; }

    public required SdpFingerprint Fingerprint { get; init; }

    /// <summary>What we take in an answer when the offer leaves the choice.</summary>
    public DtlsSetup PreferredSetup { get; init; } = DtlsSetup.Passive;

    public bool IceLite { get; init; } = true;

    /// <summary>Texts behind <c>candidate:</c>.</summary>
    public IReadOnlyList<string> Candidates { get; init; } = [];

    /// <summary>False when more candidates may follow by signalling (RFC 8838).</summary>
    public bool IsComplete { get; init; } = true;
}
