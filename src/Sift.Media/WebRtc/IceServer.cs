namespace Sift.Media.WebRtc;

/// <summary>A STUN or TURN server for browsers, as <c>RTCIceServer</c> has it.</summary>
public sealed class IceServer
{
    /// <summary><c>stun:host:port</c>, <c>turn:host:port?transport=udp</c>.</summary>
    public IList<string> Urls { get; } = [];

    /// <summary>For TURN; null for none.</summary>
    public string? Username { get; set; }

    /// <summary>For TURN; null for none.</summary>
    public string? Credential { get; set; }
}
