namespace Sift.Protocols.Sdp;

/// <summary>What a session description from the wire may make us hold. Beyond any of these it is refused.</summary>
public static class SdpLimits
{
    public const int MaxBytes = 64 * 1024;

    public const int MaxLines = 1024;

    public const int MaxMediaDescriptions = 32;

    /// <summary>Formats in one m= line; payload types have seven bits.</summary>
    public const int MaxFormats = 128;
}
