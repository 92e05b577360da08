namespace Sift.Protocols.Sdp;

/// <summary>a=setup (RFC 4145 section 4, RFC 5763 section 5): who starts the DTLS handshake.</summary>
public enum DtlsSetup
{
    ActPass,
    Active,
    Passive,
    HoldConn,
}

internal static class DtlsSetups
{
    public static DtlsSetup? Parse(string? text) => text switch
    {
        "actpass" => DtlsSetup.ActPass,
        "active" => DtlsSetup.Active,
        "passive" => DtlsSetup.Passive,
        "holdconn" => DtlsSetup.HoldConn,
        _ => null,
    };

    public static string Text(this DtlsSetup setup) => setup switch
    {
        DtlsSetup.ActPass => "actpass",
        DtlsSetup.Active => "active",
        DtlsSetup.Passive => "passive",
        DtlsSetup.HoldConn => "holdconn",
    };
}
