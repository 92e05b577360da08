namespace Sift.Protocols.Sdp;

/// <summary>Which way media flows, seen from the side whose description says it (RFC 8866 section 6.7).</summary>
[Flags]
public enum MediaDirection
{
    Inactive = 0,
    SendOnly = 1,
    RecvOnly = 2,
    SendRecv = SendOnly | RecvOnly,
}

public static class MediaDirections
{
    /// <summary>The same flow seen from the other side.</summary>
    public static MediaDirection Reversed(this MediaDirection direction) => direction switch
    {
        MediaDirection.SendOnly => MediaDirection.RecvOnly,
        MediaDirection.RecvOnly => MediaDirection.SendOnly,
        MediaDirection.Inactive => MediaDirection.Inactive,
        MediaDirection.SendRecv => MediaDirection.SendRecv,
    };

    public static bool Sends(this MediaDirection direction) => (direction & MediaDirection.SendOnly) != 0;

    public static bool Receives(this MediaDirection direction) => (direction & MediaDirection.RecvOnly) != 0;

    internal static string AttributeName(this MediaDirection direction) => direction switch
    {
        MediaDirection.SendOnly => "sendonly",
        MediaDirection.RecvOnly => "recvonly",
        MediaDirection.Inactive => "inactive",
        MediaDirection.SendRecv => "sendrecv",
    };

    internal static MediaDirection? Of(IReadOnlyList<SdpAttribute> attributes)
    {
        foreach (var (name, _) in attributes)
        {
            switch (name)
            {
                case "sendrecv":
                    return MediaDirection.SendRecv;
                case "sendonly":
                    return MediaDirection.SendOnly;
                case "recvonly":
                    return MediaDirection.RecvOnly;
                case "inactive":
                    return MediaDirection.Inactive;
                default:
                    break;
            }
        }

        return null;
    }
}
