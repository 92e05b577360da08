namespace Sift.Web.Browser;

/// <summary>The way to one client. Neither member waits nor throws.</summary>
internal interface IBrowserSocket
{
    void Send(byte[] message);

    /// <summary>Closes after what was sent before is out.</summary>
    void Close(SocketClose code, string reason);
}

/// <summary>Why a socket is closed (RFC 6455 7.4.1; 4000 and up are ours).</summary>
internal enum SocketClose
{
    GoingAway = 1001,
    NotText = 1003,
    Refused = 1008,
    TooLong = 1009,

    /// <summary>The call went on over another socket: this one must not come back for it.</summary>
    TakenOver = 4001,
}
