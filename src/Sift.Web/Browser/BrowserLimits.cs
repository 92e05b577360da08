namespace Sift.Web.Browser;

/// <summary>How much one browser, one address and one account may ask of the signalling socket (<c>Sift:Browser</c>).</summary>
internal sealed record BrowserLimits
{
    /// <summary>Longest message; the longest offers of browsers have a tenth of it.</summary>
    public const int LongestMessage = 64 * 1024;

    /// <summary>Longest value passed to <c>connect()</c>, as JSON text.</summary>
    public const int LongestClientData = 16 * 1024;

    /// <summary>Sockets from one address (an IPv6 /64), logged in or not.</summary>
    public int SocketsPerAddress { get; init; } = 200;

    public int SocketsPerAccount { get; init; } = 10_000;

    /// <summary>Sockets logged in under one client name: so many devices ring at once.</summary>
    public int SocketsPerName { get; init; } = 16;

    /// <summary>Messages a socket may send per second, averaged; ten seconds' worth at once, for the candidates of a call.</summary>
    public int MessagesPerSecond { get; init; } = 20;

    /// <summary>How long a new socket may take to log in.</summary>
    public TimeSpan LoginTime { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a call waits for a browser whose socket is gone, as long as its media lives.</summary>
    public TimeSpan ResumeTime { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long a ringing browser whose socket is gone is waited for.</summary>
    public TimeSpan RingResumeTime { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How often logins are checked against expiry and the state of their account.</summary>
    public TimeSpan RecheckInterval { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// <c>hangup</c> follows an answer no sooner: clients of the original protocol pass it over until the answer has brought them a remote stream.
    /// </summary>
    public TimeSpan HangUpAfterAnswer { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Web origins whose pages may connect; empty for all. Not a defence: a token is needed whatever the origin.</summary>
    public IReadOnlyList<string> Origins { get; init; } = [];
}
