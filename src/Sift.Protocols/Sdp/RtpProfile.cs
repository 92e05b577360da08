namespace Sift.Protocols.Sdp;

/// <summary>The transport protocols of an m= line that Sift speaks.</summary>
internal static class RtpProfile
{
    public const string Plain = "RTP/AVP";
    public const string Secure = "UDP/TLS/RTP/SAVPF";

    public static bool IsPlain(string protocol) => protocol is "RTP/AVP" or "RTP/AVPF";

    /// <summary>RFC 8842 keeps the older names alive: an offer of RTP/SAVPF with a fingerprint means DTLS-SRTP too.</summary>
    public static bool IsDtls(string protocol) => protocol is "UDP/TLS/RTP/SAVPF" or "UDP/TLS/RTP/SAVP" or "RTP/SAVPF";
}
