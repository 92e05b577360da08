namespace Sift.Media.WebRtc;

/// <summary>Figures of the shared browser port since the start. A snapshot.</summary>
public sealed record BrowserPortStatistics
{
    /// <summary>Datagrams that arrived, of every kind.</summary>
    public long Received { get; init; }

    /// <summary>Connectivity checks answered.</summary>
    public long Checks { get; init; }

    /// <summary>STUN that was not answered: malformed, unknown user, wrong password.</summary>
    public long ChecksRefused { get; init; }

    /// <summary>Datagrams from addresses that no check has proven, DTLS included.</summary>
    public long UnknownSource { get; init; }

    /// <summary>Datagrams whose first byte belongs to no protocol of RFC 7983 that is spoken here, or that are too short.</summary>
    public long Unknown { get; init; }

    /// <summary>DTLS datagrams beyond an address's share of handshakes.</summary>
    public long HandshakesLimited { get; init; }

    /// <summary>Handshakes that gave keys.</summary>
    public long Handshakes { get; init; }

    /// <summary>Handshakes that failed, wrong fingerprints included.</summary>
    public long HandshakesFailed { get; init; }

    /// <summary>SRTP and SRTCP packets whose tag was wrong.</summary>
    public long NotAuthentic { get; init; }

    /// <summary>SRTP and SRTCP packets that had come before.</summary>
    public long Replayed { get; init; }

    /// <summary>Media packets dropped for another reason: no keys yet, too long, or a leg's queue was full.</summary>
    public long MediaDropped { get; init; }

    /// <summary>Legs now.</summary>
    public int Legs { get; init; }
}
