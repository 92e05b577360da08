using System.Net;

namespace Sift.Media.WebRtc;

/// <summary>Settings of the browser side (<c>Sift:WebRtc</c>).</summary>
public sealed class BrowserOptions
{
    /// <summary>The UDP port that all browser legs share; 0 for any free one.</summary>
    public int Port { get; set; }

    /// <summary>Listens on the TCP port of the same number too, for browsers whose network lets no UDP out.</summary>
    public bool Tcp { get; set; } = true;

    /// <summary>The address the port is bound to; the unspecified address means all of them.</summary>
    public IPAddress BindAddress { get; set; } = IPAddress.Loopback;

    /// <summary>
    /// Addresses that browsers are told to send to, when they differ from the bound one (1:1 NAT, several networks). Empty: the bound
    /// address, or all addresses of this host when bound to all.
    /// </summary>
    public IList<IPAddress> PublicAddresses { get; } = [];

    /// <summary>The side of ICE that the server plays.</summary>
    public IceMode Ice { get; set; } = IceMode.Lite;

    /// <summary>STUN and TURN servers handed through to browsers. With <see cref="IceMode.Full"/> the server asks the STUN servers too.</summary>
    public IList<IceServer> IceServers { get; } = [];

    /// <summary>How long a call may ring without a decision of call control before it ends.</summary>
    public TimeSpan IncomingTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a client that called or accepted may take to offer media: the user answers the microphone prompt meanwhile.</summary>
    public TimeSpan OfferTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long connectivity checks and the DTLS handshake may take after the answer.</summary>
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>
    /// How long a leg whose browser said goodbye by DTLS waits for a new offer: a page that reloads says the same goodbye as one that is closed.
    /// </summary>
    public TimeSpan ReloadGrace { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Opus in answers, when libopus is there. Off: PCMU and PCMA only.</summary>
    public bool Opus { get; set; } = true;

    /// <summary>
    /// Answers with PCMU or PCMA even where the browser prefers Opus, when no leg asked for other codecs: 20 times cheaper, and no loss
    /// where the call goes on to a telephone.
    /// </summary>
    public bool PreferG711 { get; set; }

    /// <summary>Samples per second at which Opus is coded: 8000, 12000, 16000, 24000 or 48000. The wire is the same for all.</summary>
    public int OpusSampleRate { get; set; } = 16000;

    /// <summary>DTLS handshakes that one address may begin per minute; more are ignored.</summary>
    public int HandshakesPerMinute { get; set; } = 120;
}
