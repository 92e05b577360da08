namespace Sift.Protocols.Srtp;

/// <summary>Protection profiles, with their DTLS-SRTP numbers (RFC 5764 4.1.2, RFC 7714 14.2).</summary>
public enum SrtpProfile : ushort
{
    /// <summary>AES counter mode with a 128-bit key, HMAC-SHA1 cut to 80 bits (RFC 3711).</summary>
    Aes128CmHmacSha1Tag80 = 0x0001,

    /// <summary>AES-128 in Galois counter mode with a 128-bit tag (RFC 7714).</summary>
    AeadAes128Gcm = 0x0007,
}

/// <summary>Sizes that follow from a profile.</summary>
public static class SrtpProfileSizes
{
    /// <summary>Master key length in bytes.</summary>
    public const int Key = 16;

    /// <summary>The most bytes that protection adds to a packet: a 16-byte tag and the 4-byte SRTCP index.</summary>
    public const int LargestOverhead = 20;

    /// <summary>Master salt length in bytes.</summary>
    public static int SaltLength(this SrtpProfile profile) => profile == SrtpProfile.AeadAes128Gcm ? 12 : 14;

    /// <summary>Authentication tag length in bytes.</summary>
    public static int TagLength(this SrtpProfile profile) => profile == SrtpProfile.AeadAes128Gcm ? 16 : 10;
}

/// <summary>Why a packet was or was not accepted.</summary>
public enum SrtpResult
{
    Ok,

    /// <summary>Too short or not RTP/RTCP version 2.</summary>
    Malformed,

    /// <summary>Seen before, or too old for the replay window (RFC 3711 3.3.2).</summary>
    Replayed,

    /// <summary>The tag does not fit.</summary>
    NotAuthentic,

    /// <summary>More synchronisation sources than one leg may bring.</summary>
    TooManySources,
}
