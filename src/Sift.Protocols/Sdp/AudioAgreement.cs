namespace Sift.Protocols.Sdp;

/// <summary>Why an offer cannot be answered, or an answer not be used. Each maps to 488 (RFC 3261 21.4.26) for an offer.</summary>
public enum NegotiationFailure
{
    None,

    /// <summary>No audio section, or all of them with port 0.</summary>
    NoAudio,

    /// <summary>RTP profile that this leg does not speak: plain where DTLS-SRTP is asked, or the other way round.</summary>
    UnsupportedProfile,

    NoCommonCodec,

    /// <summary>No c= line for the section.</summary>
    NoAddress,

    /// <summary>DTLS-SRTP without fingerprint, ufrag or password.</summary>
    IncompleteSecurity,

    /// <summary>The answer refused our audio with port 0.</summary>
    Refused,

    /// <summary>The answer does not fit the offer (RFC 3264 6): other number of sections, other type or formats.</summary>
    AnswerDoesNotFit,
}

/// <summary>telephone-event (RFC 4733) on the clock of the chosen codec.</summary>
/// <param name="SendPayloadType">Number to put into packets that we send.</param>
/// <param name="ReceivePayloadType">Number that the peer puts into packets for us.</param>
public sealed record TelephoneEventFormat(int SendPayloadType, int ReceivePayloadType, int ClockRate);

/// <summary>The peer's ICE and DTLS lines.</summary>
public sealed record RemoteSecurity
{
    public required string IceUfrag { get; init; }

    public required string IcePwd { get; init; }

    public required IReadOnlyList<SdpFingerprint> Fingerprints { get; init; }

    /// <summary>Our own role after the negotiation: <see cref="DtlsSetup.Active"/> sends the ClientHello.</summary>
    public required DtlsSetup LocalSetup { get; init; }

    public bool IceLite { get; init; }

    public IReadOnlyList<string> Candidates { get; init; } = [];
}

/// <summary>What an offer and its answer settled, from our side.</summary>
public sealed record AudioAgreement
{
    public required AudioCodec Codec { get; init; }

    public required int SendPayloadType { get; init; }

    public required int ReceivePayloadType { get; init; }

    /// <summary>Null when the peer cannot do telephone-event on the codec's clock.</summary>
    public TelephoneEventFormat? TelephoneEvent { get; init; }

    public required string RemoteAddress { get; init; }

    public required int RemotePort { get; init; }

    public required int RemoteRtcpPort { get; init; }

    public bool RtcpMux { get; init; }

    /// <summary>What we may do. The peer holds us when <see cref="MediaDirections.Receives"/> or <see cref="MediaDirections.Sends"/> is false.</summary>
    public required MediaDirection Direction { get; init; }

    /// <summary>The peer put us on hold: sendonly, inactive or c=0.0.0.0 on its side.</summary>
    public required bool IsHeldByPeer { get; init; }

    /// <summary>Milliseconds per packet that we send.</summary>
    public required int SendPtime { get; init; }

    /// <summary>Format parameters that the peer wants from what we send.</summary>
    public string? RemoteFormatParameters { get; init; }

    public RemoteSecurity? Security { get; init; }

    /// <summary>Index of the audio section in both descriptions.</summary>
    public required int MediaIndex { get; init; }

    public string? Mid { get; init; }
}

/// <summary>Outcome of an answer given or received.</summary>
public sealed record AudioNegotiated(NegotiationFailure Failure, AudioAgreement? Agreement, SessionDescription? Answer)
{
    public bool Succeeded => Failure == NegotiationFailure.None;

    internal static AudioNegotiated Failed(NegotiationFailure failure) => new(failure, null, null);
}
