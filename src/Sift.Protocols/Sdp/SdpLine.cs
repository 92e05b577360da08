namespace Sift.Protocols.Sdp;

/// <summary>A line that is kept but not interpreted: i=, u=, e=, p=, b=, t=, r=, z=, k=.</summary>
public readonly record struct SdpLine(char Type, string Value);
