namespace Sift.Media.WebRtc;

/// <summary>Which side of ICE the server plays (RFC 8445 2.5).</summary>
public enum IceMode
{
    /// <summary>Answers the browser's checks and sends none of its own. For a server with a public address, or one that is mapped 1:1.</summary>
    Lite,

    /// <summary>
    /// Checks the browser's addresses too, learns its own from the STUN servers among <see cref="BrowserOptions.IceServers"/>, and asks for
    /// consent while a call lasts. For a server behind a NAT.
    /// </summary>
    Full,
}
